/**
 * @file The tracker against a world that loses, doubles, delays and reorders: thousands of schedules on a clock that is
 *   turned by hand. The world does what BullMQ does: locks that run out, jobs that go back, jobs that are given up.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type QueueSight, Tracker, type TrackerAction } from './tracker.js';

const sightOf = (
  given: Partial<Record<'waiting' | 'running', string[]>> & { failed?: [string, string][] },
): QueueSight => ({
  waiting: new Set(given.waiting),
  running: new Set(given.running),
  failed: new Map(given.failed),
});
const nothing = new Set<string>();

describe('a tracker', () => {
  it('tells states as they change: waiting, running, lost with its worker, running again, done', () => {
    const tracker = new Tracker();
    expect(tracker.begin('a')).toEqual([{ type: 'add', key: 'a' }]);
    expect(tracker.begin('a')).toEqual([]);
    expect(tracker.look(0, sightOf({ waiting: ['a'] }), nothing)).toEqual([]);
    const running = [{ type: 'state', key: 'a', state: 'running' }];
    expect(tracker.look(1, sightOf({ running: ['a'] }), nothing)).toEqual(running);
    expect(tracker.look(2, sightOf({ waiting: ['a'] }), nothing)).toEqual([
      { type: 'state', key: 'a', state: 'lost' },
    ]);
    expect(tracker.look(3, sightOf({ running: ['a'] }), nothing)).toEqual(running);
    expect(tracker.toLookUp(sightOf({ running: ['a'] }))).toEqual([]);
    expect(tracker.toLookUp(sightOf({}))).toEqual(['a']);
    expect(tracker.look(4, sightOf({}), new Set(['a']))).toEqual([{ type: 'done', key: 'a' }]);
    expect(tracker.pending).toBe(0);
  });

  it('adds again what neither the queue nor the store has, at the second look', () => {
    const tracker = new Tracker();
    tracker.begin('a');
    expect(tracker.look(0, sightOf({}), nothing)).toEqual([]);
    expect(tracker.look(1, sightOf({}), nothing)).toEqual([
      { type: 'state', key: 'a', state: 'lost' },
      { type: 'add', key: 'a' },
    ]);
  });

  it('takes a result for a result, although the queue gave the work up', () => {
    const tracker = new Tracker();
    tracker.begin('a');
    tracker.begin('b');
    const failed = sightOf({
      failed: [
        ['a', 'out of memory'],
        ['b', 'late'],
      ],
    });
    expect(tracker.look(0, failed, new Set(['b']))).toEqual([
      { type: 'failed', key: 'a', reason: 'out of memory' },
      { type: 'done', key: 'b' },
    ]);
  });

  it('has a slow work done twice once nothing else waits', () => {
    const tracker = new Tracker();
    for (const key of ['a', 'b', 'c', 'slow']) tracker.begin(key);
    const all = ['a', 'b', 'c', 'slow'];
    tracker.look(0, sightOf({ running: all }), nothing);
    tracker.look(10, sightOf({ running: ['slow'] }), new Set(['a', 'b', 'c']));
    expect(tracker.look(29, sightOf({ running: ['slow'] }), nothing)).toEqual([]);
    expect(tracker.look(31, sightOf({ running: ['slow'], waiting: ['other'] }), nothing)).toEqual([]);
    expect(tracker.look(32, sightOf({ running: ['slow'] }), nothing)).toEqual([
      { type: 'copy', key: 'slow' },
    ]);
    expect(tracker.look(99, sightOf({ running: ['slow'] }), nothing)).toEqual([]);
    // The copy may have ended although the first one still runs.
    expect(tracker.toLookUp(sightOf({ running: ['slow'] }))).toEqual(['slow']);
  });
});

interface Job {
  key: string;
  stalls: number;
}
interface Attempt {
  job: Job;
  /** The worker is dead or partitioned: it no longer renews its lock. */
  isAlone: boolean;
}

/** A queue, its workers and a store. Every method is something that can happen at any time. */
class World {
  waiting: Job[] = [];
  active: Attempt[] = [];
  failed = new Map<string, string>();
  store = new Map<string, string>();
  /** Works of workers whose lock was lost, which end some day. */
  late: string[] = [];
  stored = 0;

  constructor(
    readonly poison: ReadonlySet<string>,
    readonly maxStalls: number,
  ) {}

  add(key: string): void {
    this.failed.delete(key);
    const isKnown = [...this.waiting, ...this.active.map(({ job }) => job)].some((job) => job.key === key);
    if (!isKnown) this.waiting.push({ key, stalls: 0 });
  }

  /** A second job for the same work. */
  copy(key: string): void {
    this.waiting.push({ key, stalls: 0 });
  }

  take(index: number): void {
    const [job] = this.waiting.splice(index % Math.max(1, this.waiting.length), 1);
    if (!job) return;
    if (job.stalls > this.maxStalls) this.failed.set(job.key, 'job stalled more than allowable limit');
    else this.active.push({ job, isAlone: this.poison.has(job.key) });
  }

