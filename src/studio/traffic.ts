/** @file What a server did lately: requests, tokens and times by interval, and by model. */
import type { RequestObserver, RequestRecord } from '../serving/http/request-record.js';
import type { Serving } from './api/index.js';

/** Length of an interval in seconds, and how many are kept. */
const seconds = 5;
const kept = 60;

interface Interval {
  readonly number: number;
  requests: number;
  newTokens: number;
  promptTokens: number;
  readonly firstTokenMs: number[];
  readonly ms: number[];
}

/** Counts requests that name a model; the page's own do not. */
export class Traffic implements RequestObserver {
  readonly since: Date;
  requests = 0;
  promptTokens = 0;
  newTokens = 0;
  readonly models = new Map<string, { requests: number; newTokens: number }>();
  #intervals: Interval[] = [];
  readonly #now: () => number;

  /** @param now a clock in milliseconds, for tests */
  constructor(now = Date.now) {
    this.#now = now;
    this.since = new Date(now());
  }

  token({ model }: RequestRecord): void {
    this.newTokens++;
    this.#current().newTokens++;
    this.#of(model!).newTokens++;
  }

  ended({ model, promptTokens, firstTokenMs, ms }: RequestRecord): void {
    if (model === undefined) return;
    const interval = this.#current();
    this.requests++;
    this.promptTokens += promptTokens;
    interval.requests++;
    interval.promptTokens += promptTokens;
    interval.ms.push(ms);
    if (firstTokenMs !== undefined) interval.firstTokenMs.push(firstTokenMs);
    this.#of(model).requests++;
  }

  /** The last five minutes, the oldest first, the present interval included. */
  history(): Serving['history'] {
    const last = this.#number();
    const first = Math.max(last - kept + 1, Math.floor(this.since.getTime() / 1000 / seconds));
    return Array.from({ length: last - first + 1 }, (_, i) => {
      const number = first + i;
      const found = this.#intervals.find((interval) => interval.number === number);
      const { requests = 0, newTokens = 0, promptTokens = 0, firstTokenMs = [], ms = [] } = found ?? {};
      return {
        time: new Date(number * seconds * 1000).toISOString(),
        ...{ seconds, requests, newTokens, promptTokens },
        ...(firstTokenMs.length > 0 && { firstTokenMs: median(firstTokenMs) }),
        ...(ms.length > 0 && { ms: median(ms) }),
      };
    });
  }

  #number(): number {
    return Math.floor(this.#now() / 1000 / seconds);
  }

  #current(): Interval {
    const number = this.#number();
    const last = this.#intervals.at(-1);
    if (last?.number === number) return last;
    const interval = { number, requests: 0, newTokens: 0, promptTokens: 0, firstTokenMs: [], ms: [] };
    this.#intervals = [...this.#intervals.filter((each) => each.number > number - kept), interval];
    return interval;
  }

  #of(model: string): { requests: number; newTokens: number } {
    const own = this.models.get(model) ?? { requests: 0, newTokens: 0 };
    this.models.set(model, own);
    return own;
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
