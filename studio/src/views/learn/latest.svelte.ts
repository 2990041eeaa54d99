/**
 * @file The answer to the latest of many questions, as from a form while it is filled in. A question waits until none
 *   has come for a while, and ends the one before it. The last answer stays in sight meanwhile.
 */
import { language } from '../../messages/messages.svelte.js';

/** Milliseconds. */
const pause = 350;

export class Latest<T> {
  #value = $state.raw<T>();
  #error = $state.raw<Error>();
  #isAsking = $state(false);

  get value(): T | undefined {
    return this.#value;
  }
  /** Of the latest question; then there is no value. */
  get error(): Error | undefined {
    return this.#error;
  }
  get isAsking(): boolean {
    return this.#isAsking;
  }

  clear(): undefined {
    this.#value = undefined;
    this.#error = undefined;
    this.#isAsking = false;
  }

  /** Returns what takes the question back, for an effect, which asks again when the page's language changes. */
  ask(question: (signal: AbortSignal) => Promise<T>): () => void {
    void language.current;
    const controller = new AbortController();
    const { signal } = controller;
    this.#isAsking = true;
    const timer = setTimeout(async () => {
      try {
        const value = await question(signal);
        if (signal.aborted) return;
        this.#value = value;
        this.#error = undefined;
      } catch (error) {
        if (signal.aborted) return;
        this.#value = undefined;
        this.#error = error as Error;
      }
      this.#isAsking = false;
    }, pause);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }
}
