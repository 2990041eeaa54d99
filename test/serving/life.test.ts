/** @file The life of a server: adapters of a folder, its owner's port, who may ask, what is counted, and its end. */
import { createHash } from 'node:crypto';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadAdapter } from '../../src/adapters/load-adapter.js';
import type { Adapter, Learner } from '../../src/attach/method.js';
import type { PeftContent } from '../../src/formats/adapter-content.js';
import { writeAdapter } from '../../src/formats/adapter-folder.js';
import { createTextGenerator } from '../../src/generation/text-generator.js';
import { fromPretrained, type Pretrained } from '../../src/index.js';
import { createServer, type RequestLine, type Server, type ServerOptions } from '../../src/serving/index.js';
import { type AdapterChange, AdapterFolder } from '../../src/workspace/index.js';
import type { Json } from '../support/cli.js';
import { learned } from './adapters.js';

const base = 'promptune-mini';
let pretrained: Pretrained;
let first: Learner;
let second: Learner;
/** What the library says with each. */
let said: [base: string, first: string, second: string];
let server: Server;
let folder: string;
const asked = { prompt: 'A cute', max_tokens: 6, temperature: 0 };

beforeAll(async () => {
  pretrained = await fromPretrained();
  first = await learned(pretrained.model, 'prompt-tuning', { numVirtualTokens: 3 });
  second = await learned(pretrained.model, 'lora', { r: 2 });
  const textOf = async (adapter?: Adapter) => {
    await using generator = createTextGenerator({ ...pretrained, adapter });
    return (await generator.generate('A cute', { maxNewTokens: 6 })).text;
  };
  said = [await textOf(), await textOf(first), await textOf(second)];
});
afterEach(async () => {
  await server.close();
});

const start = async (options: Partial<ServerOptions> = {}) => {
  folder = await mkdtemp(join(tmpdir(), 'promptune-serving-'));
  server = await createServer({ ...pretrained, port: 0, lookEveryMs: 2 ** 30, ...options });
  return server;
};
const save = async (learner: Learner, path: string) => writeAdapter(path, await learner.content());
const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const complete = async (model: string, more: object = {}) => {
  const response = await post(`${server.url}/v1/completions`, { ...asked, model, ...more });
  return response.ok ? ((await response.json()) as Json).choices[0].text : response.status;
};

describe('a folder of adapters', () => {
  it('has them come, change and go, once their files are whole', async () => {
    await start();
    const changes: AdapterChange[] = [];
    const watched = new AdapterFolder(folder, pretrained.model, (change) => changes.push(change));
    expect(await watched.open()).toEqual({});
    const look = async () => {
      await watched.look(server.engine);
      return changes.splice(0).map(({ id, change }) => `${id} ${change}`);
    };
    const path = join(folder, 'cats');
    await save(first, path);
    expect(await look()).toEqual([]); // they might still be written
    expect(await look()).toEqual(['cats loaded']);
    expect(await look()).toEqual([]);
    expect(await complete('cats')).toBe(said[1]);

    await rm(path, { recursive: true });
    await save(second, path);
    await look();
    expect(await look()).toEqual(['cats loaded']);
    expect(await complete('cats')).toBe(said[2]);

    await writeFile(join(path, 'adapter_model.safetensors'), 'broken');
    await look();
    expect(await look()).toEqual(['cats refused']);
    expect(await look()).toEqual([]);
    expect(await complete('cats')).toBe(said[2]);

    await rm(path, { recursive: true });
    expect(await look()).toEqual(['cats unloaded']);
    expect(await complete('cats')).toBe(404);
  });

  it('says of an adapter that it was trained for another model', async () => {
    await start();
    const source = await mkdtemp(join(tmpdir(), 'promptune-serving-'));
    const content = (await first.content()) as PeftContent;
    const config = { ...content.config, base_model_name_or_path: 'somebody/other' };
    await writeAdapter(join(source, 'cats'), { ...content, config });
    const changes: AdapterChange[] = [];
    const watched = new AdapterFolder(source, pretrained.model, (change) => changes.push(change));
    const note = `was trained for somebody/other, but is used with ${pretrained.model.name}`;
    expect(Object.keys(await watched.open())).toEqual(['cats']);
    expect(changes).toEqual([{ id: 'cats', change: 'noted', note: `the adapter cats ${note}` }]);
    const loaded = await loadAdapter(join(source, 'cats'), pretrained.model);
    expect(loaded.note).toBe(`the adapter ${join(source, 'cats')} ${note}`);
    expect((await loadAdapter(content, pretrained.model)).note).toBeUndefined();
  });

  it('is served from the start, and scanned periodically', async () => {
    const source = await mkdtemp(join(tmpdir(), 'promptune-serving-'));
    await save(first, join(source, 'cats/adapter'));
    await cp(join(source, 'cats'), join(source, 'bad'), { recursive: true });
    await writeFile(join(source, 'bad/adapter/adapter_config.json'), '{}');
    const changes: string[] = [];
    await start({
      adaptersFolder: source,
      lookEveryMs: 10,
      onAdapterChange: ({ id, change }) => changes.push(`${id} ${change}`),
    });
    expect([...server.engine.models.keys()]).toEqual([base, 'cats']);
    expect(changes).toEqual(['bad refused']);
    await save(second, join(source, 'more/dogs'));
    await expect.poll(() => server.engine.models.has('more/dogs'), { timeout: 30_000 }).toBe(true);
    expect(await complete('more/dogs')).toBe(said[2]);
  });
});

