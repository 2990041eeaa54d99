/** @file An adapter that knows how it is used. */
import type { AdapterUsage } from '../formats/adapter-content.js';
import type { Adapter } from './method.js';

/** The adapter, and that of each of its tasks, with how it is used. */
export function withUsage<A extends Adapter>(adapter: A, usage: AdapterUsage | undefined): A {
  const { tasks } = adapter;
  if (!usage) return adapter;
  if (!tasks) return { ...adapter, usage };
  const adapterFor = (task: number) => withUsage(tasks.adapterFor(task), usage);
  return { ...adapter, usage, tasks: { ...tasks, adapterFor } };
}
