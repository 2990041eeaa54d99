/** @file Which sessions are open at once: those that work, and of those that wait only the last one's. */

/** Sessions that somebody keeps for later requests, and how to let go of them meanwhile. */
export type Holder = { readonly dispose: () => Promise<void> };
const busy = new Map<Holder, number>();
const holding = new Set<Holder>();

/**
 * Does something with sessions. Others' that are not at work are let go before: memory that WebAssembly once had
 * comes back only when no session is left, and the worker that had it ends.
 */
export async function withSessions<T>(holder: Holder, run: () => Promise<T>): Promise<T> {
  for (const other of holding) {
    if (other === holder || busy.has(other)) continue;
    holding.delete(other);
    await other.dispose();
  }
  holding.add(holder);
  busy.set(holder, (busy.get(holder) ?? 0) + 1);
  try {
    return await run();
  } finally {
    const left = busy.get(holder)! - 1;
    if (left > 0) busy.set(holder, left);
    else busy.delete(holder);
  }
}

/** For what disposes of its sessions itself. */
export const passing = <T>(run: () => Promise<T>): Promise<T> => {
  const holder = { dispose: async () => {} };
  return withSessions(holder, run).finally(() => holding.delete(holder));
};

/** Ends a holder's sessions for good. */
export async function endSessions(holder: Holder): Promise<void> {
  holding.delete(holder);
  await holder.dispose();
}
