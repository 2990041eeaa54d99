/** @file A prompt that several continuations of one request share: one row reads it, and the others copy its cache. */
import { newCacheKey } from './loaded-adapter.js';
import type { Row } from './row.js';

export class SharedPrompt {
  /** Under which its keys and values are kept. */
  readonly key = newCacheKey();
  /** Rows that have not got them yet. */
  readonly #waiting = new Set<Row>();
  #reader: Row | undefined;
  #isRead = false;

  add(row: Row): void {
    this.#waiting.add(row);
  }

  /** Whether a row can join: nobody reads the prompt at the moment. */
  get isFree(): boolean {
    return this.#isRead || !this.#reader || this.#reader.isOver;
  }

  /** A row joins: it copies the prompt, or else reads it for the others. Returns whether nobody waits any more. */
  joined(row: Row): boolean {
    if (this.#isRead) return this.left(row);
    this.#reader = row;
    return false;
  }

  /** A row has its first token. Returns whether nobody waits any more. */
  begun(row: Row): boolean {
    if (row !== this.#reader) return false;
    this.#isRead = true;
    return this.left(row);
  }

  /** A row does not wait for the prompt any more. Returns whether it was the last one. */
  left(row: Row): boolean {
    return this.#waiting.delete(row) && this.#waiting.size === 0;
  }
}
