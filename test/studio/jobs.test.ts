/** @file A prompt learned by the studio's API: from a dropped file to an answer of the new adapter. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromPretrained } from '../../src/index.js';
import {
  adaptersSchema,
  dataReportSchema,
  type JobMessage,
  jobMessageSchema,
  jobSchema,
  planSchema,
  runDetailsSchema,
  runsSchema,
} from '../../src/studio/api/index.js';
import { createStudio, type Studio } from '../../src/studio/index.js';
import type { Json } from '../support/cli.js';
import { sentEvents } from './sent-events.js';

let studio: Studio;
let data: string;
const rows = ['A cat purrs.', 'A dog barks.', 'Ein Käfer 甲虫 🐞 brummt.'].map((text) => ({
  text,
  source: 'x',
}));

beforeAll(async () => {
  const folder = join(await mkdtemp(join(tmpdir(), 'promptune-studio-')), 'runs');
  studio = await createStudio({ ...(await fromPretrained()), folder, port: 0 });
  const content = rows.map((row) => JSON.stringify(row)).join('\n');
  const stored = await post('data', { name: '../Cats & dogs.jsonl', content });
  expect(stored).toMatchObject({ path: expect.stringMatching(/^\.studio\/data\/\w{12}\/Cats-dogs\.jsonl$/) });
  data = stored.path;
});
afterAll(() => studio.close());

const send = (path: string, body: unknown) =>
  fetch(`${studio.url}/studio/api/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
async function post(path: string, body: unknown): Promise<Json> {
  const answer = await send(path, body);
  const value = (await answer.json()) as Json;
  if (answer.status !== 200) throw new Error(JSON.stringify(value));
  return value;
}

async function eventsOf(id: string, from = 0): Promise<JobMessage[]> {
  const text = await (await fetch(`${studio.url}/studio/api/jobs/${id}/events?from=${from}`)).text();
  return sentEvents(text).map((message) => jobMessageSchema.parse(message));
}

it('shows how training would read a file, token by token', async () => {
  const template = 'Say:{{ soft(2) }}';
  const config = { data, template, completionTemplate: ' {text}', maxLength: 14, truncation: 'end' };
  const report = dataReportSchema.parse(await post('data/check', { config, examples: 3 }));
  expect(report).toMatchObject({ rows: 3, fields: ['text', 'source'], maxLength: 14, truncated: 1 });
  expect(report.notes).toEqual(['unused fields: source']);
  const [first, , last] = report.examples;
  expect(first!.tokens.map(({ text }) => text).join('')).toBe('Say: A cat purrs.<|endoftext|>');
  expect(first!.tokens.filter(({ id }) => id === undefined)).toHaveLength(2);
  const targets = first!.tokens.filter(({ isTarget }) => isTarget).map(({ text }) => text);
  expect(targets.join('')).toBe(' A cat purrs.<|endoftext|>');
  expect(last).toMatchObject({ row: 3, isTruncated: true });
  expect(last!.tokens.length).toBeLessThan(last!.length);
});

it('says what a run would cost, without starting it', async () => {
  const plan = planSchema.parse(
    await post('jobs/plan', {
      run: 'planned',
      config: { data, maxSteps: 4, methodOptions: { numVirtualTokens: 5 } },
    }),
  );
  expect(plan).toMatchObject({ totalSteps: 4, examples: 3, adapterBytes: 4 * plan.trainableParameters });
  expect(plan.trainableParameters % 5).toBe(0);
});

it('learns in a process of its own, and serves what was learned at once', async () => {
  const template = { template: 'Say:{{ soft(4) }}', completionTemplate: ' {text}' };
  const config = { data, ...template, maxSteps: 3, threads: 1, samplePrompts: ['{}'], sampleEvery: 2 };
  const job = jobSchema.parse(await post('jobs', { run: 'animals/first', config }));
  expect(job).toMatchObject({ type: 'train', name: 'animals/first', method: 'prompt-tuning' });
  const messages = await eventsOf(job.id);
  const types = messages.map(({ event }) => event.type);
  expect(types.filter((type) => type === 'step')).toHaveLength(3);
  expect(messages.at(-1)!.event).toEqual({ type: 'state', state: 'done' });
  expect(await eventsOf(job.id, messages.length - 2)).toEqual(messages.slice(-2));
  const { data: models } = (await (await fetch(`${studio.url}/v1/models`)).json()) as Json;
  expect(models).toContainEqual(expect.objectContaining({ id: 'animals/first', method: 'prompt-tuning' }));
  const { runs } = runsSchema.parse(await (await fetch(`${studio.url}/studio/api/runs`)).json());
  expect(runs).toMatchObject([{ id: 'animals/first', state: 'done', isUsable: true }]);
  const run = await (await fetch(`${studio.url}/studio/api/runs/animals%2Ffirst`)).json();
  expect(runDetailsSchema.parse(run).samples.map(({ step }) => step)).toEqual([0, 2, 3]);
  const { adapters } = adaptersSchema.parse(await (await fetch(`${studio.url}/studio/api/adapters`)).json());
  expect(adapters).toMatchObject([{ virtualTokens: 4, hasVectors: true, hasAttention: true }]);
  const again = await send('jobs', { run: 'animals/first', config });
  expect(again.status).toBe(409);
});

describe('what a job cannot name', () => {
  const base = { maxSteps: 1 };
  it.each<[string, object, string]>([
    ['data outside of the folder', { config: { ...base, data: '../secret.jsonl' } }, 'config.data'],
    ['one of several files', { config: { ...base, data: ['/etc/passwd'] } }, 'config.data'],
    ['validation data', { config: { ...base, validation: '/etc/passwd' } }, 'config.validation'],
    [
      'an adapter to start from',
      { config: { ...base, methodOptions: { initAdapter: '/etc' } } },
      'config.methodOptions.initAdapter',
    ],
    [
      'a text to start from',
      { config: { ...base, method: 'cartridge', methodOptions: { initFile: '/etc/passwd' } } },
      'config.methodOptions.initFile',
    ],
    ['a model that is not here', { model: '../model', config: base }, 'model'],
    ['a key that no configuration has', { config: { ...base, steps: 3 } }, 'config.steps'],
  ])('%s', async (_, request, param) => {
    const body = { run: 'x', ...request, config: { data, ...(request as { config: object }).config } };
    const answer = await send('jobs', body);
    expect(((await answer.json()) as Json).error.param).toBe(param);
    expect([400, 404]).toContain(answer.status);
  });

  it.each(['../x', '/tmp/x', 'a/../../x', '.studio/x', 'a//b', ''])('the folder %j', async (run) => {
    const answer = await send('jobs', { run, config: { data, maxSteps: 1 } });
    expect(answer.status).toBe(400);
  });
});
