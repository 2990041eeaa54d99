import { afterEach, describe, expect, it, vi } from 'vitest';
import { endTokensOf } from '../src/generation/end-tokens.js';
import type { Prompt } from '../src/generation/prompts.js';
import { createTextGenerator } from '../src/generation/text-generator.js';
import { methodNamed } from '../src/methods/registry.js';
import type { LanguageModel } from '../src/models/model.js';
import { fromPretrained } from '../src/pretrained.js';
import type { Tokenizer } from '../src/text/tokenizer.js';
import { useWarmRuntime } from './support/warm-runtime.js';

useWarmRuntime();

const template =
  "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}{{ eos_token }}\n{% endfor %}" +
  '{% if add_generation_prompt %}assistant:{% endif %}';

const withFiles = (model: LanguageModel, config: object, generationConfig?: object): LanguageModel => ({
  ...model,
  source: {
    ...model.source,
    config: { ...config },
    generationConfig: generationConfig && { ...generationConfig },
  },
});

it('a text ends as in transformers, with an adapter also where training taught, a turn where the template says', async () => {
  const { model, tokenizer } = await fromPretrained('promptune-mini');
  const eos = tokenizer.eosTokenId!;
  const beyond = model.config.vocabSize;
  const ends = endTokensOf(withFiles(model, {}, { eos_token_id: [9, beyond] }), {
    ...tokenizer,
    eosTokenId: 3,
    chatTemplate: template, // whose turns end with eos_token, and so with eos
  });
  expect(ends({ isLearned: false, isTurn: false })).toEqual([9]);
  expect(ends({ isLearned: true, isTurn: false })).toEqual([9, 3]);
  expect(ends({ isLearned: false, isTurn: true })).toEqual([9, eos]);
  expect(ends({ isLearned: true, isTurn: true })).toEqual([9, 3, eos]);
});

it('each row of a batch ends at its own: a text at those of the model, a turn and an adapter at theirs', async () => {
  const { model, tokenizer } = await fromPretrained('promptune-mini');
  const silent = withFiles(model, model.source.config as object, {});
  await using plain = createTextGenerator({ model: silent, tokenizer });
  const { ids } = await plain.generate('The cat', { maxNewTokens: 8 });
  const at = ids.findIndex((id, i) => i >= 2 && ids.indexOf(id) === i);
  const learned: Tokenizer = { ...tokenizer, eosTokenId: ids[at] };
  const adapter = await methodNamed('prompt-tuning').createLearner({
    model,
    tokenizer,
    config: { initText: 'The', numVirtualTokens: 1 },
    seed: 0,
  });
  await using generator = createTextGenerator({
    model: silent,
    tokenizer: learned,
    adapters: { cats: adapter },
  });
  const prompts = ['The cat', { text: ' cat', adapter: 'cats' }];
  const [text, answer] = await generator.generate(prompts, { maxNewTokens: 8 });
  expect(text).toMatchObject({ ids, finishReason: 'length' });
  expect(answer).toMatchObject({ ids: ids.slice(0, at + 1), finishReason: 'eos' });
  const beams = { maxNewTokens: 8, numBeams: 2 };
  for (const [row, { ids }] of (await generator.generate(prompts, beams)).entries())
    expect((await generator.generate(prompts[row]!, beams)).ids).toEqual(ids);
});

it('a row ends at any of them, or only at the requested ones', async () => {
  const { model, tokenizer } = await fromPretrained('promptune-mini');
  await using plain = createTextGenerator({ model, tokenizer });
  const { ids } = await plain.generate('The cat', { maxNewTokens: 8 });
  const third = ids.findIndex((id, i) => i >= 2 && ids.indexOf(id) === i);
  const listed = withFiles(model, model.source.config as object, { eos_token_id: [0, ids[third]] });
  await using generator = createTextGenerator({ model: listed, tokenizer });
  const row = await generator.generate('The cat', { maxNewTokens: 8 });
  expect(row).toMatchObject({ ids: ids.slice(0, third + 1), finishReason: 'eos' });
  const [other] = await generator.generate(['The cat'], { maxNewTokens: 8, eosTokenId: [0] });
  expect(other!.ids).toEqual(ids);
});

it('conversations are written by the chat template, beside texts in one batch', async () => {
  const { model, tokenizer } = await fromPretrained('promptune-mini');
  const begun: Tokenizer = { ...tokenizer, startIds: [tokenizer.eosTokenId!], chatTemplate: template };
  await using generator = createTextGenerator({ model, tokenizer: begun });
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Where is the cat?' },
  ];
  const end = tokenizer.decode([tokenizer.eosTokenId!]);
  const text = `system: Be brief.${end}\nuser: Where is the cat?${end}\nassistant:`;
  const options = { maxNewTokens: 6 };
  const rows = await generator.generate([{ messages }, 'The cat'], options);
  expect(rows[0]).toEqual(await generator.generate({ text, addSpecialTokens: false }, options));
  expect(rows[1]).toEqual(await generator.generate('The cat', options));
  let streamed = '';
  for await (const piece of generator.stream({ messages }, options)) streamed += piece;
  expect(streamed).toBe(rows[0]!.text);
  expect(await generator.chat(messages, options)).toEqual(rows[0]);
});

