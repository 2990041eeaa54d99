import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadTinyGpt2 } from '../../test/support/tiny-gpt2.js';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import type { Adapter } from '../attach/method.js';
import { placeLearner } from '../attach/placed-prompt.js';
import { FileError, PromptuneError, UsageError } from '../errors.js';
import { createTextGenerator } from '../generation/text-generator.js';
import { methodNamed } from '../methods/registry.js';
import type { LanguageModel } from '../models/model.js';
import { openDataset } from '../text/dataset.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { evaluate } from './evaluate.js';
import { computeLogits } from './logits.js';
import { evaluateLoss, type RowLoss } from './loss.js';
import { defineMetric } from './metrics/define-metric.js';
import { comparePredictions, readPredictions, writePredictions } from './predictions.js';
import { evaluationReport } from './report/evaluation-report.js';
import { bootstrapInterval } from './significance.js';

useWarmRuntime();

/** A token a character, from the space on; the last of the 96 ends a text. */
const tokenizer: Tokenizer = {
  encode: (text) => Array.from(text, (c) => c.charCodeAt(0) - 32),
  decode: (ids) => String.fromCharCode(...Array.from(ids, (id) => id + 32)),
  vocabSize: 96,
  eosTokenId: 95,
  tokenOf: (id) => String.fromCharCode(id + 32),
  idOf: (token) => token.charCodeAt(0) - 32,
};

const records = [
  { prompt: 'Is it red?', completion: ' yes' },
  { prompt: 'Is the sky of the evening green?', completion: ' no' },
  { prompt: 'Q', completion: ' no' },
];
const labels = ['yes', 'no'];

