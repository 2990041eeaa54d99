/** @file The studio's API over a port, with the embedded model and a folder of runs. */
import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromPretrained, trainAdapter } from '../../src/index.js';
import {
  aboutSchema,
  methodsSchema,
  modelsSchema,
  presetsSchema,
  runDetailsSchema,
  runSchema,
  runsSchema,
} from '../../src/studio/api.js';
import { createStudio, type Studio } from '../../src/studio/index.js';

let base: string;
let folder: string;
let studio: Studio;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'promptune-studio-'));
  folder = join(base, 'runs');
  const pretrained = await fromPretrained();
  await trainAdapter({
    ...{ ...pretrained, maxSteps: 2, methodOptions: { numVirtualTokens: 3 } },
    data: [{ prompt: 'A cat', completion: ' purrs.' }],
    output: join(folder, 'animals/cats'),
  });
  await writeFile(join(base, 'secret.txt'), 'secret');
  await mkdir(join(base, 'outside'));
  await symlink(join(base, 'outside'), join(folder, 'link'));
  await mkdir(join(base, 'page/assets'), { recursive: true });
  await writeFile(join(base, 'page/index.html'), '<!doctype html>');
  await writeFile(join(base, 'page/assets/index-1.js'), '1');
  studio = await createStudio({ ...pretrained, folder, port: 0, page: join(base, 'page') });
});
afterAll(() => studio.close());

const api = (path: string, init?: RequestInit) => fetch(`${studio.url}/studio/api/${path}`, init);
const json = (method: string, body?: unknown): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: body === undefined ? undefined : JSON.stringify(body),
});
const run = `runs/${encodeURIComponent('animals/cats')}`;

it('says what it is opened over', async () => {
  const about = aboutSchema.parse(await (await api('about')).json());
  expect(about).toMatchObject({
    model: { id: 'promptune-mini', family: 'gpt2', writes: true },
    folder,
    address: `${studio.url}/v1`,
    needsKey: false,
  });
  const { models } = modelsSchema.parse(await (await api('models')).json());
  expect(models.filter(({ isServed }) => isServed).map(({ name }) => name)).toEqual(['promptune-mini']);
});

it('describes methods, settings and presets for forms', async () => {
  const { methods, settings } = methodsSchema.parse(await (await api('methods')).json());
  const tuning = methods.find(({ name }) => name === 'prompt-tuning')!;
  expect(tuning.problem).toBeUndefined();
  expect(tuning.options).toMatchObject({
    properties: { numVirtualTokens: { type: 'integer', description: expect.any(String) } },
  });
  expect(settings).toMatchObject({
    properties: { batchSize: { default: 8 }, optimizer: expect.any(Object) },
  });
  const { presets } = presetsSchema.parse(await (await api('presets')).json());
  const chinese = presets.find(({ name }) => name === 'translate-zh')!;
  expect(chinese).toMatchObject({ language: 'zh', config: { method: 'prompt-tuning' } });
  expect(JSON.parse(chinese.rows.split('\n')[0]!)).toBeTypeOf('object');
});

it('lists runs, keeps notes and deletes', async () => {
  const { runs, unreadable } = runsSchema.parse(await (await api('runs')).json());
  expect(unreadable).toEqual([]);
  expect(runs).toMatchObject([{ id: 'animals/cats', state: 'done', steps: 2, isUsable: true }]);
  const details = runDetailsSchema.parse(await (await api(run)).json());
  expect(details.curves.loss.steps).toEqual([1, 2]);
  expect(details.config).toMatchObject({ method: 'prompt-tuning', maxSteps: 2 });
  const noted = await api(run, json('PATCH', { note: 'the first' }));
  expect(runSchema.parse(await noted.json()).note).toBe('the first');
});

describe('what it refuses', () => {
  it.each([
    ['a path upward', '../secret.txt'],
    ['an absolute path', '/etc/passwd'],
    ['a link out of the folder', 'link'],
    ['what does not exist', 'dogs'],
    ['an empty name', ' '],
    ['a path upward inside', 'animals/../../outside'],
  ])('%s, with the same words', async (_, name) => {
    const answer = await api(`runs/${encodeURIComponent(name)}`);
    expect(answer.status).toBe(404);
    const message = `there is no ${JSON.stringify(name)} in the studio's folder`;
    expect(await answer.json()).toMatchObject({ error: { code: 'not-found', message } });
  });

  it.each<[string, RequestInit, number]>([
    ['a form', { method: 'PATCH', body: '{"note": "x"}' }, 415],
    ['a deletion without a content type', { method: 'DELETE' }, 415],
    ['another page', { headers: { origin: 'http://evil.example' } }, 403],
    ['another port of this machine', { headers: { 'sec-fetch-site': 'same-site' } }, 403],
  ])('%s', async (_, init, status) => {
    expect((await api(run, init)).status).toBe(status);
  });

  it('a field that it does not know, by its place', async () => {
    const answer = await api(run, json('PATCH', { note: 3 }));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { param: 'note' } });
  });
});

it('gives the page, and nothing else, under a strict policy', async () => {
  const page = await fetch(`${studio.url}/`);
  expect(page.url).toBe(studio.pageUrl);
  expect(await page.text()).toBe('<!doctype html>');
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
  const script = await fetch(`${studio.pageUrl}assets/index-1.js`);
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(script.headers.get('cache-control')).toContain('immutable');
  for (const path of ['..%2Fsecret.txt', 'assets/..%2F..%2Fsecret.txt', 'assets', '.hidden.js'])
    expect((await fetch(`${studio.pageUrl}${path}`)).status).toBe(404);
});
