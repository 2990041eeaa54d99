/** @file Reports that the studio's API starts: an evaluation, a comparison and a benchmark. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fromPretrained, trainAdapter } from '../../src/index.js';
import {
  type JobMessage,
  jobMessageSchema,
  jobSchema,
  metricsSchema,
  reportsSchema,
} from '../../src/studio/api/index.js';
import { createStudio, type Studio } from '../../src/studio/index.js';
import type { Json } from '../support/cli.js';
import { sentEvents } from './sent-events.js';

let base: string;
let studio: Studio;
let data: string;
const rows = ['good', 'bad', 'good', 'bad'].map((label, i) => ({ text: `film ${i}`, label }));

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'promptune-studio-'));
  const folder = join(base, 'runs');
  const pretrained = await fromPretrained();
  await trainAdapter({
    ...{ ...pretrained, data: rows, output: join(folder, 'moods'), maxSteps: 1 },
    methodOptions: { numVirtualTokens: 2 },
  });
  studio = await createStudio({ ...pretrained, folder, port: 0, threads: 1 });
  const content = rows.map((row) => JSON.stringify(row)).join('\n');
  data = ((await (await send('data', { name: 'films.jsonl', content })).json()) as Json).path;
});
afterAll(async () => {
  await studio.close();
  await rm(base, { recursive: true });
});

const api = (path: string) => `${studio.url}/studio/api/${path}`;
const send = (path: string, body: unknown) =>
  fetch(api(path), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

async function eventsOf(id: string): Promise<JobMessage['event'][]> {
  const text = await (await fetch(api(`jobs/${id}/events`))).text();
  return sentEvents(text).map((message) => jobMessageSchema.parse(message).event);
}

const evaluation = (more: object = {}) => ({
  ...{ name: 'films', adapters: ['moods'], data },
  answers: { metrics: ['accuracy'], labels: ['good', 'bad'] },
  ...more,
});
const training = { maxSteps: 1, methodOptions: { numVirtualTokens: 2 } };
const reading = { template: '{text}', completionTemplate: ' {label}' };
const comparison = (more: object = {}) => ({
  name: 'methods',
  config: {
    ...{ ...reading, data, test: data, ...training, labels: ['good', 'bad'], untuned: false },
    methods: ['prompt-tuning'],
    ...more,
  },
});
const benchmark = (more: object = {}) => ({
  name: 'prompts',
  config: { data, test: data, shots: 1, methods: ['prompt-tuning'], searchSteps: 0, maxSteps: 1, ...more },
});

it('are written by jobs', async () => {
  const started = [
    await send('reports/evaluate', evaluation()),
    await send('reports/compare', comparison()),
    await send('reports/benchmark', benchmark()),
  ];
  const jobs = await Promise.all(started.map(async (answer) => jobSchema.parse(await answer.json())));
  expect(jobs.map(({ type, name, report, state }) => [type, name, report, state])).toEqual([
    ['evaluate', 'films', 'reports/films.html', 'running'],
    ['compare', 'methods', 'methods/report.html', 'waiting'],
    ['benchmark', 'prompts', 'reports/prompts.html', 'waiting'],
  ]);
  expect((await send('reports/evaluate', evaluation())).status).toBe(409); // it is under way
  for (const { id } of jobs.slice(1)) await send(`jobs/${id}/stop`, {});
  const events = await eventsOf(jobs[0]!.id);
  expect(events.at(-1)).toEqual({ type: 'state', state: 'done' });
  expect(events).toContainEqual({ type: 'progress', stage: 'scoring', of: 'adapter', done: 4, total: 4 });
  const { reports } = reportsSchema.parse(await (await fetch(api('reports'))).json());
  expect(reports).toMatchObject([{ id: 'reports/films.html' }]);
  const done = jobSchema.parse(await (await fetch(api(`jobs/${jobs[0]!.id}`))).json());
  expect(done).toMatchObject({ state: 'done', step: 4, totalSteps: 4, model: 'promptune-mini' });
  expect((await send('reports/evaluate', evaluation())).status).toBe(409); // its page is there
});

it.each<[string, string, () => object, string]>([
  ['an adapter that is not there', 'evaluate', () => evaluation({ adapters: ['../moods'] }), 'adapters.0'],
  ['rows elsewhere', 'evaluate', () => evaluation({ data: '/etc/passwd' }), 'data'],
  [
    'an unknown metric',
    'evaluate',
    () => evaluation({ answers: { metrics: ['rouge'] } }),
    'answers.metrics.0',
  ],
  ['a model that is not here', 'evaluate', () => evaluation({ model: '../model' }), 'model'],
  ['test rows elsewhere', 'compare', () => comparison({ test: '../secret.jsonl' }), 'config.test'],
  [
    'a method that starts elsewhere',
    'compare',
    () => comparison({ methods: [{ method: 'lora', methodOptions: { initAdapter: '/etc' } }] }),
    'config.methods.0.methodOptions.initAdapter',
  ],
  ['a folder of its own', 'compare', () => comparison({ output: '/tmp/x' }), 'config.output'],
  ['no test rows', 'compare', () => comparison({ test: undefined }), 'config.test'],
  ['a key that no benchmark has', 'benchmark', () => benchmark({ steps: 1 }), 'config.steps'],
])('refuse %s', async (_, type, body, param) => {
  const answer = await send(`reports/${type}`, { ...body(), name: 'new' });
  expect(((await answer.json()) as Json).error.param).toBe(param);
  expect([400, 404]).toContain(answer.status);
});

it.each(['../x', '.hidden', 'a//b'])('cannot be called %j', async (name) => {
  for (const [type, body] of [
    ['evaluate', evaluation({ name })],
    ['compare', { ...comparison(), name }],
  ] as const)
    expect((await send(`reports/${type}`, body)).status).toBe(400);
});

it('have metrics to choose from', async () => {
  const { metrics } = metricsSchema.parse(await (await fetch(api('metrics'))).json());
  expect(metrics).toContainEqual({ name: 'rouge-l', needs: 'texts', better: 'higher' });
  expect(metrics).toContainEqual({ name: 'perplexity', needs: 'data', better: 'lower' });
});
