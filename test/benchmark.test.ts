import { describe, expect, it } from 'vitest';
import { adviceOn } from '../src/benchmark/advice.js';
import { type BenchmarkRow, benchmarkPrompts } from '../src/benchmark/benchmark.js';
import { benchmarkReport, benchmarkTable } from '../src/benchmark/report.js';
import { useWarmRuntime } from './support/warm-runtime.js';
import { useWorkplace } from './support/workplace.js';

useWarmRuntime();

const place = useWorkplace();

const rows = ['aaa', 'zzz', 'aba', 'zyz', 'aab', 'zzy', 'baa'].map((text) => ({
  text,
  label: text.includes('a') ? 'x' : 'q',
}));

describe('benchmarkPrompts', () => {
  it('measures every prompt on the same rows, with what it reads and weighs', async () => {
    const settings = { shots: 2, searchSteps: 2, methods: ['lora', 'head'], maxSteps: 2, threads: 1 };
    const names: string[] = [];
    const result = await benchmarkPrompts({
      ...place.pretrained,
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
    expect([plain.text, prompt!.text, shots!.text, lora!.text]).toEqual([
      undefined,
      '{text}?',
      undefined,
      undefined,
    ]);
    expect(searched!.text).toEqual(expect.any(String));
    const report = benchmarkReport(result);
    expect(report).toContain(result.advice.replaceAll('"', '&quot;'));
    expect(report).toContain('{text}?');
    expect(report.match(/class="bar"/g)).toHaveLength(2 * 7);
  });

  it('compares generated texts by metrics', async () => {
    const pairs = ['ab', 'ba', 'aa', 'bb'].map((prompt) => ({ prompt, completion: ` ${prompt}` }));
    const result = await benchmarkPrompts({
      ...place.pretrained,
      ...{ shots: 2, searchSteps: 0, methods: ['lora', 'head'], maxSteps: 1, threads: 1 },
      data: pairs,
      test: pairs.slice(0, 3),
      prompts: ['{prompt}='],
      metrics: ['chrf2', 'exact-match'],
    });
    expect(result.rows.map(({ name }) => name)).toEqual(['no examples', 'prompt 1', '2 examples', 'lora']);
    expect(result).toMatchObject({ metric: 'chrf2', learned: 4, measured: 3 });
    expect(result.majority).toBeUndefined();
    const [plain, prompt, shots] = result.rows as [BenchmarkRow, BenchmarkRow, BenchmarkRow];
    expect(Object.keys(plain.scores)).toEqual(['chrf2', 'exact-match']);
    expect([plain.tokens, prompt.tokens]).toEqual([2, 3]);
    expect(shots.tokens).toBe(2 + 2 * 7); // two letters, a space, two letters and two line breaks each
    expect(benchmarkTable(result)[0]!.slice(0, 5)).toEqual(['prompt', 'chrf2', '95 %', 'p', 'exact-match']);
    const wrong = { data: pairs, test: pairs, metrics: ['accuracy'] };
    await expect(benchmarkPrompts({ ...place.pretrained, ...wrong })).rejects.toThrow('metrics');
  });

  it('shows no more examples than there are rows', async () => {
    const result = await benchmarkPrompts({
      ...{ ...place.pretrained, data: rows.slice(0, 3), test: rows, prompts: [], threads: 1 },
      ...{ searchSteps: 0, methods: ['lora'], maxSteps: 1 },
    });
    expect(result.rows.map(({ name }) => name)).toContain('3 examples');
  });

  it('refuses rows without labels, by their place', async () => {
    const test = [{ text: 'a' }];
    await expect(benchmarkPrompts({ ...place.pretrained, data: rows, test })).rejects.toThrow(/label/);
  });
});

describe('the advice', () => {
  const row = (name: string, score: number, others: Partial<BenchmarkRow> = {}): BenchmarkRow => ({
    ...{
      name,
      score,
      scores: { accuracy: score },
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
  const on = (...rows: BenchmarkRow[]) =>
    adviceOn({ model: 'm', metric: 'accuracy', learned: 9, measured: 50, majority, rows });

  it.each([
    [
      'a better learned prompt, with what it saves',
      on(row('8 examples', 0.7), learned(0.8, 0.1, 0.01)),
      'lora is 10.0 points better than "8 examples", the best prompt of text (p = 0.010), and reads 5.0 times fewer ' +
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
