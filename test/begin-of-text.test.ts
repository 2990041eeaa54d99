import { afterAll, expect, it } from 'vitest';
import type { Adapter } from '../src/attach/method.js';
import { createTextGenerator } from '../src/generation/text-generator.js';
import { createLossEvaluator } from '../src/loss/evaluator.js';
import { methodNamed } from '../src/methods/registry.js';
import { embedTokens } from '../src/models/embed-tokens.js';
import { createPromptStep } from '../src/search/prompt-step.js';
import { behindIds, withTextBefore } from '../src/search/prompt-texts.js';
import { toyTemplates, useToy } from '../src/search/toy-search.fixture.js';
import { openDataset } from '../src/text/dataset.js';
import type { Tokenizer } from '../src/text/tokenizer.js';

/** What the tests take for the begin-of-text token: a word that no other one merges with. */
const begin = '猫';
const toy = useToy();
const begun = (): Tokenizer => ({ ...toy().tokenizer, startIds: toy().tokenizer.encode(begin) });

const cleanups: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const dispose of cleanups) await dispose();
});

function generatorOf(tokenizer: Tokenizer, adapter?: Adapter) {
  const generator = createTextGenerator({ model: toy().model, tokenizer, adapter });
  cleanups.push(generator.dispose);
  return async (prompt: Parameters<typeof generator.generate>[0][number]) =>
    (await generator.generate([prompt], { maxNewTokens: 6 }))[0]!.text;
}

it('precedes the text in generation, once, and follows a soft prompt, as in PEFT', async () => {
  const { model, tokenizer } = toy();
  const options = { model, tokenizer, config: { numVirtualTokens: 3 }, seed: 1 };
  for (const adapter of [undefined, await methodNamed('prompt-tuning').createLearner(options)]) {
    const plain = generatorOf(tokenizer, adapter);
    const withStart = generatorOf(begun(), adapter);
    const expected = await plain(`${begin}the cat`);
    expect(await withStart('the cat')).toBe(expected);
    expect(await withStart(`${begin}the cat`)).toBe(expected);
    expect(await withStart({ text: 'the cat', addSpecialTokens: false })).toBe(await plain('the cat'));
    expect(await plain('the cat')).not.toBe(expected);
  }
});

it('is the first vector of a prompt that starts from a text, as in PEFT, and in no label', async () => {
  const { model } = toy();
  const learner = (config: object) =>
    methodNamed('prompt-tuning').createLearner({ model, tokenizer: begun(), config, seed: 1 });
  const { numVirtualTokens, tensors } = await learner({ initText: 'the cat' });
  const ids = [...begun().startIds!, ...toy().tokenizer.encode('the cat')];
  expect(numVirtualTokens).toBe(ids.length);
  expect(tensors.get('prompt_embeddings')).toEqual(await embedTokens(model, ids));
  const labeled = await learner({ initLabels: ['猫'], numVirtualTokens: 1 });
  const own = await embedTokens(model, toy().tokenizer.encode('猫'));
  expect(labeled.tensors.get('prompt_embeddings')!.data).toEqual(own.data);
});

it('is the same to a search as to the text that it finds', async () => {
  const { model, tokenizer, data } = toy();
  const dataset = await openDataset({ data: data, ...toyTemplates, tokenizer: begun() });
  cleanups.push(dataset.dispose);
  const examples = [await dataset.get(0), await dataset.get(1)];
  const ids = tokenizer.encode('sat on 1');
  const step = await createPromptStep(model, { numTokens: ids.length, startIds: begun().startIds });
  const evaluator = await createLossEvaluator(model, undefined);
  cleanups.push(step.dispose, evaluator.dispose);
  const behind = examples.map((example) => behindIds(ids, example, begun()));
  const found = await step.loss((await embedTokens(model, ids)).data, behind);
  const texts = examples.map((example) => withTextBefore('sat on 1', example, begun()));
  expect(texts[0]!.inputIds[0]).toBe(begun().startIds![0]);
  const { lossSum } = await evaluator.evaluate(texts);
  const labels = texts.reduce((sum, { lossMask }) => sum + lossMask.reduce((a, b) => a + b, 0), 0);
  expect(found).toBeCloseTo(lossSum / labels, 5);
});