  finish(index: number): void {
    const at = this.active.findIndex(
      ({ isAlone }, i) => !isAlone && i >= index % Math.max(1, this.active.length),
    );
    if (at < 0) return;
    const [attempt] = this.active.splice(at, 1);
    this.put(attempt!.job.key);
  }

  /** kill -9, a partition, or a laptop asleep; the last two end their work later. */
  lose(index: number, endsLate: boolean): void {
    const attempt = this.active[index % Math.max(1, this.active.length)];
    if (!attempt) return;
    attempt.isAlone = true;
    if (endsLate && !this.poison.has(attempt.job.key)) this.late.push(attempt.job.key);
  }

  /** Locks without a worker run out. */
  checkStalled(): void {
    const stalled = this.active.filter(({ isAlone }) => isAlone);
    this.active = this.active.filter(({ isAlone }) => !isAlone);
    for (const { job } of stalled) this.waiting.unshift({ ...job, stalls: job.stalls + 1 });
  }

  endLate(): void {
    const key = this.late.shift();
    if (key !== undefined) this.put(key);
  }

  /** All of Redis is lost, and workers at hand finish alone. */
  empty(): void {
    this.late.push(...this.active.filter(({ job }) => !this.poison.has(job.key)).map(({ job }) => job.key));
    this.waiting = [];
    this.active = [];
    this.failed.clear();
  }

  put(key: string): void {
    if (!this.store.has(key)) this.stored++;
    this.store.set(key, `result of ${key}`);
  }

  sight(): QueueSight {
    return {
      waiting: new Set(this.waiting.map(({ key }) => key)),
      running: new Set(this.active.map(({ job }) => job.key)),
      failed: new Map(this.failed),
    };
  }
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ what: fc.constantFrom('take' as const, 'finish' as const), index: fc.nat(9) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ what: fc.constant('lose' as const), index: fc.nat(9), endsLate: fc.boolean() }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ what: fc.constantFrom('stalled' as const, 'late' as const, 'look' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constantFrom('empty' as const, 'crash' as const) }) },
);

describe('whatever happens', () => {
  it('every work ends once, with its result, and what ends every worker is given up', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.array(step, { maxLength: 120 }),
        fc.array(fc.nat(7), { maxLength: 2 }),
        (count, steps, poisoned) => {
          const keys = Array.from({ length: count }, (_, i) => `k${i}`);
          const poison = new Set(poisoned.filter((i) => i < count).map((i) => `k${i}`));
          // So many that deaths by chance alone never give a work up; poison gets there in the end.
          const world = new World(poison, steps.length);
          let tracker = new Tracker();
          let outcomes = new Map<string, string>();
          let now = 0;

          const act = (actions: readonly TrackerAction[]) => {
            for (const action of actions) {
              if (action.type === 'add') {
                expect(world.store.has(action.key) && !world.sight().running.has(action.key)).toBe(false);
                world.add(action.key);
              }
              if (action.type === 'copy') world.copy(action.key);
              if (action.type !== 'done' && action.type !== 'failed') continue;
              expect(outcomes.has(action.key)).toBe(false); // told once
              outcomes.set(action.key, action.type);
              if (action.type === 'done') expect(world.store.get(action.key)).toBe(`result of ${action.key}`);
            }
          };
          const look = () => {
            const sight = world.sight();
            const stored = new Set(tracker.toLookUp(sight).filter((key) => world.store.has(key)));
            now += 1000;
            act(tracker.look(now, sight, stored));
          };
          const begin = () => {
            for (const key of keys) if (!world.store.has(key)) act(tracker.begin(key));
          };
          begin();
          for (const one of steps) {
            if (one.what === 'take') world.take(one.index);
            else if (one.what === 'finish') world.finish(one.index);
            else if (one.what === 'lose') world.lose(one.index, one.endsLate);
            else if (one.what === 'stalled') world.checkStalled();
            else if (one.what === 'late') world.endLate();
            else if (one.what === 'empty') world.empty();
            else if (one.what === 'look') look();
            else {
              // The coordinator is killed, and the same command started again.
              tracker = new Tracker();
              outcomes = new Map();
              begin();
            }
          }
          // Nothing more goes wrong: a few rounds end everything.
          for (let round = 0; tracker.pending > 0; round++) {
            expect(round).toBeLessThan(10 * (steps.length + count + 5));
            world.take(0);
            world.checkStalled();
            world.finish(0);
            world.endLate();
            look();
          }
          for (const key of keys) {
            const isDone = world.store.has(key);
            expect(isDone).toBe(!poison.has(key));
            if (outcomes.has(key)) expect(outcomes.get(key)).toBe(isDone ? 'done' : 'failed');
          }
          expect(world.stored).toBe(world.store.size);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
