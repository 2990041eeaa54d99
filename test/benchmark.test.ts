import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adviceOn } from '../src/benchmark/advice.js';
import { type BenchmarkRow, benchmarkPrompts } from '../src/benchmark/benchmark.js';
import { benchmarkReport, benchmarkTable } from '../src/benchmark/report.js';
import { fromPretrained, type Pretrained } from '../src/index.js';
import { useWarmRuntime } from './support/warm-runtime.js';
import { workplace } from './support/workplace.js';

useWarmRuntime();

let root: string;
let pretrained: Pretrained;
beforeAll(async () => {
  root = await workplace();
  pretrained = await fromPretrained(join(root, 'model'));
});
afterAll(() => rm(root, { recursive: true }));

const rows = ['aaa', 'zzz', 'aba', 'zyz', 'aab', 'zzy', 'baa'].map((text) => ({
  text,
  label: text.includes('a') ? 'x' : 'q',
}));

describe('benchmarkPrompts', () => {
  it('measures every prompt on the same rows, with what it reads and weighs', async () => {
    const settings = { shots: 2, searchSteps: 2, methods: ['lora', 'head'], maxSteps: 2, threads: 1 };
    const names: string[] = [];
    const result = await benchmarkPrompts({
      ...pretrained,
      ...settings,
      data: rows,
      test: rows.slice(0, 5),
      prompts: ['{text}?'],
      onEvent: (event) => event.type === 'contender' && names.push(event.name),
    });
    expect(names).toEqual(result.rows.map(({ name }) => name));
    expect(names).toEqual([
      'no examples',
      'prompt 1',
      '2 examples',
      '2 examples, calibrated',
      'searched text',
      'lora',
      'head',
    ]);
    expect(result).toMatchObject({ learned: 7, measured: 5, majority: { label: 'x', share: 3 / 5 } });
    expect(result.rows.filter(({ comparison }) => comparison === undefined)).toHaveLength(1);
    const [plain, prompt, shots, , searched, lora] = result.rows as [BenchmarkRow, ...BenchmarkRow[]];
    expect(prompt!.tokens).toBe(4); // three letters and a question mark
    expect(shots!.tokens).toBeGreaterThan(2 * plain.tokens);
    expect(searched!.tokens).toBeGreaterThan(plain.tokens);
    expect(lora!.tokens).toBe(plain.tokens);
    expect(lora!.bytes).toBeGreaterThan(500);
    expect(benchmarkTable(result)).toHaveLength(8);
    expect(benchmarkReport(result)).toContain(result.advice.replaceAll('"', '&quot;'));
  });

  it('refuses rows without labels, by their place', async () => {
    const test = [{ text: 'a' }];
    await expect(benchmarkPrompts({ ...pretrained, data: rows, test })).rejects.toThrow(/label/);
  });
});

describe('the advice', () => {
  const row = (name: string, accuracy: number, others: Partial<BenchmarkRow> = {}): BenchmarkRow => ({
    ...{
      name,
      accuracy,
      kind: 'text',
      interval: { low: 0, high: 1 },
      tokens: 100,
      milliseconds: 1,
      bytes: 0,
    },
    ...{ preparation: 0, ...others },
  });
  const learned = (accuracy: number, difference: number, pValue: number, tokens = 20): BenchmarkRow =>
    row('lora', accuracy, { kind: 'learned', tokens, comparison: { difference, pValue } });
  const majority = { label: 'x', share: 0.5 };
  const on = (...rows: BenchmarkRow[]) => adviceOn({ model: 'm', learned: 9, measured: 50, majority, rows });

  it.each([
    [
      'a better learned prompt, with what it saves',
      on(row('8 examples', 0.7), learned(0.8, 0.1, 0.01)),
      'lora is 10.0 points better than "8 examples", the best prompt of text (p = 0.01), and reads 5.0 times fewer ' +
        'tokens per request.',
    ],
    [
      'a difference that may be chance',
      on(row('8 examples', 0.7), learned(0.72, 0.02, 0.6)),
      'On these 50 rows, no learned prompt is reliably more accurate than "8 examples"; lora reads 5.0 times fewer ' +
        'tokens per request.',
    ],
    [
      'a model that does not know the task',
      on(row('8 examples', 0.5), learned(0.4, -0.1, 0.6)),
      'Nothing is better than always saying "x" (50.0 %): this model does not know the task, or there are too few rows.',
    ],
  ])('names %s', (_, advice, expected) => expect(advice).toBe(expected));
});
