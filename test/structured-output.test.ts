/** @file JSON by a schema from the embedded model, which would write none by itself. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { createTextGenerator, type TextGenerator } from '../src/generation/text-generator.js';
import { fromPretrained, type Pretrained } from '../src/index.js';
import { characterTokenizer } from './serving/adapters.js';

const person = z.strictObject({
  name: z.string().max(12),
  age: z.int().min(0).max(120),
  tags: z.array(z.enum(['a', 'b'])).max(2),
});
const jsonSchema = z.toJSONSchema(person);

let pretrained: Pretrained;
let generator: TextGenerator;
beforeAll(async () => {
  pretrained = await fromPretrained();
  generator = createTextGenerator(pretrained);
});
afterAll(() => generator.dispose());

it('is valid, greedy or drawn, row by row', async () => {
  const prompts = ['A cute', 'The capital of', '{'];
  for (const options of [{}, { temperature: 1.5, topK: 0, seed: 3 }, { repetitionPenalty: 1.3 }]) {
    const rows = await generator.generate(prompts, { jsonSchema, maxNewTokens: 200, ...options });
    for (const { text, finishReason } of rows) {
      expect(finishReason, text).toBe('eos');
      expect(person.safeParse(JSON.parse(text)).success, text).toBe(true);
    }
  }
});

it('is the same in a stream and alone', async () => {
  const options = { jsonSchema, maxNewTokens: 200, temperature: 1, seed: 5 };
  const { text } = await generator.generate('A cute', options);
  let streamed = '';
  for await (const piece of generator.stream('A cute', options)) streamed += piece;
  expect(streamed).toBe(text);
});

it('ends without an end token where nothing can follow, and is cut off by the limit', async () => {
  const [whole] = await generator.generate(['A'], { jsonSchema: { const: 'yes' }, eosTokenId: [] });
  expect(whole!.text.trim()).toBe('"yes"');
  expect(whole!.finishReason).toBe('eos');
  const cut = await generator.generate('A', { jsonSchema, maxNewTokens: 3 });
  expect(cut.finishReason).toBe('length');
});

it('refuses what it cannot do, before anything is generated', async () => {
  const refused = (options: object) => generator.generate('A', options);
  await expect(refused({ jsonSchema: { type: 'array', uniqueItems: true } })).rejects.toThrow(
    'jsonSchema: #: uniqueItems is not supported',
  );
  await expect(refused({ jsonSchema, numBeams: 2 })).rejects.toThrow('jsonSchema: beam search');
  await expect(refused({ jsonSchema, minNewTokens: 2 })).rejects.toThrow('minNewTokens: ');
  const words = createTextGenerator({ ...pretrained, tokenizer: characterTokenizer });
  await expect(words.generate('A', { jsonSchema })).rejects.toThrow('cannot write every JSON text');
});
