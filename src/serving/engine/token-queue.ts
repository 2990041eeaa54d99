/** @file The tokens of one request, between the engine, which never waits, and a reader, who may be slow. */

/** Items can be read once, in order. If the reader stops early, further items are dropped. */
export class TokenQueue<Item> implements AsyncIterableIterator<Item> {
  #items: Item[] = [];
  #end: { readonly error?: unknown } | undefined;
  #wake: (() => void) | undefined;

  /** @param onLeave called once if the reader stops before the end */
  constructor(private readonly onLeave: () => void) {}

  push(item: Item): void {
    if (this.#end) return;
    this.#items.push(item);
    this.#wake?.();
  }

  /** Ends the queue. The reader gets the error after all items that came before it. */
  close(end: { readonly error?: unknown } = {}): void {
    this.#end ??= end;
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<Item>> {
    for (;;) {
      if (this.#items.length > 0) return { value: this.#items.shift()!, done: false };
      if (this.#end) {
        if ('error' in this.#end) throw this.#end.error;
        return { value: undefined, done: true };
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async return(): Promise<IteratorResult<Item>> {
    const isEarly = !this.#end;
    this.#items = [];
    this.close();
    if (isEarly) this.onLeave();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
