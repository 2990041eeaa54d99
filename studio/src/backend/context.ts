/** @file The backend that the shell has opened, for everything inside it. */
import { getContext, setContext } from 'svelte';
import type { Backend } from './backend.js';

const key = Symbol('backend');

export const provideBackend = (backend: () => Backend): void => void setContext(key, backend);

/** While a component is set up. */
export const getBackend = (): Backend => getContext<() => Backend>(key)();