describe('the port of its owner', () => {
  const token = 'a-secret';
  const admin = (path: string, body: object, given = token) =>
    post(`${server.adminUrl}${path}`, body, { authorization: `Bearer ${given}` });

  it('loads and unloads adapters of the folder, in the words of vLLM', async () => {
    const adaptersFolder = await mkdtemp(join(tmpdir(), 'promptune-serving-'));
    const outside = await mkdtemp(join(tmpdir(), 'promptune-serving-'));
    await start({ adaptersFolder, adminPort: 0, adminToken: token });
    await save(first, join(adaptersFolder, 'cats'));
    await save(second, join(outside, 'dogs'));
    const load = (lora_name: string, lora_path: string, more = {}) =>
      admin('/v1/load_lora_adapter', { lora_name, lora_path, ...more });
    const loaded = await load('mine', 'cats');
    expect([loaded.status, await loaded.text()]).toEqual([
      200,
      "Success: LoRA adapter 'mine' added successfully.",
    ]);
    expect(await complete('mine')).toBe(said[1]);
    expect((await load('mine', 'cats')).status).toBe(400);
    expect((await load('mine', 'cats', { load_inplace: true })).status).toBe(200);
    for (const path of [join(outside, 'dogs'), '../../etc', '/etc', 'nothing', 'cats/../..'])
      expect(((await (await load('dogs', path)).json()) as Json).error).toMatchObject({
        ...{ param: 'lora_path', message: expect.stringContaining('there is no such adapter') },
      });
    expect((await load(base, 'cats', { load_inplace: true })).status).toBe(400);

    const unload = async (lora_name: string) =>
      (await admin('/v1/unload_lora_adapter', { lora_name })).status;
    expect([await unload('mine'), await unload('mine'), await unload(base)]).toEqual([200, 404, 400]);
    expect(await complete('mine')).toBe(404);
  });

  it('requires the token', async () => {
    await start({ adminPort: 0, adminToken: token });
    for (const given of ['', 'A-SECRET', 'a-secret2'])
      expect((await admin('/v1/unload_lora_adapter', { lora_name: 'a' }, given)).status).toBe(401);
    expect((await post(`${server.url}/v1/load_lora_adapter`, {})).status).toBe(404);
  });
});

