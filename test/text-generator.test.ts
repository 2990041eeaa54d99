import { expect, it } from 'vitest';
import { endTokensOf } from '../src/generation/end-tokens.js';
import { createTextGenerator } from '../src/generation/text-generator.js';
import { modelEnds } from '../src/models/end-tokens.js';
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

it('the end tokens of a model are those of generation_config.json, or else of config.json', async () => {
  const { model } = await fromPretrained('promptune-mini');
  const ends = (config: object, generationConfig?: object) =>
    modelEnds(withFiles(model, config, generationConfig).source);
  expect(ends({ eos_token_id: 5 })).toEqual([5]);
  expect(ends({ eos_token_id: [5, 6] })).toEqual([5, 6]);
  expect(ends({ eos_token_id: 5 }, { eos_token_id: [7, 8] })).toEqual([7, 8]);
  expect(ends({ eos_token_id: 5 }, { eos_token_id: 7 })).toEqual([7]);
  expect(ends({ eos_token_id: 5 }, { temperature: 1 })).toEqual([5]);
  expect(ends({ eos_token_id: null })).toEqual([]);
});

it("the tokenizer's end of text and the end of the template's turns are among them", async () => {
  const { model, tokenizer } = await fromPretrained('promptune-mini');
  const eos = tokenizer.eosTokenId!;
  const listed = withFiles(model, {}, { eos_token_id: [9, eos, model.config.vocabSize] });
  expect(endTokensOf(listed, tokenizer)).toEqual([9, eos]);
  const chat: Tokenizer = { ...tokenizer, eosTokenId: 3, chatTemplate: template };
  expect(endTokensOf(withFiles(model, {}), chat)).toEqual([3, eos]); // eos is what the template writes
  expect(endTokensOf(withFiles(model, {}), { ...chat, chatTemplate: '{{ broken' })).toEqual([3]);
});

it('a row ends at any of them, and at those that are asked for alone', async () => {
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
});

it('a conversation needs a chat template', async () => {
  const { model, tokenizer } = await fromPretrained('promptune-mini');
  const plain: Tokenizer = { ...tokenizer, chatTemplate: undefined };
  await using generator = createTextGenerator({ model, tokenizer: plain });
  const asked = generator.generate([{ messages: [{ role: 'user', content: 'hi' }] }]);
  await expect(asked).rejects.toThrow('this model has no chat template to write a conversation with');
});

it('temperature 0 takes the likeliest token', async () => {
  const { model, tokenizer } = await fromPretrained('promptune-mini');
  await using generator = createTextGenerator({ model, tokenizer });
  const options = { maxNewTokens: 6 };
  expect(await generator.generate('The cat', { ...options, temperature: 0, topP: 0.5 })).toEqual(
    await generator.generate('The cat', options),
  );
});
