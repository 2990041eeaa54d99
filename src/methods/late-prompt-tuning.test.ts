import { join } from 'node:path';
import { expect, it } from 'vitest';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { composeAdapters } from '../attach/compose.js';
import type { Adapter } from '../attach/method.js';
import { FileError, UsageError } from '../errors.js';
import { computeLogits } from '../evaluation/logits.js';
import type { PeftContent } from '../formats/adapter-content.js';
import { loadModel } from '../loading/load-model.js';
import { divideLoss, sizesOf } from '../loss/frozen-states.js';
import { lossGraph } from '../loss/loss-graph.js';
import { Session } from '../runtime/index.js';
import { latePromptTuning } from './late-prompt-tuning.js';
import { lora } from './lora.js';
import { combineMethods } from './parts/combined-method.js';
import { sampleEmbeddings } from './parts/starting-prompt.js';
import { promptTuning } from './prompt-tuning.js';

useWarmRuntime();

/** A GPT-2 of 2 layers, width 32. */
const load = (name = 'gpt2__base') =>
  loadModel(join(import.meta.dirname, `../../test/golden/cases/${name}/model`));
const tokenizer = { encode: (text: string) => [...text].map((character) => character.charCodeAt(0) % 96) };
const learn = async (config: object = {}, name?: string) =>
  latePromptTuning.createLearner({ model: await load(name), config, tokenizer, seed: 3 });

it('starts from what the layers below make of a text', async () => {
  const learner = await learn({ initText: 'hello' });
  expect(learner).toMatchObject({
    numVirtualTokens: 5,
    initialization: 'the states of the text "hello" at layer 1',
  });
  // Where LoRA in layer 1 divides the graph, the states are those that enter this layer; a row's last token has none.
  const model = await load();
  const config = { layersToTransform: [1] };
  const graph = lossGraph(model, await lora.createLearner({ model, config, tokenizer, seed: 3 }), {
    differentiate: true,
  });
  const examples = [
    { inputIds: Int32Array.from(tokenizer.encode('hello!')), lossMask: new Uint8Array(6).fill(1) },
  ];
  const sizes = sizesOf(graph, graph.feeds(examples));
  const { states } = divideLoss(graph, { hiddenSize: 32, sizes })!;
  const session = await Session.create(states.bytes, { weights: model.files });
  const [wanted] = states.statesIn(await session.run(states.feeds(examples)), examples)[0]!;
  await session.dispose();
  const found = learner.tensors.get('prompt_embeddings')!.data;
  expect(found).toHaveLength(wanted!.length);
  for (const [i, x] of found.entries()) expect(x).toBeCloseTo(wanted![i]!, 5);
});

it('is learned at a rate in proportion to the states that it stands among', async () => {
  const learner = await learn({ numVirtualTokens: 5 });
  const middleSize = ({ shape: [rows, width], data }: { shape: readonly number[]; data: Float32Array }) =>
    Array.from({ length: rows! }, (_, row) =>
      Math.hypot(...data.subarray(row * width!, (row + 1) * width!)),
    ).sort((a, b) => a - b)[rows! >> 1]!;
  const states = middleSize(learner.tensors.get('prompt_embeddings')!);
  const factor = states / middleSize(await sampleEmbeddings(await load(), 3));
  expect(factor).toBeGreaterThan(1.5);
  expect(learner.learningRateFactors!.get('prompt_embeddings')).toBeCloseTo(factor, 1);
  const together = combineMethods([latePromptTuning, lora]);
  const options = {
    model: await load(),
    config: together.schema.parse({ numVirtualTokens: 5 }),
    tokenizer,
    seed: 3,
  };
  const rates = [...(await together.createLearner(options)).learningRateFactors!];
  const late = rates.find(([name]) => name === 'late-prompt-tuning/prompt_embeddings')![1];
  // The late prompt's rate 0.01 is the highest, and its factor comes on top.
  expect(late).toBeCloseTo(factor, 1);
  expect(rates.filter(([name]) => name.startsWith('lora/')).every(([, rate]) => rate <= 1)).toBe(true);
});

