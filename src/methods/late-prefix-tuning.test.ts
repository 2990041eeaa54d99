import { join } from 'node:path';
import { expect, it } from 'vitest';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { computeLogits } from '../evaluation/logits.js';
import type { PeftContent } from '../formats/adapter-content.js';
import { loadModel } from '../loading/load-model.js';
import { float32Tensor } from '../tensor.js';
import { latePrefixTuning } from './late-prefix-tuning.js';

useWarmRuntime();

const load = (name = 'gpt2__base') =>
  loadModel(join(import.meta.dirname, `../../test/golden/cases/${name}/model`));
const tokenizer = { encode: (text: string) => [...text].map((character) => character.charCodeAt(0) % 96) };
const learn = async (config: object = {}, name?: string) =>
  latePrefixTuning.createLearner({ model: await load(name), config, tokenizer, seed: 3 });

it('starts from the keys and values of a text in the upper layers, and goes on from an adapter', async () => {
  const model = await load();
  const learner = await learn({ initText: 'hello' });
  expect(learner).toMatchObject({
    numVirtualTokens: 5,
    initialization: 'the keys and values of the text "hello" from layer 1 on',
  });
  const { shape } = learner.tensors.get('prompt_embeddings')!;
  expect(shape).toEqual([5, 2 * model.config.hiddenSize]); // of one of two layers
  const content = (await learner.content()) as PeftContent;
  expect(content.config).toMatchObject({ peft_type: 'LATE_PREFIX_TUNING', insertion_layer: 1 });
  const texts = [[5, 6, 7]];
  const { data } = await computeLogits({ model, adapter: learner, texts });
  const loaded = latePrefixTuning.load!(content, model);
  expect((await computeLogits({ model, adapter: loaded, texts })).data).toEqual(data);
  expect([...(await learn({ initAdapter: content })).tensors]).toEqual([...learner.tensors]);
});

it('is refused where its layers do not exist, and in encoders', async () => {
  await expect(learn({ insertionLayer: 2 })).rejects.toThrow('has no layer 2; expected 1 to 1');
  await expect(learn({}, 'bert-mlm__base')).rejects.toThrow('late-prefix-tuning does not support');
  const content = (await (await learn({})).content()) as PeftContent;
  const elsewhere = { ...content, config: { ...content.config, insertion_layer: 2 } };
  const model = await load();
  expect(() => latePrefixTuning.load!(elsewhere, model)).toThrow('the last layer of');
  const narrow = { ...content, tensors: new Map([['prompt_embeddings', float32Tensor([20, 32])]]) };
  expect(() => latePrefixTuning.load!(narrow, model)).toThrow('needs rows of 64 numbers');
});
