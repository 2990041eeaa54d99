/** @file Jobs run from their JSON, tell events that are JSON, and come to the same here and in another process. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTinyModel } from '../../../test/support/tiny-model.js';
import type { BenchmarkResult } from '../../benchmark/benchmark.js';
import { UsageError } from '../../errors.js';
import { evaluateLoss } from '../../evaluation/loss.js';
import { loadAdapter } from '../../index.js';
import { datasetOptions } from '../../loss/dataset-options.js';
import { fromPretrained } from '../../pretrained.js';
import { resolveRunConfig } from '../../runs/run-config.js';
import { dataSchema } from '../../text/data-config.js';
import { openDataset } from '../../text/dataset.js';
import type { BenchmarkJob } from './benchmark-job.js';
import type { CompareJobResult } from './compare-job.js';
import type { EvaluateJob } from './evaluate-job.js';
import type { JobEvent } from './events.js';
import { type Job, type JobResult, runJob } from './job.js';
import { runJobInProcess } from './run-in-process.js';
import type { TrainJob } from './train-job.js';

let folder: string;
let train: TrainJob;
let evaluate: EvaluateJob;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promptune-jobs-'));
  const [model, data, output] = ['model', 'pairs.jsonl', 'run'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await createTinyModel(model);
  const rows = ['a', 'b', 'c'].map((prompt) => JSON.stringify({ prompt, completion: ' x' }));
  await writeFile(data, `${rows.join('\n')}\n`);
  const config = resolveRunConfig({ data, methodOptions: { numVirtualTokens: 2 }, maxSteps: 2, threads: 1 });
  train = { type: 'train', model, output, config };
  evaluate = { type: 'evaluate', model, data, adapters: [output], threads: 1 };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** As a queue would hand it on. */
const viaJson = <T>(value: T): T => JSON.parse(JSON.stringify(value));

async function runViaJson<J extends Job>(job: J): Promise<{ result: JobResult<J>; events: JobEvent[] }> {
  const events: JobEvent[] = [];
  const result = await runJob(viaJson(job), { onEvent: (event) => events.push(event) });
  expect(viaJson(events)).toEqual(events);
  expect(viaJson(result)).toEqual(result);
  return { result, events };
}

it('train, then evaluate what was learned, here and in another process', async () => {
  const trained = await runViaJson(train);
  expect(trained.result).toMatchObject({
    stopped: false,
    step: 2,
    adapterPath: join(train.output, 'adapter'),
  });
  expect(trained.events.filter(({ type }) => type === 'step')).toHaveLength(2);
  expect(trained.events.find(({ type }) => type === 'start')).toMatchObject({ examples: 3, totalSteps: 2 });

  const { result, events } = await runViaJson(evaluate);
  if (result.kind !== 'loss') return expect.fail(`losses of texts are asked for, got ${result.kind}`);
  const { model, tokenizer } = await fromPretrained(train.model);
  const adapter = await loadAdapter(trained.result.adapterPath, model);
  const dataset = await openDataset({
    data: evaluate.data,
    ...datasetOptions(model, tokenizer, adapter, dataSchema.parse({})),
  });
  const expected = await evaluateLoss({ model, adapter, dataset, threads: 1 });
  await dataset.dispose();
  expect(result.adapter!.loss).toBe(expected.loss);
  expect(result.data).toMatchObject({ examples: 3, truncated: 0, dropped: 0 });
  expect(new Set(events.map((event) => event.type === 'progress' && event.of))).toEqual(
    new Set([undefined, 'adapter', 'model']),
  );

  const elsewhere: JobEvent[] = [];
  expect(await runJobInProcess(evaluate, { onEvent: (event) => elsewhere.push(event) })).toEqual(result);
  expect(elsewhere).toEqual(events);
}, 120_000);

it('an error from another process has its code and problems', async () => {
  const wrong: EvaluateJob = { ...evaluate, reading: { maxLength: 0 } };
  const [here, there] = await Promise.all(
    [runJob(wrong), runJobInProcess(wrong)].map((running) => running.catch((error) => error)),
  );
  for (const error of [here, there]) {
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({
      code: 'invalid-option',
      problems: [{ path: ['reading', 'maxLength'], message: 'expected number to be >0, got 0' }],
    });
  }
}, 120_000);

it('a training job stops cleanly, and resumes', async () => {
  const output = join(folder, 'stopped');
  const job: TrainJob = { ...train, output, config: { ...train.config, maxSteps: 4 } };
  const controller = new AbortController();
  const stopAtTwo = (event: JobEvent) => {
    if (event.type === 'step' && event.step === 2) controller.abort();
  };
  const first = await runJob(job, { signal: controller.signal, onEvent: stopAtTwo });
  expect(first).toMatchObject({ stopped: true, step: 2 });
  expect(await runJob({ ...job, resume: true })).toMatchObject({ stopped: false, step: 4 });
}, 120_000);

const reading = { template: '{text}', completionTemplate: '{label}' };
const learning = { maxSteps: 1, threads: 1, methodOptions: { numVirtualTokens: 2 } };

it('a comparison tells of its cells, and the same job keeps those that are finished', async () => {
  const data = await labeled();
  const config = {
    ...{ model: train.model, output: join(folder, 'compared'), data, test: data, labels: ['x', 'y'] },
    ...{ ...reading, ...learning, methods: ['prompt-tuning'], untuned: false },
  };
  const first = await runViaJson({ type: 'compare', config });
  expect(first.result).toMatchObject({ stopped: false, failed: [], cells: [{ method: 'prompt-tuning' }] });
  const name = 'prompt-tuning-all-seed-0';
  expect(first.events[0]).toEqual({ type: 'part', name, number: 1, count: 1 });
  const scores = (first.result as CompareJobResult).cells![0]!.scores;
  expect(first.events.at(-1)).toEqual({ type: 'scores', name, scores, done: 1 });
  expect((await runViaJson({ type: 'compare', config })).events).toEqual([
    { type: 'scores', name, scores, done: 1, kept: true },
  ]);
}, 120_000);

it('a benchmark tells of its prompts, and writes a page', async () => {
  const [data, report] = [await labeled(), join(folder, 'benchmark.html')];
  const config = { data, test: data, shots: 1, methods: ['prompt-tuning'], searchSteps: 0, ...learning };
  const { methodOptions: _, ...own } = config;
  const job: BenchmarkJob = { type: 'benchmark', model: train.model, config: own, report };
  const { result, events } = await runViaJson(job);
  const { rows } = result as BenchmarkResult;
  const parts = events.flatMap((event) => (event.type === 'part' ? [event] : []));
  expect(parts.map(({ name }) => name)).toEqual(rows.map(({ name }) => name));
  expect(parts.at(-1)).toMatchObject({ number: rows.length, count: rows.length });
  const scores = events.flatMap((event) => (event.type === 'scores' ? [event] : []));
  expect(scores.map(({ scores }) => scores)).toEqual(rows.map((row) => row.scores));
  expect(scores.map(({ done }) => done)).toEqual(rows.map((_, i) => i + 1));
  const learned = parts.at(-1)!.name;
  expect(events).toContainEqual({ type: 'progress', stage: 'training', of: learned, done: 1, total: 1 });
  expect(await readFile(report, 'utf8')).toContain('Prompts compared');
}, 120_000);

async function labeled(): Promise<string> {
  const path = join(folder, 'labeled.jsonl');
  const rows = ['x', 'y', 'x', 'y'].map((label) => JSON.stringify({ text: 'abc', label }));
  await writeFile(path, `${rows.join('\n')}\n`);
  return path;
}
