/** @file Finds who answers: the server that the page is from, if it is a studio, or this tab. */

import type { Language } from '../messages/messages.svelte.js';
import { type Backend, BackendError } from './backend.js';
import { HttpBackend } from './http.js';

/** @throws BackendError with status 401 if the server asks for a key */
export async function openBackend(key: string | undefined, language: Language): Promise<Backend> {
  const server = new HttpBackend({ key, language });
  try {
    await server.about();
    return server;
  } catch (error) {
    if (error instanceof BackendError && error.status !== undefined && error.status !== 404) throw error;
  }
  const { openTab } = await import('./tab.js');
  return openTab(language);
}
