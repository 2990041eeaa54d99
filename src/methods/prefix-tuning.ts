/**
 * @file Prefix tuning (Li and Liang 2021, arXiv:2101.00190): at every layer, the text also attends to P learned keys
 *   and values. They are trained directly or, with `prefixProjection` as in the paper, through an MLP over a table.
 */

import * as z from 'zod';
import { type Adapter, defineMethod, type Learner, type LearnerOptions } from '../attach/method.js';
import { optionError } from '../errors.js';
import { nameOf, type PeftContent } from '../formats/adapter-content.js';
import { linear, tanh, type Value } from '../graph/index.js';
import type { LanguageModel } from '../models/model.js';
import { seededRandom } from '../random.js';
import { say } from '../say.js';
import { float32Tensor, type Tensor, type TrainableTensors } from '../tensor.js';
import { prefixes } from './parts/combine-prompts.js';
import { compute } from './parts/compute.js';
import { earlierContent, initAdapterOption, takeOver } from './parts/earlier-adapter.js';
import { keyWidth, prefixWidth, realKeyValues, unpackKeyValues } from './parts/key-values.js';
import { addLinear, matchColumns, normalTensor } from './parts/linear-start.js';
import { loadPromptVectors, promptLearningConfig, promptName } from './parts/prompt-vectors.js';
import {
  cycle,
  defaultVirtualTokens,
  randomLike,
  sampleIds,
  textIds,
  virtualTokensOption,
} from './parts/starting-prompt.js';

const schema = z
  .strictObject({
    numVirtualTokens: virtualTokensOption('prefix', 'initText'),
    init: z
      .enum(['random', 'sample-vocab', 'text', 'zero'])
      .optional()
      .describe(
        'what it starts from: keys and values of a text, of random tokens, random ones at that scale, or zeros (default: text with initText, else sample-vocab)',
      ),
    initText: z
      .string()
      .min(1)
      .optional()
      .describe('the text whose keys and values it starts from, repeated or cut to P tokens'),
    prefixProjection: z
      .boolean()
      .default(false)
      .describe('train it through a randomly initialized MLP over a table'),
    encoderHiddenSize: z
      .int()
      .positive()
      .optional()
      .describe("width of the MLP (default: that of a layer's keys)"),
    initAdapter: initAdapterOption,
  })
  .refine(({ init, initText }) => init !== 'text' || initText !== undefined, {
    path: ['initText'],
    error: () => say`required by init "text"`,
  })
  .refine(({ init, initText, prefixProjection }) => !prefixProjection || (!init && !initText), {
    path: ['prefixProjection'],
    error: () => say`an MLP starts from random values; leave out init and initText`,
  });
type PrefixTuningConfig = z.output<typeof schema>;

async function createLearner(options: LearnerOptions<PrefixTuningConfig>): Promise<Learner> {
  const { model, config } = options;
  const { tensors, encode, initialization } = config.prefixProjection
    ? await projectedPrefix(options)
    : await directPrefix(options);
  const earlier = await earlierContent(options);
  if (earlier) takeOver(tensors, earlier);
  const numVirtualTokens = tensors.values().next().value!.shape[0]!;
  return {
    ...prefixAdapter(model, tensors, encode, numVirtualTokens),
    initialization: earlier ? nameOf(earlier) : initialization,
    content: async () => ({
      form: 'peft',
      config: {
        ...prefixConfig(model, numVirtualTokens),
        encoder_hidden_size: config.encoderHiddenSize ?? keyWidth(model),
        prefix_projection: config.prefixProjection,
      },
      tensors: new Map([[promptName, await compute(tensors, encode)]]),
      ...(config.prefixProjection && { trainable: tensors }),
    }),
  };
}

/** From a method's tensors to the matrix [P, width] of keys and values. */
type Encode = (values: ReadonlyMap<string, Value>) => Value;

const theMatrix: Encode = (values) => values.get(promptName)!;

/** adapter_config.json of a prefix without an encoder. */
const prefixConfig = (model: LanguageModel, numVirtualTokens: number) => ({
  ...promptLearningConfig(model, 'PREFIX_TUNING', numVirtualTokens),
  encoder_hidden_size: keyWidth(model),
  init_weights: null,
  num_attention_heads: model.config.numKeyValueHeads,
  num_transformer_submodules: model.encoder ? 2 : 1,
  prefix_projection: false,
  token_dim: keyWidth(model),
});

