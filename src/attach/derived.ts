/** @file An adapter for use alone: what follows from its tensors is computed once, not in every run. */
import type { Adapter } from './method.js';

/** The adapter as its tensors are now, with those that follow from them. */
export async function withDerived<Kind extends Adapter | undefined>(adapter: Kind): Promise<Kind> {
  if (!adapter?.derived) return adapter;
  return { ...adapter, tensors: new Map([...adapter.tensors, ...(await adapter.derived())]) };
}
