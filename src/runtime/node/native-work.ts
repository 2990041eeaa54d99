/**
 * @file A thread that is torn down inside a native call takes the process with it: when the call returns, handling
 *   JavaScript values fails, the binding throws where nothing catches, and the C++ runtime aborts. So a thread marks in
 *   shared memory when it is in native code, and whoever ends it waits until it is not.
 */

/** Indices into the shared memory. */
const inside = 0;
const closed = 1;

/** Each thread creates one over the same memory. */
export class NativeWork {
  readonly #state: Int32Array;

  /** @param memory default: memory for a new thread, which counts as in native code until it has loaded it */
  constructor(readonly memory = NativeWork.#ofNewThread()) {
    this.#state = new Int32Array(memory);
  }

  static #ofNewThread(): SharedArrayBuffer {
    const memory = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
    new Int32Array(memory)[inside] = 1;
    return memory;
  }

  /**
   * In the thread: runs native work. Once the thread is ending, nothing runs any more and the promise never resolves.
   */
  async do<T>(work: () => Promise<T>): Promise<T> {
    // Store first, then load: whichever thread comes first, one of the two sees the other.
    Atomics.store(this.#state, inside, 1);
    if (Atomics.load(this.#state, closed)) {
      this.leave();
      return new Promise(() => {});
    }
    return work().finally(() => this.leave());
  }

  /** In the thread: native code is left. */
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