/** Keys and values [P, width] of every layer as a PEFT prefix. */
export const prefixContent = (model: LanguageModel, keyValues: Tensor<'float32'>): PeftContent => ({
  form: 'peft',
  config: prefixConfig(model, keyValues.shape[0]!),
  tensors: new Map([[promptName, keyValues]]),
});

function prefixAdapter(
  model: LanguageModel,
  tensors: TrainableTensors,
  encode: Encode,
  numVirtualTokens: number,
): Adapter {
  return {
    method: prefixTuning.name,
    tensors,
    numVirtualTokens,
    attach: (values) => ({ past: unpackKeyValues(encode(values), model) }),
  };
}

async function directPrefix(options: LearnerOptions<PrefixTuningConfig>) {
  const { start, description } = await startingPrefix(options);
  return { tensors: new Map([[promptName, start]]), encode: theMatrix, initialization: description };
}

async function startingPrefix({
  model,
  config,
  tokenizer,
  seed,
}: LearnerOptions<PrefixTuningConfig>): Promise<{ start: Tensor<'float32'>; description: string }> {
  const random = seededRandom(seed);
  const { initText, numVirtualTokens: count = defaultVirtualTokens } = config;
  switch (config.init ?? (initText === undefined ? 'sample-vocab' : 'text')) {
    case 'random':
      return {
        start: randomLike(
          await realKeyValues(model, sampleIds(model, sampleLength(model), random)),
          count,
          random,
        ),
        description: say`${count} random keys and values per layer, at the scale of real ones`,
      };
    case 'zero':
      return { start: float32Tensor([count, prefixWidth(model.config)]), description: say`zeros` };
    case 'sample-vocab':
      return {
        start: await realKeyValues(model, sampleIds(model, count, random)),
        description: say`the keys and values of ${count} random tokens of the vocabulary`,
      };
    case 'text': {
      const ids = textIds(tokenizer, initText!);
      const used = cycle(ids, config.numVirtualTokens ?? ids.length);
      checkRoom(model, used.length);
      return {
        start: await realKeyValues(model, used),
        description: say`the keys and values of the text ${JSON.stringify(initText)} (${ids.length} token|tokens)`,
      };
    }
  }
}

/** Enough tokens to estimate the scale of keys and values. */
const sampleLength = ({ config }: LanguageModel) => Math.min(64, config.maxPositions);

function checkRoom(model: LanguageModel, count: number): void {
  const { maxPositions } = model.config;
  if (count >= maxPositions)
    throw optionError(
      'initText',
      say`${count} tokens leave no room in the model's ${maxPositions} positions`,
      { code: 'too-long' },
    );
}

async function projectedPrefix({ model, config, seed }: LearnerOptions<PrefixTuningConfig>) {
  const random = seededRandom(seed);
  const { numVirtualTokens = defaultVirtualTokens, encoderHiddenSize: h = keyWidth(model) } = config;
  const tensors: TrainableTensors = new Map([
    ['embedding.weight', normalTensor([numVirtualTokens, keyWidth(model)], random)],
  ]);
  addLinear(tensors, 'transform.0', keyWidth(model), h, random);
  addLinear(tensors, 'transform.2', h, prefixWidth(model.config), random);
  const layer = (x: Value, values: ReadonlyMap<string, Value>, name: string) =>
    linear(x, values.get(`${name}.weight`)!, values.get(`${name}.bias`), { transposeWeight: true });
  const encode: Encode = (values) =>
    layer(tanh(layer(values.get('embedding.weight')!, values, 'transform.0')), values, 'transform.2');
  const sample = await realKeyValues(model, sampleIds(model, sampleLength(model), random));
  matchColumns(tensors, 'transform.2', await compute(tensors, encode), sample);
  return {
    tensors,
    encode,
    initialization: say`a random MLP, whose keys and values have the scale of real ones`,
  };
}

function load(files: PeftContent, model: LanguageModel): Adapter {
  const matrix = loadPromptVectors(files, model, prefixWidth(model.config));
  return prefixAdapter(model, new Map([[promptName, matrix]]), theMatrix, matrix.shape[0]!);
}

export const prefixTuning = defineMethod({
  name: 'prefix-tuning',
  summary: 'learned keys and values before the text, at every layer (Li and Liang 2021)',
  schema,
  defaultLearningRate: 0.03, // see bench/studies/defaults.md
  suitsEncoders: true,
  createLearner,
  peftType: 'PREFIX_TUNING',
  isInPeft: true,
  combining: prefixes,
  load,
});