it('enters the middle layer, another on demand, and that of the adapter it continues', async () => {
  const learner = await learn({ numVirtualTokens: 2 });
  const content = (await learner.content()) as PeftContent;
  expect(content.config).toMatchObject({ peft_type: 'LATE_PROMPT_TUNING', insertion_layer: 1 });
  const next = await learn({ initAdapter: content });
  expect([...next.tensors]).toEqual([...learner.tensors]);
  await expect(learn({ insertionLayer: 2 })).rejects.toThrow('has no layer 2; expected 1 to 1');
  const elsewhere = { ...content, config: { ...content.config, insertion_layer: 5 } };
  await expect(learn({ initAdapter: elsewhere, insertionLayer: 1 })).rejects.toThrow('give insertionLayer 5');
  const model = await load();
  expect(() => latePromptTuning.load!(elsewhere, model)).toThrow(FileError);
});

it('is trained with changes of layers, and refused beside prompts and in encoders', async () => {
  const model = await load();
  const options = { model, config: {}, tokenizer, seed: 3 };
  const late = await learn();
  const together = composeAdapters([late, await lora.createLearner(options)]);
  const { data } = await computeLogits({ model, adapter: together, texts: [[5, 6]] });
  expect(data).toEqual((await computeLogits({ model, adapter: late, texts: [[5, 6]] })).data);
  const beside = composeAdapters([late, await promptTuning.createLearner(options)]);
  await expect(computeLogits({ model, adapter: beside, texts: [[5, 6]] })).rejects.toThrow(UsageError);
  await expect(learn({}, 'bert-mlm__base')).rejects.toThrow('whose tokens see those after them');
  await expect(learn({}, 't5-small__base')).rejects.toThrow('layers of one stack');
});

it("predicts each text's prompt from its states at the layer, and starts as the shared one", async () => {
  const model = await load();
  const shared = await learn({ numVirtualTokens: 3 });
  const learner = await learn({ numVirtualTokens: 3, predicted: true, encoderHiddenSize: 4 });
  expect(learner).toMatchObject({
    readsText: true,
    initialization: 'the states of 3 random tokens at layer 1, the same for every text',
  });
  const texts = [
    [5, 6, 7],
    [80, 3],
  ];
  const logits = async (adapter: Adapter, of = texts) =>
    (await computeLogits({ model, adapter, texts: of })).data;
  const plain = await logits(shared, [texts[0]!]);
  for (const [i, x] of (await logits(learner, [texts[0]!])).entries()) expect(x).toBeCloseTo(plain[i]!, 5);

  const out = learner.tensors.get('encoder.out.weight')!;
  out.data.forEach((_, i) => {
    out.data[i] = Math.sin(i);
  });
  // The prompt of a text depends on that text alone.
  const alone = await logits(learner, [texts[1]!]);
  const { data, shape } = await computeLogits({ model, adapter: learner, texts });
  const [, length, vocabulary] = shape as [number, number, number];
  for (const [i, x] of alone.entries()) expect(data[length * vocabulary + i]).toBeCloseTo(x, 4);
  const ofShared = await logits(shared, [texts[1]!]);
  expect(Math.max(...alone.map((x, i) => Math.abs(x - ofShared[i]!)))).toBeGreaterThan(0.01);

  const content = (await learner.content()) as PeftContent;
  expect(content.config).toMatchObject({ insertion_layer: 1, encoder_hidden_size: 4 });
  expect(await logits(latePromptTuning.load!(content, model), [texts[1]!])).toEqual(alone);
  const next = await learn({ initAdapter: content });
  expect(next.tensors).toEqual(learner.tensors);
  await expect(learn({ initAdapter: content, encoderHiddenSize: 8 })).rejects.toThrow(
    'give encoderHiddenSize 4',
  );
  await expect(learn({ encoderHiddenSize: 8 })).rejects.toThrow('give predicted too');
});
