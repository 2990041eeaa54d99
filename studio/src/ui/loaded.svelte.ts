/**
 * @file What a component loads: `const runs = new Loaded(() => backend.runs())`, then `runs.value`, `runs.error` and
 *   `runs.reload()`. The last value stays while the next is loaded. What is shown is in the page's language: shown in
 *   another one, it is loaded again.
 */
import { untrack } from 'svelte';
import { language } from '../messages/messages.svelte.js';

export class Loaded<T> {
  #value = $state.raw<T>();
  #error = $state.raw<Error>();
  #isLoading = $state(false);
  #latest = 0;
  #language = untrack(() => language.current);
  readonly #load: () => Promise<T>;

  constructor(load: () => Promise<T>) {
    this.#load = load;
    void this.reload();
  }

  get value(): T | undefined {
    this.#followLanguage();
    return this.#value;
  }
  get error(): Error | undefined {
    this.#followLanguage();
    return this.#error;
  }
  get isLoading(): boolean {
    return this.#isLoading;
  }

  #followLanguage(): void {
    const { current } = language;
    if (current === this.#language) return;
    this.#language = current;
    queueMicrotask(() => void this.reload()); // who reads this is being drawn, and must change nothing
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
