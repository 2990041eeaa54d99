/** @file Pieces give what the whole gives in one process, to the last bit. Here they are done in this process. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { workplace } from '../../../test/support/workplace.js';
import type { Engine, ResultFiles } from '../../distribution/work.js';
import type { Pretrained } from '../../index.js';
import {
  evaluate,
  evaluateLoss,
  fromPretrained,
  openDataset,
  searchPrompt,
  trainAdapter,
} from '../../index.js';
import type { TextsResult } from '../evaluations/loss.js';
import type { EvaluateJob } from '../jobs/evaluate-job.js';
import { runJob } from '../jobs/job.js';
import { rowsFromBytes, rowsToBytes, tensorsFromBytes, tensorsToBytes } from './encoded-rows.js';
import { openPieces } from './open-pieces.js';
import { PieceWorker } from './pieces.js';
import {
  batchGeneratorSource,
  evaluatorSource,
  type Pieces,
  promptLossesSource,
  remoteStep,
} from './remote.js';

const rows = Array.from({ length: 10 }, (_, i) => ({
  prompt: `The ${['cat', 'dog', 'bird'][i % 3]} ${'very '.repeat(i % 4)}much likes`,
  completion: i % 2 === 0 ? ' fish' : ' the garden',
}));

let cwd: string;
let pretrained: Pretrained;
let worker: PieceWorker;
let pieces: Pieces;
let done: string[];
beforeAll(async () => {
  cwd = await workplace();
  pretrained = await fromPretrained(join(cwd, 'model'));
  worker = new PieceWorker();
  // Two at once, of which the later one often ends first.
  const engine: Engine = {
    atOnce: 2,
    async run(work) {
      done.push(work.kind);
      await new Promise((resolve) => setImmediate(resolve));
      return worker.run(work);
    },
    async close() {},
  };
  pieces = { engine, of: { model: join(cwd, 'model') } };
});
beforeEach(() => {
  done = [];
});
afterAll(async () => {
  await worker[Symbol.asyncDispose]();
  await rm(cwd, { recursive: true, force: true });
});

describe('pieces', () => {
  it('of a loss', async () => {
    const { model, tokenizer } = pretrained;
    const dataset = await openDataset({ data: rows, tokenizer });
    const options = { model, dataset, batchSize: 4 };
    const whole = await evaluateLoss(options);
    const divided = await evaluateLoss({ ...options, createEvaluator: evaluatorSource(pieces, model) });
    expect(divided).toEqual(whole);
    expect(done).toEqual(['losses', 'losses', 'losses']);
  });

  it('of answers and of labels, with texts that are drawn', async () => {
    const common = { ...pretrained, data: rows, batchSize: 3 };
    const texts = {
      ...common,
      metrics: ['rouge-l'],
      generation: { maxNewTokens: 4, temperature: 1, seed: 3 },
    };
    const createBatchGenerator = batchGeneratorSource(pieces);
    expect(await evaluate({ ...texts, createBatchGenerator })).toEqual(await evaluate(texts));
    const labels = { ...common, metrics: ['accuracy'], labels: ['fish', 'the garden'] };
    const createEvaluator = evaluatorSource(pieces, pretrained.model);
    expect(await evaluate({ ...labels, createEvaluator })).toEqual(await evaluate(labels));
    expect(done).toEqual([...Array(4).fill('answers'), ...Array(4).fill('losses')]);
  });

  it('of a search', async () => {
    const search = {
      ...pretrained,
      data: rows,
      method: 'gcg',
      steps: 2,
      numTokens: 3,
      numCandidates: 5,
    } as const;
    const createEvaluator = evaluatorSource(pieces, pretrained.model);
    const divided = { ...search, createEvaluator, createPromptLosses: promptLossesSource(pieces) };
    expect(await searchPrompt(divided)).toEqual(await searchPrompt(search));
    expect(done.filter((kind) => kind === 'prompt-losses')).toHaveLength(10);
  });

  it.each(['prompt-tuning', 'lora'] as const)(
    'of training by %s: gradients are added in their order',
    async (method) => {
      const config = {
        ...{ ...pretrained, data: rows, validation: 2, method, learningRate: 0.01, maxSteps: 3 },
        ...{ batchSize: 2, gradientAccumulationSteps: 3, threads: 1 },
      };
      const bytesOf = async ({ adapter }: Awaited<ReturnType<typeof trainAdapter>>) =>
        [...(await adapter.files()).entries()].map(([name, bytes]) => [
          name,
          Buffer.from(bytes).toString('base64'),
        ]);
      const whole = await trainAdapter(config);
      const divided = await trainAdapter({ ...config, createStep: (run) => remoteStep(pieces, run) });
      expect(divided.best).toEqual(whole.best);
      expect(await bytesOf(divided)).toEqual(await bytesOf(whole));
      expect(done.length).toBeGreaterThanOrEqual(9);
    },
  );
});

it('of a job: with an adapter and alone are different works, in a store that knows them by their keys', async () => {
  const output = join(cwd, 'run');
  const { model, tokenizer } = pretrained;
  const settings = { data: rows, method: 'lora', learningRate: 0.5, maxSteps: 3, threads: 1 } as const;
  await trainAdapter({ model, tokenizer, ...settings, output });
  await writeFile(join(cwd, 'rows.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
  // The adapter names its model.
  const job: EvaluateJob = {
    type: 'evaluate',
    adapters: [output],
    data: join(cwd, 'rows.jsonl'),
    threads: 1,
  };
  const known = new Map<string, ResultFiles>();
  const elsewhere: Engine = {
    ...{ atOnce: 2, isElsewhere: true, machineClass: 'c', threads: 1 },
    async run(work) {
      const files = known.get(work.key) ?? (await worker.run(work));
      known.set(work.key, files);
      return files;
    },
    async close() {},
  };
  const whole = await runJob(job);
  expect(await runJob(job, { engine: elsewhere })).toEqual(whole);
  expect(whole).not.toMatchObject({ model: { loss: (whole as TextsResult).adapter!.loss } });
  expect(known.size).toBe(4);
});

it('an engine hears of the model when the pieces are opened, as they name it themselves', async () => {
  const named: unknown[] = [];
  const engine: Engine = {
    ...pieces.engine,
    threads: 3,
    prepare: (of) => void named.push(of),
    async run(work) {
      named.push((work.input as { of: unknown }).of);
      return worker.run(work);
    },
  };
  const of = { model: join(cwd, 'model'), adapters: undefined };
  const opened = await openPieces({ engine, of }, pretrained);
  worker.open({ model: join(cwd, 'nowhere') }); // what goes wrong ahead of a piece harms no other one
  worker.open(opened.of);
  const dataset = await openDataset({ data: rows, tokenizer: pretrained.tokenizer });
  const { model } = pretrained;
  await evaluateLoss({ model, dataset, batchSize: 10, createEvaluator: evaluatorSource(opened, model) });
  expect(named).toHaveLength(2);
  expect(named[0]).toEqual({ model: join(cwd, 'model'), threads: 3 });
  expect(JSON.stringify(named[1])).toBe(JSON.stringify(named[0]));
});

it('rows and tensors are what they were', () => {
  const examples = [
    { inputIds: Int32Array.of(1, 2, 300), lossMask: Uint8Array.of(0, 1, 1) },
    {
      ...{ inputIds: Int32Array.of(5), lossMask: Uint8Array.of(1), labels: Int32Array.of(2), taskId: 3 },
      ...{ referenceMargin: 0.1, rejected: { inputIds: Int32Array.of(9), lossMask: Uint8Array.of(1) } },
    },
  ];
  expect(rowsFromBytes(rowsToBytes(examples))).toEqual(examples);
  const tensors = new Map([
    ['a', Float32Array.of(1.5, Number.NaN, -0)],
    ['ü', new Float32Array()],
    ['c', Float32Array.of(3e-45)],
  ]);
  expect(tensorsFromBytes(tensorsToBytes(tensors))).toEqual(tensors);
});
