/** @file What became of the adapters in the folder: which cannot be served, and what is noted about others. */
import type { AdapterChange } from '../workspace/index.js';

export class AdapterChanges {
  readonly #refused = new Map<string, string>();
  readonly #notes = new Map<string, string>();

  see({ id, change, error, note }: AdapterChange): void {
    if (change === 'noted') this.#notes.set(id, note!);
    else if (change === 'refused') this.#refused.set(id, error!.message);
    else this.#refused.delete(id);
    if (change === 'unloaded') this.#notes.delete(id);
  }

  noteOf(id: string): string | undefined {
    return this.#notes.get(id);
  }

  refused(): { id: string; problem: string }[] {
    return [...this.#refused].map(([id, problem]) => ({ id, problem }));
  }
}
