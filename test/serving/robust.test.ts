/** @file What a server must survive: bodies of any kind, and readers who stop reading and leave. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApp } from '../../src/serving/http/app.js';
import { chatSchema, completionSchema, tokenizeSchema, unsupported } from '../../src/serving/http/schemas.js';
import { createEngine, type Engine } from '../../src/serving/index.js';
import { loadTinyGpt2 } from '../support/tiny-gpt2.js';
import { useWarmRuntime } from '../support/warm-runtime.js';
import { characterTokenizer, learned } from './adapters.js';

useWarmRuntime();

let engine: Engine;
let app: ReturnType<typeof createApp>;
const errors: unknown[] = [];
beforeAll(async () => {
  const model = await loadTinyGpt2();
  const chatTemplate = '{% for message in messages %}{{ message.content }}{% endfor %}';
  const adapters = { soft: await learned(model, 'prompt-tuning', { numVirtualTokens: 4 }) };
  engine = await createEngine({ model, tokenizer: { ...characterTokenizer, chatTemplate }, adapters });
  app = createApp({ engine, onError: (error) => errors.push(error) });
});
afterAll(() => engine.dispose());

const post = (path: string, body: unknown) =>
  app.request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

it('answers any body with 200 or with its fault', async () => {
  const odd = fc.oneof(
    fc.constantFrom(
      null,
      true,
      false,
      0,
      -1,
      1,
      0.5,
      1e308,
      -0,
      2 ** 53,
      '',
      'a cat',
      ' ',
      '\uD800',
      '__proto__',
    ),
    fc.constantFrom(
      [],
      {},
      [[]],
      [''],
      [5, 17],
      [[5], [17, 3]],
      [-1],
      [96],
      [1.5],
      { 5: 1 },
      { '-1': 1 },
      { a: 1 },
    ),
    fc.constantFrom([{ role: 'user', content: 'a' }], [{ role: 'tool' }], [{ role: 'user', content: [{}] }]),
    fc.jsonValue({ maxDepth: 2 }),
  );
  const routes = {
    '/v1/completions': completionSchema,
    '/v1/chat/completions': chatSchema,
    '/tokenize': tokenizeSchema,
  };
  const request = fc.constantFrom(...Object.entries(routes)).chain(([path, { shape }]) => {
    const field = fc.constantFrom(...Object.keys({ ...shape, ...unsupported }), 'constructor', 'toString');
    return fc.record({ path: fc.constant(path), fields: fc.dictionary(field, odd, { maxKeys: 5 }) });
  });
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(request, async ({ path, fields }) => {
      const sound = { model: 'soft', messages: [{ role: 'user', content: 'a' }], prompt: 'a', max_tokens: 2 };
      const response = await post(path, { ...sound, ...fields });
      const text = await response.text();
      expect([200, 400, 404], text).toContain(response.status);
      if (response.ok) answered++;
      else expect(JSON.parse(text).error).toMatchObject({ type: 'invalid_request_error' });
    }),
    { seed: 1, numRuns: 300 },
  );
  expect(errors).toEqual([]);
  expect(answered).toBeGreaterThan(30);
  await expect.poll(() => engine.stats()).toMatchObject({ running: 0, waiting: 0, failed: 0 });
});

it('forgets readers who have stopped reading and leave', async () => {
  const before = engine.stats().cancelled;
  const body = { model: 'soft', prompt: 'a', n: 3, max_tokens: 59, stream: true, ignore_eos: true };
  const response = await post('/v1/completions', body);
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel(); // between two reads, when nobody waits for a token
  await expect.poll(() => engine.stats().running).toBe(0);
  expect(engine.stats().cancelled).toBe(before + 3);
});
