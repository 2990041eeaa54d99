/** @file The clients that people use, as they come from npm, with nothing but a base URL. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateObject, generateText, streamText } from 'ai';
import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Adapter } from '../../src/attach/method.js';
import { computeLogits } from '../../src/evaluation/logits.js';
import { createTextGenerator } from '../../src/generation/text-generator.js';
import { fromPretrained, type Pretrained } from '../../src/index.js';
import { createServer, type Server } from '../../src/serving/index.js';
import type { Json } from '../support/cli.js';
import { learned } from './adapters.js';

const base = 'promptune-mini';
let server: Server;
let pretrained: Pretrained;
let adapters: Record<string, Adapter>;
/** What the library says, by model. */
const continued: Record<string, string> = {};
const answered: Record<string, string> = {};
const messages = [{ role: 'user' as const, content: 'A cute' }];
const options = { maxNewTokens: 8 };

beforeAll(async () => {
  pretrained = await fromPretrained();
  const { model } = pretrained;
  adapters = {
    'soft/prompt': await learned(model, 'prompt-tuning', { numVirtualTokens: 3 }),
    lora: await learned(model, 'lora', { r: 2 }),
  };
  for (const [id, adapter] of [[base, undefined] as const, ...Object.entries(adapters)]) {
    await using generator = createTextGenerator({ ...pretrained, adapter });
    continued[id] = (await generator.generate('A cute', options)).text;
    answered[id] = (await generator.generate({ messages }, options)).text;
  }
  server = await createServer({ ...pretrained, adapters, port: 0 });
});
afterAll(() => server.close());

const models = [base, 'soft/prompt', 'lora'];
const greedy = { max_tokens: 8, temperature: 0 };

describe('openai', () => {
  let client: OpenAI;
  beforeAll(() => {
    client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 });
  });

  it('lists and retrieves models', async () => {
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(models);
    expect(await client.models.retrieve('soft/prompt')).toMatchObject({
      ...{ id: 'soft/prompt', parent: base, method: 'prompt-tuning', virtual_tokens: 3, max_model_len: 253 },
    });
    expect(await client.models.retrieve('lora')).toMatchObject({ virtual_tokens: 0, max_model_len: 256 });
  });

  it.each(models)('completes and streams with %s', async (model) => {
    const asked = { ...greedy, model, prompt: 'A cute' };
    const { choices, usage } = await client.completions.create(asked);
    expect(choices[0]!.text).toBe(continued[model]);
    let text = '';
    let streamedUsage: object | null | undefined;
    const stream = await client.completions.create({
      ...{ ...asked, stream: true, stream_options: { include_usage: true } },
    });
    for await (const chunk of stream) {
      text += chunk.choices[0]?.text ?? '';
      streamedUsage = chunk.usage;
    }
    expect(text).toBe(continued[model]);
    expect(streamedUsage).toEqual(usage);
  });

  it.each(models)('converses and streams with %s', async (model) => {
    const asked = { ...greedy, model, messages };
    const whole = await client.chat.completions.create(asked);
    expect(whole.choices[0]!.message.content).toBe(answered[model]);
    const stream = client.chat.completions.stream({ ...asked, stream_options: { include_usage: true } });
    expect(await stream.finalContent()).toBe(answered[model]);
    const { choices, usage } = await stream.finalChatCompletion();
    expect(choices[0]!.finish_reason).toBe(whole.choices[0]!.finish_reason);
    expect(usage).toEqual(whole.usage);
  });

  it('parses answers by a schema', async () => {
    const answer = z.strictObject({ city: z.string().max(8), isCapital: z.boolean() });
    const asked = { model: 'lora', messages, max_tokens: 250, seed: 1 };
    const parsed = await client.chat.completions.parse({
      ...{ ...asked, response_format: zodResponseFormat(answer, 'answer') },
    });
    const [choice] = parsed.choices;
    expect(answer.parse(choice!.message.parsed)).toEqual(choice!.message.parsed);
    const object = await client.chat.completions.create({
      ...{ ...asked, response_format: { type: 'json_object' } },
    });
    expect(object.choices[0]!.message.content).toMatch(/^\s*\{/);
    const unsupported = { type: 'json_schema', json_schema: { name: 'a', schema: { not: {} } } } as const;
    await expect(
      client.chat.completions.create({ ...greedy, model: base, messages, response_format: unsupported }),
    ).rejects.toMatchObject({
      status: 400,
      param: 'response_format',
      message: expect.stringContaining('not is not'),
    });
  });

  it('knows errors by their classes', async () => {
    const chat = (wrong: object) =>
      client.chat.completions.create({ ...greedy, model: base, messages, ...wrong });
    await expect(chat({ model: 'cats' })).rejects.toThrow(OpenAI.NotFoundError);
    await expect(chat({ temperature: 3 })).rejects.toThrow(OpenAI.BadRequestError);
    await expect(chat({ tools: [{ type: 'function', function: { name: 'f' } }] })).rejects.toMatchObject({
      param: 'tools',
      code: 'unsupported_parameter',
    });
    await expect(client.responses.create({ model: base, input: 'A' })).rejects.toThrow(
      '/v1/chat/completions',
    );
  });

  it('ends what it leaves, in a stream and without one', async () => {
    const long = { model: base, prompt: 'A cute', max_tokens: 250, ignore_eos: true };
    const before = server.engine.stats().cancelled;
    const stream = await client.completions.create({ ...long, stream: true });
    for await (const _ of stream) break;
    await expect.poll(() => server.engine.stats()).toMatchObject({ cancelled: before + 1, running: 0 });
    const leave = new AbortController();
    const whole = client.completions.create({ ...long, n: 4 }, { signal: leave.signal });
    await expect.poll(() => server.engine.stats().running).toBe(4);
    leave.abort();
    await expect(whole).rejects.toThrow(OpenAI.APIUserAbortError);
    await expect.poll(() => server.engine.stats()).toMatchObject({ cancelled: before + 5, running: 0 });
  });
});

