/** @file A signal that is aborted when it is asked for the nth time, so that a test can abort work at every point. */

export class AbortAt {
  readonly reason = new Error('enough');
  readonly #controller = new AbortController();
  /** How often the signal was asked. */
  asked = 0;

  /** @param at the time that aborts it. Default: none */
  constructor(at = Number.POSITIVE_INFINITY) {
    this.signal.throwIfAborted = () => {
      if (++this.asked >= at) this.#controller.abort(this.reason);
      AbortSignal.prototype.throwIfAborted.call(this.signal);
    };
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }
}