it('a prompt has options of its own, which are checked before the model is loaded', async () => {
  const { model, tokenizer } = await fromPretrained('promptune-mini');
  await using generator = createTextGenerator({ model, tokenizer });
  const options = { maxNewTokens: 8, topK: 10 };
  const short = { text: 'The cat', maxNewTokens: 2, seed: 3 };
  const [first, second, third] = await generator.generate(
    ['Once', short, { text: 'The cat', signal: AbortSignal.abort() }],
    options,
  );
  expect(first.ids).toHaveLength(8);
  expect(second).toEqual(await generator.generate('The cat', { ...options, maxNewTokens: 2, seed: 3 }));
  expect(third).toEqual({ ids: [], text: '', finishReason: 'aborted' });
  await expect(generator.generate(['Once', { ...short, maxNewTokens: 0 }])).rejects.toThrow(
    'prompt 1.maxNewTokens: expected at least 1, got 0',
  );
  // @ts-expect-error: not an option of one row
  const wrong: Prompt = { text: 'Once', topK: 3 };
  await expect(generator.generate([wrong])).rejects.toThrow('topK');
});

it('a conversation needs a chat template', async () => {
  const { model, tokenizer } = await fromPretrained('promptune-mini');
  const plain: Tokenizer = { ...tokenizer, chatTemplate: undefined };
  await using generator = createTextGenerator({ model, tokenizer: plain });
  const asked = generator.generate([{ messages: [{ role: 'user', content: 'hi' }] }]);
  await expect(asked).rejects.toThrow('this model has no chat template for conversations');
});

it('temperature 0 takes the likeliest token', async () => {
  const { model, tokenizer } = await fromPretrained('promptune-mini');
  await using generator = createTextGenerator({ model, tokenizer });
  const options = { maxNewTokens: 6 };
  expect(await generator.generate('The cat', { ...options, temperature: 0, topP: 0.5 })).toEqual(
    await generator.generate('The cat', options),
  );
});

describe('a stream that is read partly', () => {
  afterEach(() => vi.useRealTimers());

  it('lets a request that waits be aborted, and loses its turn after a minute', async () => {
    const { model, tokenizer } = await fromPretrained('promptune-mini');
    await using generator = createTextGenerator({ model, tokenizer });
    const alone = await generator.generate('Once', { maxNewTokens: 4 });
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const stream = generator.stream('Once upon a time', { maxNewTokens: 20 });
    await stream.next();

    const stop = new AbortController();
    const aborted = generator.generate('Once', { maxNewTokens: 4, signal: stop.signal });
    const waiting = generator.generate('Once', { maxNewTokens: 4 });
    stop.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');

    vi.advanceTimersByTime(60_000);
    expect(await waiting).toEqual(alone);
    await expect(stream.next()).rejects.toThrow(
      'the stream was not read for 60 s while another request waited',
    );
    expect(await generator.generate('Once', { maxNewTokens: 4 })).toEqual(alone);
  });
});

it('an invalid prompt is a usage error', async () => {
  const { model, tokenizer } = await fromPretrained('promptune-mini');
  await using generator = createTextGenerator({ model, tokenizer });
  const given: unknown[] = [
    null,
    5,
    undefined,
    {},
    { text: 1 },
    { messages: null },
    { messages: [null] },
    [null],
    [[]],
  ];
  for (const prompt of given)
    await expect(generator.generate(prompt as string)).rejects.toThrow(
      /^prompt 0: expected a text, \{ text \}/,
    );
  await expect(generator.generate('a', { numBeams: 1e9 })).rejects.toThrow(
    'expected an integer from 1 to 256',
  );
});

it('a prompt far beyond the positions is refused by its beginning, without all of it being tokenized', async () => {
  const { model, tokenizer } = await fromPretrained('promptune-mini');
  let longest = 0;
  const encode: Tokenizer['encode'] = (text, options) => {
    longest = Math.max(longest, text.length);
    return tokenizer.encode(text, options);
  };
  await using generator = createTextGenerator({ model, tokenizer: { ...tokenizer, encode } });
  const asked = generator.generate('cat '.repeat(250_000));
  await expect(asked).rejects.toThrow(
    /^the first 100000 of the prompt's 1000000 characters have \d{5} tokens already, but the model has/,
  );
  await expect(asked).rejects.toMatchObject({ code: 'too-long' });
  expect(longest).toBe(100_000);
});

it('aborting the request that loads the model ends the request at once, and the next one has the model', async () => {
  const { model, tokenizer } = await fromPretrained('promptune-mini');
  await using generator = createTextGenerator({ model, tokenizer });
  const stop = new AbortController();
  const asked = generator.generate('Once', { signal: stop.signal });
  stop.abort(new Error('enough'));
  await expect(asked).rejects.toThrow('enough');
  expect((await generator.generate('Once', { maxNewTokens: 4 })).ids).toHaveLength(4);
});
