/** @file An answer as it comes: its pieces of text with their tokens, or the shares of labels. */
import type { Backend, Generation, LabelShare, PieceToken } from '../../backend/backend.js';

/** What is seen as one: whole characters, with the tokens that made them. */
export interface Span {
  readonly text: string;
  readonly tokens: readonly PieceToken[];
  /** The place of its first token among all. */
  readonly first: number;
}

export class Answer {
  spans: Span[] = $state.raw([]);
  shares: readonly LabelShare[] | undefined = $state.raw();
  finish: 'stop' | 'length' | undefined = $state();
  error: Error | undefined = $state.raw();
  isBusy = $state(false);
  /** From the first token on. */
  seconds = $state(0);
  #stop = new AbortController();

  readonly text = $derived(this.spans.map(({ text }) => text).join(''));
  /** Tokens per second, once there are two. */
  readonly rate = $derived.by(() => {
    const count = this.tokens.length - 1;
    return count > 0 && this.seconds > 0 ? count / this.seconds : undefined;
  });
  readonly tokens = $derived(this.spans.flatMap(({ tokens }) => tokens));

  stop(): void {
    this.#stop.abort();
  }

  generate = (backend: Backend, request: Generation): Promise<void> =>
    this.#run(async (signal) => {
      let began: number | undefined;
      let count = 0;
      let held: PieceToken[] = [];
      for await (const { text, tokens, finish } of backend.generate(request, signal)) {
        began ??= performance.now();
        held.push(...tokens);
        if (finish) this.finish = finish;
        this.seconds = (performance.now() - began) / 1000;
        // A token that ends within a character waits for the rest of it.
        if (text === '') continue;
        this.spans = [...this.spans, { text, tokens: held, first: count }];
        count += held.length;
        held = [];
      }
    });

  classify = (backend: Backend, model: string, text: string): Promise<void> =>
    this.#run(async (signal) => {
      this.shares = await backend.classify(model, text, signal);
    });

  async #run(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.stop();
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.spans = [];
    this.shares = undefined;
    this.finish = undefined;
    this.error = undefined;
    this.seconds = 0;
    this.isBusy = true;
    try {
      await work(signal);
    } catch (error) {
      if (!signal.aborted) this.error = error as Error;
    } finally {
      if (this.#stop.signal === signal) this.isBusy = false;
    }
  }
}
