/** @file Which learned prompts' keys and values are kept for reuse: the most recently used, up to a limit. */

/** Only the bookkeeping: the caller frees the keys that it returns. */
export class KeptPrompts {
  /** Bytes by key, the most recently used last. */
  readonly #bytes = new Map<number, number>();
  #total = 0;

  constructor(readonly limit: number) {}

  get totalBytes(): number {
    return this.#total;
  }

  get count(): number {
    return this.#bytes.size;
  }

  /** Whether a prompt is kept; marks it as used. */
  use(key: number): boolean {
    const bytes = this.#bytes.get(key);
    if (bytes === undefined) return false;
    this.#bytes.delete(key);
    this.#bytes.set(key, bytes);
    return true;
  }

  /**
   * Makes room for one more.
   * @returns the keys to free before it is kept; undefined if it exceeds the limit and is not kept
   */
  add(key: number, bytes: number): number[] | undefined {
    if (bytes > this.limit) return undefined;
    const freed: number[] = [];
    for (const oldest of this.#bytes.keys()) {
      if (this.#total + bytes <= this.limit) break;
      this.remove(oldest);
      freed.push(oldest);
    }
    this.#bytes.set(key, bytes);
    this.#total += bytes;
    return freed;
  }

  /** False if it was not kept. */
  remove(key: number): boolean {
    this.#total -= this.#bytes.get(key) ?? 0;
    return this.#bytes.delete(key);
  }
}
