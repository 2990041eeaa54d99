/** @file The threads that ONNX Runtime has in this process, to end them as a fault of their own would. */
import type { Worker } from 'node:worker_threads';

export class EngineThreads {
  #newest: Worker | undefined;
  readonly #note = (worker: Worker) => {
    this.#newest = worker;
    worker.once('exit', () => {
      if (this.#newest === worker) this.#newest = undefined;
    });
  };

  /** Sees the threads that are started from now on. */
  constructor() {
    process.on('worker', this.#note);
  }

  /**
   * Sends the thread what it cannot read. It ends by that error when it has done what it was sent before, and not in
   * native code, where its end would be that of the process.
   * @returns a promise of its end
   */
  async end(): Promise<void> {
    const worker = this.#newest;
    if (!worker) return;
    const gone = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage(null);
    await gone;
  }

  stop(): void {
    process.off('worker', this.#note);
  }
}
