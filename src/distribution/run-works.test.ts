import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PromptuneError, UsageError } from '../errors.js';
import { folderStore } from './folder-store.js';
import { differentFiles, errorOfFailures, keepResult, runWorks } from './run-works.js';
import { isInShare, parseShare } from './share.js';
import { filesOf, textOf, toyEngine, toyResult, toyWork } from './toy-engine.fixture.js';
import { workKey } from './work-key.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promptune-works-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const works = ['a', 'b', 'c', 'd'].map((label, i) => toyWork(label, { cost: i }));

describe('works', () => {
  it('are begun with the costliest, as many at once as the engine can have, and told in their order', async () => {
    const begun: string[] = [];
    let atHand = 0;
    let most = 0;
    const engine = toyEngine(async (work) => {
      begun.push(work.label);
      most = Math.max(most, ++atHand);
      await new Promise((resolve) => setImmediate(resolve));
      atHand--;
      return toyResult(work);
    });
    const outcomes = await runWorks(works, { engine });
    expect(begun).toEqual(['d', 'c', 'b', 'a']);
    expect(most).toBe(2);
    expect(outcomes.map((outcome) => outcome?.state === 'done' && textOf(outcome.files))).toEqual([
      '"a"',
      '"b"',
      '"c"',
      '"d"',
    ]);
  });

  it('that a store has are not done again', async () => {
    const store = folderStore(join(folder, 'kept'));
    await runWorks(works.slice(0, 3), { engine: toyEngine(toyResult), store });
    const again: string[] = [];
    const engine = toyEngine((work) => {
      again.push(work.label);
      return toyResult(work);
    });
    const outcomes = await runWorks(works, { engine, store });
    expect(again).toEqual(['d']);
    expect(outcomes.map((outcome) => outcome?.state === 'done' && outcome.kept)).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it('that fail do not end the others; a bug does', async () => {
    const engine = toyEngine((work) => {
      if (work.label === 'c') throw new PromptuneError('diverged');
      return toyResult(work);
    });
    const states: string[] = [];
    const onState = ({ label }: { label: string }, state: string) => states.push(`${label} ${state}`);
    const outcomes = await runWorks(works, { engine, onState });
    expect(outcomes.map((outcome) => outcome?.state)).toEqual(['done', 'done', 'failed', 'done']);
    expect(states).toContain('c failed');
    const broken = toyEngine(() => {
      throw new TypeError('a bug');
    });
    await expect(runWorks(works, { engine: broken })).rejects.toThrow('a bug');
  });

  it('are stopped by the signal: nothing new is begun, and what was stopped has no outcome', async () => {
    const controller = new AbortController();
    const engine = toyEngine((work) => {
      if (work.label === 'a') return toyResult(work);
      controller.abort();
      throw new DOMException('stopped', 'AbortError');
    }, 1);
    const outcomes = await runWorks(works, { engine, signal: controller.signal });
    expect(outcomes.map((outcome) => outcome?.state)).toEqual(['done', undefined, undefined, undefined]);
  });
});

describe('two attempts of one work', () => {
  const work = toyWork('twice');

  it('with the same result leave nothing behind, whatever their times', async () => {
    const store = folderStore(join(folder, 'same'));
    const warnings: string[] = [];
    const first = await keepResult(store, work, toyResult(work));
    const second = await keepResult(store, work, toyResult(work), (message) => warnings.push(message));
    expect(textOf(second, 'measured.json')).toBe(textOf(first, 'measured.json'));
    expect([warnings, await store.list('conflict')]).toEqual([[], []]);
  });

  it('with different results keep the first, and the other beside it, with a warning', async () => {
    const store = folderStore(join(folder, 'other'));
    const warnings: string[] = [];
    await keepResult(store, work, toyResult(work));
    const kept = await keepResult(store, work, filesOf({ 'result.json': '"else"' }), (message) =>
      warnings.push(message),
    );
    expect(textOf(kept)).toBe('"twice"');
    expect(warnings).toEqual([
      expect.stringMatching(
        /^twice: another attempt gave other bytes \(result\.json\); the first result counts/,
      ),
    ]);
    const [conflict] = await store.list('conflict');
    expect(conflict).toContain(work.key);
    expect(textOf(await store.get(conflict!))).toBe('"else"');
  });

  it('differ by missing files too', () => {
    expect(differentFiles(filesOf({ a: '1', b: '2' }), filesOf({ a: '1', c: '3' }))).toEqual(['b', 'c']);
  });
});

it('a key is the same for the same work, in any order, and another for another class, content or setting', () => {
  const one = {
    kind: 'cell',
    machineClass: 'x',
    contents: { data: '1', test: '2' },
    settings: { a: 1, b: [2] },
  };
  const key = workKey(one);
  expect(key).toMatch(/^[0-9a-f]{64}$/);
  expect(workKey({ ...one, contents: { test: '2', data: '1' }, settings: { b: [2], a: 1 } })).toBe(key);
  const others = [
    { ...one, kind: 'losses' },
    { ...one, machineClass: 'y' },
    { ...one, contents: { data: '1', test: '3' } },
    { ...one, settings: { a: 1, b: [3] } },
  ];
  expect(new Set([key, ...others.map(workKey)]).size).toBe(5);
});

it('shares divide all works, each in one of them', () => {
  const shares = [1, 2, 3].map((number) => parseShare(`${number}/3`));
  const taken = shares.map((share) => [0, 1, 2, 3, 4, 5, 6].filter((index) => isInShare(index, share)));
  expect(taken).toEqual([
    [0, 3, 6],
    [1, 4],
    [2, 5],
  ]);
  for (const wrong of ['0/3', '4/3', '1', '1/0', 'a/b'])
    expect(() => parseShare(wrong)).toThrow('expected K/N');
});

it('failures have one error: a UsageError where all are', () => {
  const usage = { label: 'a', error: new UsageError('wrong') };
  const other = { label: 'b', error: new PromptuneError('diverged') };
  expect(errorOfFailures([usage], 3)).toBeInstanceOf(UsageError);
  expect(errorOfFailures([usage], 3).message).toBe('a: wrong');
  expect(errorOfFailures([usage, other], 3)).not.toBeInstanceOf(UsageError);
  expect(errorOfFailures([usage, other], 3).message).toBe('2 of 3 failed, first a: wrong');
});
