/** @file What is made of an adapter, once for all the ids that have an adapter of the same content. */

export class ByContent<Made extends object> {
  readonly #entries = new Map<string, { readonly made: Promise<Made>; users: number }>();
  readonly #keys = new Map<Made, string>();

  /** What is made for a key, by the first who asks for it. Each call is to be followed by one of `leave`. */
  async take(key: string, make: () => Promise<Made>): Promise<Made> {
    const entry = this.#entries.get(key) ?? { made: make(), users: 0 };
    this.#entries.set(key, entry);
    entry.users++;
    try {
      const made = await entry.made;
      this.#keys.set(made, key);
      return made;
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      throw error;
    }
  }

  /** Returns whether nobody else uses it, so that it can be disposed of. */
  leave(made: Made): boolean {
    const entry = this.#entries.get(this.#keys.get(made) ?? '');
    if (entry && --entry.users > 0) return false;
    this.forget(made);
    return true;
  }

  /** Has it made anew for the next who asks, as it is of no use any more. */
  forget(made: Made): void {
    const key = this.#keys.get(made);
    if (key !== undefined) this.#entries.delete(key);
    this.#keys.delete(made);
  }
}
