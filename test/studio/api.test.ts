/** @file The studio's API over a port, with the embedded model and a folder of runs. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Evaluation } from '../../src/evaluation/evaluate.js';
import { evaluationReport } from '../../src/evaluation/report/evaluation-report.js';
import { fromPretrained, trainAdapter } from '../../src/index.js';
import {
  aboutSchema,
  adaptersSchema,
  attentionSchema,
  methodsSchema,
  modelsSchema,
  presetsSchema,
  promptMapSchema,
  reportsSchema,
  runDetailsSchema,
  runSchema,
  runsSchema,
  servingSchema,
} from '../../src/studio/api/index.js';
import { createStudio, type Studio } from '../../src/studio/index.js';
import type { Json } from '../support/cli.js';

const evaluation: Evaluation = {
  scores: { loss: { value: 1, better: 'lower', signature: 'loss' } },
  rows: [],
};

let base: string;
let folder: string;
let studio: Studio;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'promptune-studio-'));
  folder = join(base, 'runs');
  const pretrained = await fromPretrained();
  await trainAdapter({
    ...{ ...pretrained, maxSteps: 2, saveEvery: 1, methodOptions: { numVirtualTokens: 3 } },
    data: [{ prompt: 'A cat', completion: ' purrs.' }],
    output: join(folder, 'animals/cats'),
  });
  const report = { title: 'Cats & dogs', facts: {}, evaluations: [{ title: 'cats', evaluation }] };
  await writeFile(join(folder, 'animals/report.html'), evaluationReport(report));
  await writeFile(join(folder, 'other.html'), '<title>Somebody else</title>');
  await mkdir(join(folder, 'broken'));
  await writeFile(join(folder, 'broken/adapter_config.json'), '{"peft_type": "NEW"}');
  await writeFile(join(folder, 'broken/adapter_model.safetensors'), '');
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
const adapter = `adapters/${encodeURIComponent('animals/cats')}`;
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

it('tells how an adapter is used and was trained', async () => {
  const { adapters, refused } = adaptersSchema.parse(await (await api('adapters')).json());
  expect(refused.map(({ id }) => id)).toEqual(['broken']);
  expect(adapters).toMatchObject([
    {
      ...{ id: 'animals/cats', method: 'prompt-tuning', virtualTokens: 3, chat: false },
      ...{ hasVectors: true, hasAttention: true, training: { steps: 2, data: ['rows in memory'] } },
    },
  ]);
});

it('shows the vectors of a prompt, and how they moved from their start', async () => {
  const map = promptMapSchema.parse(await (await api(`${adapter}/prompt`)).json());
  expect(map.vectors).toHaveLength(3);
  expect(map.note).toBeUndefined();
  const [{ path, nearest }] = map.vectors as [(typeof map.vectors)[0]];
  expect(path.map(({ step }) => step)).toEqual([0, 1, 2]);
  // The first step is one of the warm-up, whose learning rate is small, and the last is where it is.
  expect(path[0]!.distance).toBeGreaterThan(path[1]!.distance);
  expect(path[2]!.distance).toBe(0);
  // It starts from tokens of the vocabulary, and two steps lead not far from them.
  expect(nearest[0]!.similarity).toBeGreaterThan(0.9);
});

it('shows the attention of a text to each virtual token', async () => {
  const answer = await api(`${adapter}/attention`, json('POST', { text: 'A cute cat' }));
  const attention = attentionSchema.parse(await answer.json());
  expect(attention.virtualTokens).toBe(3);
  const [layer] = attention.layers;
  expect(layer).toHaveLength(attention.tokens.length);
  for (const weights of layer!) expect(weights.reduce((a, b) => a + b)).toBeLessThanOrEqual(1);
  const missing = await api('adapters/dogs/attention', json('POST', { text: 'x' }));
  expect(missing.status).toBe(404);
});

it('lists its own reports alone, and shows one to whoever has its address', async () => {
  const { reports } = reportsSchema.parse(await (await api('reports')).json());
  expect(reports.map(({ id, title }) => [id, title])).toEqual([['animals/report.html', 'Cats & dogs']]);
  const { address } = reports[0]!;
  const report = await fetch(studio.url + address);
  expect(await report.text()).toContain('<h1>Cats &amp; dogs</h1>');
  expect(report.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
  const elsewhere = address.replace('animals%2Freport.html', 'other.html');
  for (const other of [address.slice(0, -1), elsewhere])
    expect((await fetch(studio.url + other)).status).toBe(404);
});

it('says what the server does', async () => {
  const body = json('POST', { model: 'animals/cats', prompt: 'A', max_tokens: 3, temperature: 0 });
  const { usage } = (await (await fetch(`${studio.url}/v1/completions`, body)).json()) as Json;
  const serving = servingSchema.parse(await (await api('serving')).json());
  expect(serving).toMatchObject({
    waiting: 0,
    totals: { requests: 1, newTokens: usage.completion_tokens, finished: 1, failed: 0 },
    models: [{ id: 'animals/cats', requests: 1, newTokens: 3 }],
  });
  const { history } = serving;
  expect(history.reduce((sum, { newTokens }) => sum + newTokens, 0)).toBe(usage.completion_tokens);
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

describe('in the language of each page, over a server that speaks English', () => {
  const chinese = { 'accept-language': 'zh-CN,zh;q=0.9,en;q=0.8' };
  const check = (headers: object, config: object) =>
    api('data/check', { ...json('POST', { config }), headers: { ...json('POST').headers, ...headers } });

  it('says notes and faults, also to several at once', async () => {
    const rows = [{ prompt: 'A', completion: ' b', source: 'x' }, { prompt: 'A' }];
    const content = rows.map((row) => JSON.stringify(row)).join('\n');
    const stored = await api('data', json('POST', { name: 'pairs.jsonl', content }));
    const { path: data } = (await stored.json()) as Json;
    const asked = [chinese, {}, { 'accept-language': 'en' }, chinese, { 'accept-language': 'fr' }];
    const answers = await Promise.all(asked.map((headers) => check(headers, { data })));
    const reports = (await Promise.all(answers.map((answer) => answer.json()))) as Json[];
    const inChinese = [
      '未使用的字段：source',
      'pairs.jsonl（第 2 行）：没有字段 "completion"；字段有 prompt。',
    ];
    const inEnglish = [
      'unused fields: source',
      'pairs.jsonl (line 2): there is no field "completion"; the fields are prompt.',
    ];
    expect(reports.map(({ notes, faults }) => [...notes, ...faults.messages])).toEqual(
      asked.map((headers) => (headers === chinese ? inChinese : inEnglish)),
    );
  });

  it('says what is wrong with settings and names', async () => {
    const problem = async (answer: Promise<Response>) =>
      ((await (await answer).json()) as Json).error.message;
    expect(await problem(check(chinese, { data: 'none.jsonl' }))).toBe(
      'config.data：工作室的文件夹中没有 "none.jsonl"',
    );
    expect(await problem(check(chinese, { data: 'other.html', learningRate: 'x' }))).toBe(
      'config.learningRate：应为 数字，得到 "x"',
    );
    expect(await problem(api('runs/none', { headers: chinese }))).toBe('工作室的文件夹中没有 "none"');
    expect(await problem(api('runs/none'))).toBe('there is no "none" in the studio\'s folder');
  });

  it('says why an adapter is refused', async () => {
    const refused = async (headers: Record<string, string> = {}) =>
      adaptersSchema.parse(await (await api('adapters', { headers })).json()).refused;
    const place = 'broken/adapter_model.safetensors';
    expect(await Promise.all([refused(chinese), refused()])).toEqual([
      [{ id: 'broken', problem: `${place}（header）：前 8 个字节应为文件头的长度，但文件只有 0 字节` }],
      [
        {
          id: 'broken',
          problem: `${place} (header): expected the header's length in the first 8 bytes, but the file has only 0 bytes`,
        },
      ],
    ]);
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

it('with keys, is for those alone that are for the studio; the page itself is for everybody', async () => {
  const keyOf = (name: string, more: object = {}) => ({
    ...{ name, sha256: createHash('sha256').update(name).digest('hex'), models: ['*'] },
    ...more,
  });
  const keys = [keyOf('owner', { studio: true }), keyOf('client')];
  const pretrained = await fromPretrained();
  await using keyed = await createStudio({ ...pretrained, folder: join(base, 'other'), port: 0, keys });
  const statusOf = async (path: string, key?: string) => {
    const headers = key === undefined ? undefined : { authorization: `Bearer ${key}` };
    return (await fetch(`${keyed.url}${path}`, { headers })).status;
  };
  expect(await statusOf('/studio/api/about')).toBe(401);
  expect(await statusOf('/studio/api/about', 'client')).toBe(403);
  expect(await statusOf('/v1/models', 'client')).toBe(200);
  expect(await statusOf('/studio/api/about', 'owner')).toBe(200);
  expect(await statusOf('/studio/')).not.toBe(401);
  await expect(createStudio({ ...pretrained, folder: join(base, 'other'), port: 0 })).rejects.toThrow(
    'a studio is open over this folder already',
  );
});