describe('an evaluation harness', () => {
  /** What lm-eval's `local-completions` sends and reads: all tokens as ids, and the scores of the last few. */
  async function score(model: string, context: readonly number[], continuation: readonly number[]) {
    const response = await fetch(`${server.url}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        ...{ model, prompt: [[...context, ...continuation]], temperature: 0, max_tokens: 1 },
        ...{ logprobs: 1, echo: true, seed: 1234 },
      }),
    });
    const [{ logprobs }] = ((await response.json()) as Json).choices;
    const scores: number[] = logprobs.token_logprobs.slice(context.length, -1);
    const tops: Json[] = logprobs.top_logprobs.slice(context.length, -1);
    const isGreedy = scores.every((logprob, i) => logprob === Math.max(...Object.values<number>(tops[i]!)));
    return { sum: scores.reduce((sum, logprob) => sum + logprob, 0), isGreedy };
  }

  it.each(models)('finds the likelihoods of %s that the library has', async (id) => {
    const { model, tokenizer } = pretrained;
    const context = tokenizer.encode('A cute');
    for (const [text, isGreedy] of [
      [continued[id]!, true],
      [' dog on a green table', false],
    ] as const) {
      const continuation = tokenizer.encode(text);
      const ids = [...context, ...continuation];
      const { data } = await computeLogits({ model, adapter: adapters[id], texts: [ids] });
      const { vocabSize } = model.config;
      let expected = 0;
      for (let i = context.length; i < ids.length; i++) {
        const row = data.subarray((i - 1) * vocabSize, i * vocabSize);
        expected += row[ids[i]!]! - Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0));
      }
      const scored = await score(id, context, continuation);
      expect(scored.sum).toBeCloseTo(expected, 3);
      expect(scored.isGreedy).toBe(isGreedy);
    }
  });
});

describe('the AI SDK', () => {
  let provider: ReturnType<typeof createOpenAICompatible>;
  beforeAll(() => {
    provider = createOpenAICompatible({ name: 'promptune', baseURL: `${server.url}/v1`, includeUsage: true });
  });
  const asked = { maxOutputTokens: 8, temperature: 0, messages, maxRetries: 0 };

  it.each(models)('generates and streams with %s', async (id) => {
    const { text, usage } = await generateText({ ...asked, model: provider(id) });
    expect(text).toBe(answered[id]);
    const stream = streamText({ ...asked, model: provider(id) });
    let streamed = '';
    for await (const part of stream.textStream) streamed += part;
    expect(streamed).toBe(text);
    expect((await stream.usage).totalTokens).toBe(usage.totalTokens);
  });

  it('generates objects', async () => {
    const structured = createOpenAICompatible({
      ...{ name: 'promptune', baseURL: `${server.url}/v1`, supportsStructuredOutputs: true },
    });
    const schema = z.object({ name: z.string().max(10), age: z.int().min(0).max(99) });
    const { object } = await generateObject({
      ...{ ...asked, maxOutputTokens: 200, model: structured('soft/prompt'), schema },
    });
    expect(schema.parse(object)).toEqual(object);
  });

  it('completes', async () => {
    const { text } = await generateText({
      ...asked,
      messages: undefined,
      prompt: 'A',
      model: provider.completionModel(base),
    });
    expect(text).toEqual(expect.any(String));
  });

  it('shows what was wrong', async () => {
    await expect(generateText({ ...asked, model: provider('cats') })).rejects.toThrow(
      'the model "cats" does not exist',
    );
  });
});
