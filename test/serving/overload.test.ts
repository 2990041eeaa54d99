/** @file Too many requests: what is refused costs nothing, and what is accepted is accepted whole. */
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { LanguageModel } from '../../src/models/model.js';
import { Throughput } from '../../src/serving/engine/throughput.js';
import { createApp } from '../../src/serving/http/app.js';
import { createEngine, type Engine, type EngineOptions } from '../../src/serving/index.js';
import type { Json } from '../support/cli.js';
import { loadTinyGpt2 } from '../support/tiny-gpt2.js';
import { useWarmRuntime } from '../support/warm-runtime.js';
import { characterTokenizer } from './adapters.js';

useWarmRuntime();

let model: LanguageModel;
let engine: Engine;
let app: ReturnType<typeof createApp>;
beforeAll(async () => {
  model = await loadTinyGpt2();
});
afterEach(() => engine.dispose());

const start = async (options: Partial<EngineOptions>) => {
  engine = await createEngine({ model, tokenizer: characterTokenizer, ...options });
  app = createApp({ engine });
};
const post = (path: string, body: object | ReadableStream) =>
  app.request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: body instanceof ReadableStream ? body : JSON.stringify(body),
    ...(body instanceof ReadableStream && { duplex: 'half' }),
  });

it('refuses requests before their bodies are read', async () => {
  await start({ maxRows: 1, maxWaiting: 1 });
  const options = { maxNewTokens: 40, eosTokenId: [] };
  const accepted = await engine.submitAll([{ prompt: [1, 2], options }], 2);
  for (const path of ['/v1/completions', '/v1/chat/completions']) {
    let wasRead = false;
    const body = new ReadableStream(
      {
        pull(controller) {
          wasRead = true;
          controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    const refused = await post(path, body);
    expect([refused.status, refused.headers.get('retry-after'), wasRead]).toEqual([503, '1', false]);
    expect(((await refused.json()) as Json).error).toMatchObject({
      type: 'server_error',
      code: 'overloaded',
    });
  }
  for (const generation of accepted) for await (const _ of generation);
  expect(engine.stats()).toMatchObject({ finished: 2, rejected: 2 });
});

it.each([
  [12.3, '13'],
  [0.2, '1'],
  [400, '30'],
  [undefined, '1'],
])('says when those that wait will have begun: in %s s', async (seconds, said) => {
  await start({ maxRows: 1, maxWaiting: 1 });
  const accepted = await engine.submitAll([{ prompt: [1, 2], options: { maxNewTokens: 1 } }], 2);
  const secondsFor = vi.spyOn(Throughput.prototype, 'secondsFor').mockReturnValue(seconds);
  const refused = await post('/v1/completions', {});
  expect(refused.headers.get('retry-after')).toBe(said);
  expect(secondsFor.mock.calls[0]![0]).toBe(2); // none has joined yet
  secondsFor.mockRestore();
  for (const generation of accepted) for await (const _ of generation);
});

it('says once which method a path takes', async () => {
  await start({});
  const refused = await app.request('/v1/completions');
  expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'POST']);
});

it('takes a list of prompts whole where there is room for one', async () => {
  await start({ maxRows: 1, maxWaiting: 1 });
  const answer = await post('/v1/completions', {
    ...{ model: model.name, prompt: ['a', 'b', 'c'], n: 2, max_tokens: 2, ignore_eos: true },
  });
  expect(answer.status).toBe(200);
  expect(((await answer.json()) as Json).choices).toHaveLength(6);
  expect(engine.stats()).toMatchObject({ finished: 6, rejected: 0 });
});