describe('who may ask', () => {
  const keyOf = (name: string) => ({ name, sha256: createHash('sha256').update(`sk-${name}`).digest('hex') });
  const as = (name: string) => ({ authorization: `Bearer sk-${name}` });

  it('is identified by a key, and cannot see models of others', async () => {
    const lines: RequestLine[] = [];
    await start({
      adapters: { first, second },
      keys: [
        { ...keyOf('ann'), models: [base, 'first'] },
        { ...keyOf('bob'), models: ['*'], requestsPerMinute: 1 },
      ],
      onRequest: (line) => lines.push(line),
    });
    const list = async (name: string) => {
      const response = await fetch(`${server.url}/v1/models`, { headers: as(name) });
      return ((await response.json()) as Json).data.map(({ id }: Json) => id);
    };
    expect(await list('ann')).toEqual([base, 'first']);
    expect(await list('bob')).toEqual([base, 'first', 'second']);
    const answerTo = async (path: string, model: string) => {
      const response =
        path === 'models'
          ? await fetch(`${server.url}/v1/models/${model}`, { headers: as('ann') })
          : await post(
              `${server.url}/${path}`,
              { ...asked, model, messages: [{ role: 'user', content: '' }] },
              as('ann'),
            );
      return [response.status, (await response.text()).replaceAll(model, '…')];
    };
    for (const path of ['models', 'v1/completions', 'v1/chat/completions', 'tokenize'])
      expect(await answerTo(path, 'second')).toEqual(await answerTo(path, 'absent'));
    const asBob = () => post(`${server.url}/v1/completions`, { ...asked, model: 'second' }, as('bob'));
    expect([(await asBob()).status, (await asBob()).status]).toEqual([200, 429]);
    for (const path of ['/v1/models', '/tokenize', '/version', '/nowhere', '/metrics'])
      expect((await fetch(`${server.url}${path}`)).status).toBe(401);
    for (const path of ['/health', '/ready']) expect((await fetch(`${server.url}${path}`)).status).toBe(200);
    expect((await fetch(`${server.url}/metrics`, { headers: as('bob') })).status).toBe(404);
    expect(lines.filter(({ status }) => status === 200).map(({ client }) => client)).toEqual([
      'ann',
      'bob',
      'bob',
    ]);
  });

  it('may ask again after leaving, in a stream or not', async () => {
    const lines: RequestLine[] = [];
    await start({
      ...{ maxRows: 1, onRequest: (line) => lines.push(line) },
      keys: [{ ...keyOf('ann'), models: ['*'], maxConcurrent: 1 }],
    });
    const stop = new AbortController();
    const endless = { maxNewTokens: 250, eosTokenId: [] };
    const before = { client: 'ann', prompt: 'A cute', options: endless, signal: stop.signal };
    await server.engine.submitAll([before], 20);
    const submitted = () => {
      const { running, waiting, finished, cancelled } = server.engine.stats();
      return running + waiting + finished + cancelled;
    };
    for (const stream of [false, true]) {
      const leaving = new AbortController();
      const left = fetch(`${server.url}/v1/completions`, {
        ...{ method: 'POST', body: JSON.stringify({ ...asked, model: base, stream }) },
        ...{ headers: { 'content-type': 'application/json', ...as('ann') }, signal: leaving.signal },
      });
      await expect.poll(submitted).toBe(stream ? 22 : 21);
      leaving.abort();
      await expect(left).rejects.toThrow();
      await expect.poll(() => lines.length, { timeout: 20_000 }).toBe(1);
      expect(lines.splice(0)).toMatchObject([{ status: 499 }]);
    }
    stop.abort();
    const answer = await post(`${server.url}/v1/completions`, { ...asked, model: base }, as('ann'));
    expect(answer.status).toBe(200);
  });

  it('is this machine alone without keys, under its own names', async () => {
    await expect(createServer({ ...pretrained, port: 0, host: '0.0.0.0' })).rejects.toThrow('give keys');
    await start({ allowedHosts: ['models.example'] });
    const statusFor = (host: string) =>
      new Promise<number>((resolve, reject) =>
        httpRequest(`${server.url}/v1/models`, { headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode!);
        })
          .on('error', reject)
          .end(),
      );
    const { port } = new URL(server.url);
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, 'Models.Example'])
      expect(await statusFor(host)).toBe(200);
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1.evil.example', 'localhost.'])
      expect(await statusFor(host)).toBe(403);
    const cors = await fetch(`${server.url}/v1/models`, { headers: { origin: 'http://evil.example' } });
    expect([...cors.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('what is counted', () => {
  it('matches the responses', async () => {
    const lines: RequestLine[] = [];
    await start({ adapters: { first }, onRequest: (line) => lines.push(line) });
    const usage = { prompt: 0, completion: 0 };
    for (const model of ['first', 'first', base]) {
      const body = (await (
        await post(`${server.url}/v1/completions`, { ...asked, model, n: 2 })
      ).json()) as Json;
      if (model !== 'first') continue;
      usage.prompt += body.usage.prompt_tokens;
      usage.completion += body.usage.completion_tokens;
    }
    expect(await complete('absent')).toBe(404);
    expect(await complete('first', { temperature: -1 })).toBe(400);
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const numberOf = (name: string) =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${name} `))!
          .split(' ')
          .at(-1),
      );
    expect(numberOf('vllm:prompt_tokens_total{model_name="first"}')).toBe(usage.prompt);
    expect(numberOf('vllm:generation_tokens_total{model_name="first"}')).toBe(usage.completion);
    expect(numberOf('vllm:request_success_total{model_name="first",finished_reason="length"}')).toBe(4);
    for (const phase of ['queue', 'prefill', 'decode', 'inference'])
      expect(numberOf(`vllm:request_${phase}_time_seconds_count{model_name="first"}`), phase).toBe(4);
    expect(numberOf('vllm:kv_cache_usage_perc')).toBe(0);
    expect(numberOf('vllm:e2e_request_latency_seconds_count{model_name="first"}')).toBe(2);
    expect(numberOf('vllm:time_to_first_token_seconds_bucket{model_name="first",le="+Inf"}')).toBe(2);
    expect(numberOf('vllm:inter_token_latency_seconds_count{model_name="first"}')).toBe(usage.completion - 4);
    expect(numberOf('promptune:http_requests_total{status="404"}')).toBe(1);
    expect(numberOf('promptune:models')).toBe(2);
    expect(text).not.toContain('absent');
    expect(lines.map(({ status, model, newTokens }) => [status, model, newTokens])).toEqual([
      [200, 'first', 12],
      [200, 'first', 12],
      [200, base, 12],
      [404, undefined, undefined],
      [400, undefined, undefined],
    ]);
    expect(JSON.stringify(lines)).not.toContain('cute');
  });
});

describe('its end', () => {
  it('waits for running requests, and refuses new ones', async () => {
    await start();
    const long = { ...asked, model: base, max_tokens: 40, ignore_eos: true };
    const running = post(`${server.url}/v1/completions`, { ...long, stream: true });
    await expect.poll(() => server.engine.stats().running).toBe(1);
    const closed = server.close();
    const [ready, refused] = await Promise.all([
      fetch(`${server.url}/ready`),
      post(`${server.url}/v1/completions`, long),
    ]);
    expect([ready.status, refused.status]).toEqual([503, 503]);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await (await running).text()).toMatch(/"finish_reason":"length".*\n\ndata: \[DONE\]\n\n$/);
    await closed;
    await expect(fetch(server.url)).rejects.toThrow();
  });

  it('ends the streams that take too long with an error', async () => {
    await start({ drainTimeoutMs: 0 });
    const long = { ...asked, model: base, max_tokens: 250, ignore_eos: true, stream: true };
    const stream = await post(`${server.url}/v1/completions`, long);
    await server.close();
    const events = (await stream.text()).trimEnd().split('\n\n');
    expect(JSON.parse(events.at(-1)!.slice('data: '.length)).error).toMatchObject({ code: 'unavailable' });
  });
});
