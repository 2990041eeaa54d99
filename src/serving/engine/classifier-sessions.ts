/**
 * @file Which classifiers have a session: those used last, up to a limit. Sessions share the model's mapped weights,
 *   but each has a graph, a head and buffers of its own.
 */
import type { Classification } from '../../evaluation/classifier.js';
import type { Fields } from '../../records/record-formats.js';

/** Labels texts, with a head or by the words of each label. Its session is created by its first request. */
export interface TextClassifier {
  readonly labels: readonly string[];
  classify(texts: readonly (string | Fields)[]): Promise<readonly Classification[]>;
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export class ClassifierSessions {
  /** The number of running requests by classifier, the most recently used last. */
  readonly #open = new Map<TextClassifier, number>();
  #closing = 0;
  /** Called when a request has ended, or a session is closed. */
  readonly #waiting: (() => void)[] = [];

  constructor(readonly limit: number) {}

  get count(): number {
    return this.#open.size;
  }

  /** Runs a request. Where the sessions of others are all at work, it waits for one to close. */
  async run<Result>(classifier: TextClassifier, request: () => Promise<Result>): Promise<Result> {
    while (!this.#open.has(classifier) && this.#open.size + this.#closing >= this.limit) {
      const [idle] = [...this.#open].find(([, running]) => running === 0) ?? [];
      if (idle) await this.close(idle);
      else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#count(classifier, 1);
    try {
      return await request();
    } finally {
      this.#count(classifier, -1);
      this.#resume();
    }
  }

  /** Closes a classifier's session, if it has one. */
  async close(classifier: TextClassifier): Promise<void> {
    this.#open.delete(classifier);
    this.#closing++;
    try {
      await classifier.dispose();
    } finally {
      this.#closing--;
      this.#resume();
    }
  }

  #resume(): void {
    for (const resume of this.#waiting.splice(0)) resume();
  }

  #count(classifier: TextClassifier, more: number): void {
    const running = (this.#open.get(classifier) ?? 0) + more;
    this.#open.delete(classifier);
    this.#open.set(classifier, running);
  }
}
