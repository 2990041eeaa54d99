import { expect, it } from 'vitest';
import * as z from 'zod';
import { UsageError } from '../../errors.js';
import { jobSchema, parseJob } from './job-schema.js';

const train = { type: 'train', output: 'runs/a', config: { data: 'pairs.jsonl', methodOptions: {} } };
const cell = {
  id: 'lora-all-seed-0',
  folder: 'out/lora-all-seed-0',
  method: 'lora',
  size: 'all',
  seed: 0,
  settings: {
    model: 'promptune-mini',
    run: { data: 'a.jsonl', method: 'lora' },
    reading: { appendEos: true },
    test: 'b.jsonl',
    metrics: ['f1'],
    generation: {},
  },
};
const evaluate = {
  type: 'evaluate',
  data: 'test.jsonl',
  answers: { metrics: ['f1'], generation: { topK: 3 } },
};

it('a job that trains gets the defaults of its run, and may hold its rows', () => {
  const config = { data: [{ prompt: 'a', completion: 'b' }], method: 'lora', maxSteps: 3 };
  expect(parseJob({ ...train, config })).toMatchObject({
    model: 'promptune-mini',
    output: 'runs/a',
    config: { ...config, batchSize: 8, optimizer: { name: 'adamw' } },
  });
});

it('the other jobs are as they were given', () => {
  expect(parseJob(evaluate)).toBe(evaluate);
  const job = { type: 'cell', cell };
  expect(parseJob(job)).toBe(job);
});

it.each<[string, unknown, string]>([
  ['no object', 'train', 'expected a job, an object with a type'],
  ['no type', {}, 'type: expected one of train, evaluate, compare, benchmark, cell, got nothing'],
  [
    'another type',
    { type: 'bake' },
    'type: expected one of train, evaluate, compare, benchmark, cell, got "bake"',
  ],
  ['a key of the job', { ...train, outputs: 'a' }, 'outputs: the key is unknown; did you mean "output"?'],
  ['a missing key', { ...train, output: undefined }, 'output: expected string'],
  [
    'a key of the configuration',
    { ...train, config: { data: 'a', optimizer: { name: 'adamw', weightDecay: -1 } } },
    'config.optimizer.weightDecay: expected number to be >=0, got -1',
  ],
  [
    'an option of the method',
    { ...train, config: { data: 'a', methodOptions: { numVirtualTokens: 0 } } },
    'config.methodOptions.numVirtualTokens: expected number to be >0, got 0',
  ],
  [
    'an option in the wrong part',
    { ...train, config: { data: 'a', weightDecay: 0.1 } },
    'config.weightDecay: the key is unknown; did you mean "weightDecay" under "optimizer"?',
  ],
  [
    'an adapter, which no JSON can hold',
    { ...train, config: { data: 'a', methodOptions: { initAdapter: { form: 'peft', tensors: {} } } } },
    "config.methodOptions.initAdapter: expected an adapter's folder",
  ],
  [
    'a metric',
    { ...evaluate, answers: { metrics: ['f1', 'f2'] } },
    'answers.metrics.1: there is no metric "f2"; did you mean "f1"?',
  ],
  [
    'a key of generation',
    { ...evaluate, answers: { generation: { topk: 3 } } },
    'answers.generation.topk: the key is unknown; did you mean "topK"?',
  ],
  [
    'a key of a cell',
    { type: 'cell', cell: { ...cell, settings: { ...cell.settings, test: 3 } } },
    'cell.settings.test: expected string, got 3',
  ],
])('says what is wrong by its place: %s', (_, job, message) => {
  expect(() => parseJob(job)).toThrow(UsageError);
  expect(() => parseJob(job)).toThrow(message);
});

it('names all problems at once', () => {
  const job = { type: 'train', config: { data: 3, epochs: 0 }, resume: 'yes' };
  let found: unknown;
  try {
    parseJob(job);
  } catch (error) {
    found = (error as UsageError).problems.map(({ path }) => path.join('.')).sort();
  }
  expect(found).toEqual(['config.data', 'config.epochs', 'output', 'resume']);
});

it('the schema alone checks the same, and converts to JSON Schema with a description for each key', () => {
  expect(
    jobSchema.safeParse({ ...train, config: { data: 'a', methodOptions: { numTokens: 1 } } }).success,
  ).toBe(false);
  expect(jobSchema.safeParse(train).success).toBe(true);
  const { oneOf } = z.toJSONSchema(jobSchema, { io: 'input', unrepresentable: 'any' });
  const parts = oneOf as { properties: Record<string, { description?: string; const?: unknown }> }[];
  expect(parts.map(({ properties }) => properties.type!.const)).toEqual([
    'train',
    'evaluate',
    'compare',
    'benchmark',
    'cell',
  ]);
  for (const { properties } of parts)
    for (const [key, { description, const: only }] of Object.entries(properties))
      if (only === undefined) expect(description, key).toMatch(/\w/);
});
