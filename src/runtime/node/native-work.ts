/**
 * @file A thread that is torn down inside a native call takes the process with it: when the call returns, what it does
 *   with JavaScript's values fails, the binding throws where nobody catches, and the C++ runtime aborts. So a thread
 *   tells, in memory that both sides share, while it is in native code, and whoever ends it waits until it is not.
 */

/** Indices of the shared memory. */
const inside = 0;
const closed = 1;

/** Both sides make one of the same memory. */
export class NativeWork {
  readonly #state: Int32Array;

  /** @param memory default: memory for a thread that is about to start, and so to load native code */
  constructor(readonly memory = NativeWork.#ofNewThread()) {
    this.#state = new Int32Array(memory);
  }

  static #ofNewThread(): SharedArrayBuffer {
    const memory = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
    new Int32Array(memory)[inside] = 1;
    return memory;
  }

  /** In the thread: does native work; once the thread is to end, nothing more, and then it never resolves. */
  async do<T>(work: () => Promise<T>): Promise<T> {
    // First told, then asked: one of the two sides sees the other, whatever their order.
    Atomics.store(this.#state, inside, 1);
    if (Atomics.load(this.#state, closed)) {
      this.leave();
      return new Promise(() => {});
    }
    return work().finally(() => this.leave());
  }

  /** In the thread: native code is behind it. */
  leave(): void {
    Atomics.store(this.#state, inside, 0);
    Atomics.notify(this.#state, inside);
  }

  /** Returns when the thread is out of native code and will not enter it again. Blocks, as an exit handler must. */
  close(): void {
    Atomics.store(this.#state, closed, 1);
    while (Atomics.load(this.#state, inside)) Atomics.wait(this.#state, inside, 1);
  }
}