let model: LanguageModel;
let adapter: Adapter;
let folder: string;
beforeAll(async () => {
  model = await loadTinyGpt2();
  const config = { numVirtualTokens: 4 };
  adapter = await methodNamed('prompt-tuning').createLearner({ model, tokenizer, config, seed: 1 });
  folder = await mkdtemp(join(tmpdir(), 'promptune-evaluate-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The log-probability of a completion with its end, from the logits of the whole text. */
async function logProbability(learned: Adapter | undefined, prompt: string, completion: string) {
  const ids = [...tokenizer.encode(prompt + completion), 95];
  const { data } = await computeLogits({ model, adapter: learned, texts: [ids] });
  return ids.slice(prompt.length).reduce((sum, id, i) => {
    const row = data.subarray((prompt.length + i - 1) * 96, (prompt.length + i) * 96);
    const total = row.reduce((all, score) => all + Math.exp(score), 0);
    return sum + row[id]! - Math.log(total);
  }, 0);
}

describe('evaluate', () => {
  it('takes your own metric together with names of metrics', async () => {
    const length = defineMetric({ name: 'length', score: ({ prediction }) => prediction.length });
    const generation = { maxNewTokens: 3 };
    const options = { model, tokenizer, data: records, generation, metrics: ['exact-match', length, 'loss'] };
    const { scores, rows } = await evaluate(options);
    expect(Object.keys(scores)).toEqual(['exact-match', 'length', 'loss']);
    const lengths = rows.map(({ prediction }) => prediction.length);
    expect(rows.map((row) => row.scores.length)).toEqual(lengths);
    expect(scores.length).toMatchObject({ value: lengths.reduce((a, b) => a + b) / 3, better: 'higher' });
    expect(scores.length!.interval).toBeDefined();
  });

  it.each([
    ['the model alone', false],
    ['a soft prompt', true],
  ])('chooses the likeliest label, as a completion: %s', async (_, isTuned) => {
    const learned = isTuned ? adapter : undefined;
    const options = {
      model,
      tokenizer,
      adapter: learned,
      data: records,
      labels,
      metrics: ['accuracy', 'macro-f1'],
    };
    const { rows, scores } = await evaluate({ ...options, batchSize: 2 });
    for (const [i, { prompt, completion }] of records.entries()) {
      const [yes, no] = [
        await logProbability(learned, prompt, ' yes'),
        await logProbability(learned, prompt, ' no'),
      ];
      const row = rows[i]!;
      expect(row.probabilities!.yes).toBeCloseTo(1 / (1 + Math.exp(no - yes)), 4);
      expect(row.probabilities!.yes! + row.probabilities!.no!).toBeCloseTo(1, 12);
      expect(row).toMatchObject({
        place: `row ${i + 1}`,
        prompt,
        references: [completion.trim()],
        prediction: yes > no ? 'yes' : 'no',
        scores: { accuracy: Number((yes > no ? ' yes' : ' no') === completion) },
      });
    }
    const right = rows.filter(({ prediction, references }) => prediction === references[0]).length;
    expect(scores.accuracy!.value).toBeCloseTo(right / 3, 12);
    expect(scores.accuracy!.interval!.low).toBeLessThanOrEqual(scores.accuracy!.value);
    expect(rows[0]!.scores).not.toHaveProperty('macro-f1'); // one row has none
  });

  it('scores the texts of a generator, in batches of any size', async () => {
    const generation = { maxNewTokens: 6, temperature: 1.5, topK: 0, seed: 3 };
    const generator = createTextGenerator({ model, tokenizer, adapter });
    const expected = await generator.generate(
      records.map(({ prompt }) => prompt),
      generation,
    );
    await generator.dispose();
    const options = {
      model,
      tokenizer,
      adapter,
      data: records,
      generation,
      metrics: ['chrf2', 'distinct-1'],
    };
    for (const batchSize of [1, 2, 8]) {
      const { rows } = await evaluate({ ...options, batchSize });
      expect(rows.map(({ prediction }) => prediction)).toEqual(expected.map(({ text }) => text.trim()));
    }
  });

  it('gives the loss of `evaluateLoss` together with metrics of answers', async () => {
    const dataset = await openDataset({ data: records, tokenizer, vocabSize: 96, maxLength: 60 });
    const { loss, perplexity, rows } = await evaluateLoss({ model, adapter, dataset });
    expect(rows.map(({ labelTokens }) => labelTokens)).toEqual([...dataset.labelCounts]);
    const sumOf = (indices: number[], of: (row: RowLoss) => number) =>
      indices.reduce((sum, index) => sum + of(rows[index]!), 0);
    const lossOf = (indices: number[]) =>
      sumOf(indices, ({ lossSum }) => lossSum) / sumOf(indices, ({ labelTokens }) => labelTokens);
    expect(lossOf([...rows.keys()])).toBeCloseTo(loss, 12);
    const interval = bootstrapInterval({ of: (indices) => lossOf(Array.from(indices)) }, rows.length);
    expect(interval.low).toBeLessThan(loss);
    expect(interval.high).toBeGreaterThan(loss);
    const metrics = ['loss', 'accuracy', 'perplexity'];
    const { scores } = await evaluate({ model, tokenizer, adapter, data: records, labels, metrics });
    expect(Object.keys(scores)).toEqual(metrics);
    const { low, high } = scores.loss!.interval!;
    expect(scores.loss).toEqual({
      value: loss,
      interval: { low, high },
      better: 'lower',
      signature: 'over 13 tokens',
    });
    expect(low).toBeCloseTo(interval.low, 12);
    expect(high).toBeCloseTo(interval.high, 12);
    expect(scores.perplexity).toMatchObject({
      value: perplexity,
      interval: { low: Math.exp(low), high: Math.exp(high) },
    });
    expect((await evaluate({ model, tokenizer, data: records, metrics: ['loss'] })).rows).toEqual([]);
  });

  it('accepts several right answers in a field, and leaves room for an answer after a long prompt', async () => {
    const long = [{ prompt: 'x'.repeat(200), answers: ['b', ' a '], n: 1 }];
    const options = { model, tokenizer, data: long, referenceField: 'answers', metrics: ['exact-match'] };
    const { rows } = await evaluate({ ...options, generation: { maxNewTokens: 5 } });
    expect(rows[0]!.references).toEqual(['b', 'a']);
    const short = [{ ...long[0]!, prompt: 'x'.repeat(59) }]; // of the model's 64 positions
    const cut = await evaluate({ ...options, data: short, generation: { maxNewTokens: 5 } });
    expect(rows[0]!.prediction).toBe(cut.rows[0]!.prediction);
  });
});

it('truncating a long prompt removes text and keeps soft tokens', async () => {
  const template = '{soft:2}{prompt}';
  const options = { model, tokenizer, config: { numVirtualTokens: 2 }, seed: 1 };
  const learner = await methodNamed('prompt-tuning').createLearner(options);
  const placed = placeLearner(learner, template, 2);
  const answer = async (prompt: string) => {
    const records = [{ prompt, completion: 'a' }];
    const generation = { maxNewTokens: 5 };
    const base = { model, tokenizer, adapter: placed, data: records, generation, metrics: ['bleu'] };
    return (await evaluate(base)).rows[0]!.prediction;
  };
  // Of 64 positions 5 are for the answer and 2 for the soft tokens.
  expect(await answer('y'.repeat(9) + 'x'.repeat(57))).toBe(await answer('x'.repeat(57)));
  expect(await answer('x'.repeat(57))).not.toBe('');
});

describe('evaluate refuses', () => {
  const refused = (options: object) =>
    evaluate({ model, tokenizer, data: records, metrics: ['bleu'], ...options }).then(
      () => expect.fail('it was not refused'),
      (error: Error) => error,
    );

  it.each([
    [
      { metrics: ['bleu'], labels },
      UsageError,
      /"bleu" compares texts, but labels are predicted.* accuracy, macro-f1, mcc, ece$/,
    ],
    [{ metrics: ['mcc'] }, UsageError, /"mcc" is for labels, but texts are generated/],
    [{ metrics: ['blue'] }, UsageError, /there is no metric "blue"; did you mean "bleu"\?/],
    [{ metrics: [] }, UsageError, /metrics: expected at least one/],
    [
      { metrics: ['accuracy'], labels: ['yes', 'yes'] },
      UsageError,
      /two or more different labels, got yes, yes/,
    ],
    [
      { metrics: ['accuracy'], labels: ['no', 'maybe'] },
      PromptuneError,
      /^row 1: the answer "yes" is not one of the labels no, maybe$/,
    ],
    [{ data: [{ text: 'one' }] }, PromptuneError, /^row 1: the record is one text without a separate prompt/],
    [{ data: [{ prompt: 'a', completion: '  ' }] }, PromptuneError, /^row 1: the reference is empty/],
    [{ referenceField: 'answers' }, PromptuneError, /^row 1: there is no field "answers"/],
    [
      { referenceField: 'answers', data: [{ prompt: 'a', answers: [] }] },
      PromptuneError,
      /^row 1: there is no reference/,
    ],
    [
      { referenceField: 'answers', data: [{ prompt: 'a', answers: ['x', ''] }] },
      PromptuneError,
      /^row 1: reference 2 is empty/,
    ],
    [
      { referenceField: 'answers', data: [{ prompt: 'a', answers: [null] }] },
      PromptuneError,
      /reference 1 of the field "answers" is null/,
    ],
    [
      { metrics: ['accuracy'], labels, referenceField: 'x' },
      UsageError,
      /^referenceField: labels are chosen/,
    ],
    [
      { metrics: ['accuracy'], labels, data: [records[0]!, { prompt: '', completion: 'no' }] },
      PromptuneError,
      /^row 2: the prompt is empty, and there is no learned prompt/,
    ],
    [{ data: [] }, PromptuneError, /the data set is empty/],
  ])('%j', async (options, kind, message) => {
    const error = await refused(options);
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toMatch(message);
  });

  it('a row of a file by its line', async () => {
    const path = join(folder, 'data.jsonl');
    await writeFile(path, '{"prompt":"a","completion":"yes"}\n\n{"prompt":"b","completion":"never"}\n');
    const error = await refused({ data: path, labels, metrics: ['accuracy'] });
    expect(error).toBeInstanceOf(FileError);
    expect(error.message).toBe(`${path} (line 3): the answer "never" is not one of the labels yes, no`);
  });
});

describe('predictions', () => {
  const row = (prompt: string, prediction: string) => ({
    place: 'line 1',
    prompt,
    prediction,
    references: ['a cat'],
    scores: { chrf2: 1 },
  });
  const write = async (name: string, ...rows: ReturnType<typeof row>[]) => {
    const path = join(folder, name);
    await writePredictions(path, { scores: {}, rows });
    return path;
  };

  it('are read as they were written, and compared', async () => {
    const first = await write('first.jsonl', row('p', 'a dog'), row('q', 'a cat'));
    const second = await write('second.jsonl', row('p', 'a cat'), row('q', 'a cat'));
    expect(await readPredictions(first)).toMatchObject(
      [row('p', 'a dog'), row('q', 'a cat')].map(({ place: _, ...rest }) => rest),
    );
    expect(JSON.parse((await readFile(first, 'utf8')).split('\n')[1]!)).toMatchObject({
      row: 2,
      prompt: 'q',
    });
    const { rows, metrics } = await comparePredictions([first, second], ['exact-match']);
    expect(rows).toBe(2);
    expect(metrics).toMatchObject([{ name: 'exact-match', first: 50, second: 100, difference: 50 }]);
    expect((await comparePredictions([first, second], undefined)).metrics[0]!.name).toBe('chrf2');
  });

  it('of other rows, or for a metric that does not fit them, are refused with the place', async () => {
    const first = await write('first.jsonl', row('p', 'a dog'), row('q', 'a cat'));
    const other = await write('other.jsonl', row('p', 'a dog'), row('r', 'a cat'));
    const short = await write('short.jsonl', row('p', 'a dog'));
    await expect(comparePredictions([first, other], ['chrf2'])).rejects.toThrow(
      `${other} (line 2): its row of data differs from that line of ${first}; compare runs on the same data`,
    );
    await expect(comparePredictions([first, short], ['chrf2'])).rejects.toThrow('expected 2 rows as in');
    await expect(comparePredictions([first, first], ['mcc'])).rejects.toThrow('"mcc" is for labels');
    const broken = join(folder, 'broken.jsonl');
    await writeFile(broken, '{"prediction": "x", "references": []}\n');
    await expect(readPredictions(broken)).rejects.toThrow(
      /broken\.jsonl \(line 1\): expected a row of predictions.*references/,
    );
  });
});

describe('evaluationReport', () => {
  const hostile = '<script>alert("x")</script>&\'';
  const evaluation = (prediction: string) => ({
    scores: {
      accuracy: {
        value: 0.5,
        interval: { low: 0.25, high: 0.75 },
        better: 'higher' as const,
        signature: 's',
      },
    },
    rows: [
      {
        place: 'line 1',
        prompt: hostile,
        references: ['yes'],
        prediction,
        probabilities: { yes: 0.3, no: 0.7 },
        scores: { accuracy: Number(prediction === 'yes') },
      },
    ],
  });

  it('escapes the data, loads nothing, and shows both models side by side', () => {
    const report = evaluationReport({
      title: hostile,
      facts: { data: hostile },
      evaluations: [
        { title: 'with the adapter', evaluation: evaluation('yes') },
        { title: 'without it', evaluation: evaluation('no') },
      ],
      settings: { answers: hostile },
      differences: { accuracy: { difference: 0.1, interval: { low: 0, high: 0.2 }, pValue: 0.0004 } },
    });
    expect(report).not.toContain('<script');
    expect(report).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;');
    expect(report).not.toMatch(/(src|href)=|url\(|@import|https?:/);
    expect(report).toContain("default-src 'none'");
    expect(report).toContain('prefers-color-scheme: dark');
    expect(report).toMatch(/0\.5000 <span class="interval">\[0\.2500, 0\.7500\]<\/span>/);
    expect(report).toContain('p &lt; 0.001');
    expect(report.match(/class="fill" style="left: 0.00%; width: 66.67%"/g)).toHaveLength(2); // 0.5 of 0.75
    expect(report.match(/class="range" style="left: 33.33%; width: 66.67%"/g)).toHaveLength(2);
    expect(report).not.toContain('<svg');
    expect(report.match(/class="matrix"/g)).toHaveLength(2);
    for (const tag of ['table', 'tr', 'td', 'div', 'figure', 'svg', 'g', 'span'])
      expect(report.match(new RegExp(`<${tag}[ >]`, 'g'))?.length, tag).toBe(
        report.match(new RegExp(`</${tag}>`, 'g'))?.length,
      );
  });

  it('has the turns of a conversation, the majority and the losses of training', () => {
    const [row] = evaluation('yes').rows;
    const messages = [
      { role: 'user', content: 'Is <b> a letter?' },
      { role: 'assistant', content: null },
    ];
    const report = evaluationReport({
      ...{ title: 'Turns', facts: {} },
      evaluations: [
        {
          title: 'cats',
          evaluation: {
            ...evaluation('yes'),
            rows: [{ ...row!, messages }],
            majority: { label: 'no', share: 0.6 },
          },
        },
      ],
      training: [
        {
          title: 'cats',
          loss: Array.from({ length: 500 }, (_, i) => ({ step: i + 1, value: 2 / (i + 1) })),
          validationLoss: [{ step: 500, value: Number.NaN }],
        },
      ],
    });
    expect(report).toContain(
      '<div class="turn user"><span class="role">user</span>Is &lt;b&gt; a letter?</div>',
    );
    expect(report).toContain('<span class="role">assistant</span>calls a tool');
    expect(report).toContain('always “no”: 0.6000');
    expect(report).toContain('aria-label="loss over steps"');
    expect(report).toContain('500 steps');
    expect(report).not.toMatch(/NaN|Infinity|undefined/);
  });
});
