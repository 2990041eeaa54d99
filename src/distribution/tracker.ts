/**
 * @file What becomes of works that are in a queue, from two looks: what the queue holds, and then what the store has.
 *   It decides what to add again and what is done, and knows neither clocks nor connections.
 */
import type { WorkState } from './work.js';

/** What a queue holds, by the keys of works. */
export interface QueueSight {
  readonly waiting: ReadonlySet<string>;
  readonly running: ReadonlySet<string>;
  /** Why the queue gave them up. */
  readonly failed: ReadonlyMap<string, string>;
}

export type TrackerAction =
  /** Give it to the queue, in the place of one that failed earlier. */
  | { readonly type: 'add'; readonly key: string }
  /** Give the queue a second one, for it takes much longer than the others. */
  | { readonly type: 'copy'; readonly key: string }
  /** Its result is in the store. */
  | { readonly type: 'done'; readonly key: string }
  | { readonly type: 'failed'; readonly key: string; readonly reason: string }
  /** What it is doing has changed. */
  | { readonly type: 'state'; readonly key: string; readonly state: WorkState };

interface Tracked {
  state: Extract<WorkState, 'waiting' | 'running' | 'lost'>;
  /** Looks in a row at which neither the queue nor the store had it. */
  missed: number;
  startedAt?: number;
  hasCopy: boolean;
}

/** A work is slow that takes so many times as long as half of the others. */
const slowFactor = 3;
const leastMeasured = 3;
/** Of shared folders, some show a new entry late. */
const looksUntilLost = 2;

export class Tracker {
  readonly #tracked = new Map<string, Tracked>();
  /** How long works took that were seen running, in milliseconds. */
  readonly #durations: number[] = [];

  get pending(): number {
    return this.#tracked.size;
  }

  /** Begins to track a work. */
  begin(key: string): TrackerAction[] {
    if (this.#tracked.has(key)) return [];
    this.#tracked.set(key, { state: 'waiting', missed: 0, hasCopy: false });
    return [{ type: 'add', key }];
  }

  /** Nobody waits for it any more. */
  forget(key: string): void {
    this.#tracked.delete(key);
  }

  /** Which works may have a result: those that the queue no longer has at work. To be looked up after the sight. */
  toLookUp({ waiting, running }: QueueSight): string[] {
    return [...this.#tracked]
      .filter(([key, { hasCopy }]) => hasCopy || !(waiting.has(key) || running.has(key)))
      .map(([key]) => key);
  }

  /**
   * @param now milliseconds
   * @param stored which of `toLookUp` the store had, looked up after the sight was taken: whoever does a work puts its
   *   result there before the queue forgets it
   */
  look(now: number, sight: QueueSight, stored: ReadonlySet<string>): TrackerAction[] {
    const actions: TrackerAction[] = [];
    const nothingWaits = sight.waiting.size === 0;
    for (const [key, tracked] of [...this.#tracked]) {
      const become = (state: Tracked['state']) => {
        if (tracked.state === state) return;
        tracked.state = state;
        actions.push({ type: 'state', key, state });
      };
      if (stored.has(key)) {
        if (tracked.startedAt !== undefined) this.#durations.push(now - tracked.startedAt);
        this.#tracked.delete(key);
        actions.push({ type: 'done', key });
      } else if (sight.running.has(key)) {
        tracked.missed = 0;
        tracked.startedAt ??= now;
        become('running');
        if (nothingWaits && !tracked.hasCopy && this.#isSlow(now - tracked.startedAt)) {
          tracked.hasCopy = true;
          actions.push({ type: 'copy', key });
        }
      } else if (sight.waiting.has(key)) {
        tracked.missed = 0;
        // Its worker is gone, and the queue has taken it back.
        if (tracked.state === 'running') become('lost');
        else become('waiting');
        tracked.startedAt = undefined;
      } else if (sight.failed.has(key)) {
        this.#tracked.delete(key);
        actions.push({ type: 'failed', key, reason: sight.failed.get(key)! });
      } else if (++tracked.missed >= looksUntilLost) {
        tracked.missed = 0;
        tracked.startedAt = undefined;
        become('lost');
        actions.push({ type: 'add', key });
      }
    }
    return actions;
  }

  #isSlow(duration: number): boolean {
    if (this.#durations.length < leastMeasured) return false;
    const sorted = this.#durations.toSorted((a, b) => a - b);
    return duration > slowFactor * sorted[Math.floor(sorted.length / 2)]!;
  }
}
