/**
 * @file What a component loads: `const runs = new Loaded(() => backend.runs())`, then `runs.value`, `runs.error` and
 *   `runs.reload()`. The last value stays while the next is loaded.
 */

export class Loaded<T> {
  #value = $state.raw<T>();
  #error = $state.raw<Error>();
  #isLoading = $state(false);
  #latest = 0;
  readonly #load: () => Promise<T>;

  constructor(load: () => Promise<T>) {
    this.#load = load;
    void this.reload();
  }

  get value(): T | undefined {
    return this.#value;
  }
  get error(): Error | undefined {
    return this.#error;
  }
  get isLoading(): boolean {
    return this.#isLoading;
  }

  /** Settles when it is loaded, or has failed. */
  async reload(): Promise<void> {
    this.#latest++;
    const mine = this.#latest;
    this.#isLoading = true;
    try {
      const value = await this.#load();
      if (mine !== this.#latest) return;
      this.#value = value;
      this.#error = undefined;
    } catch (error) {
      if (mine !== this.#latest) return;
      this.#error = error as Error;
    } finally {
      if (mine === this.#latest) this.#isLoading = false;
    }
  }
}
