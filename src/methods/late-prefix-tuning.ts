/**
 * @file Late prefix tuning: from a middle layer on, the text also attends to P learned keys and values per layer, the
 *   deep prompts of P-tuning v2 (Liu et al. 2022, arXiv:2110.07602) in the upper layers alone. As with late prompts
 *   (arXiv:2210.11292), the layers below see the text as the frozen model does, and gradients end where it begins.
 */

import * as z from 'zod';
import { type Adapter, defineMethod, type Learner, type LearnerOptions } from '../attach/method.js';
import { expectPeft, type PeftContent } from '../formats/adapter-content.js';
import type { LanguageModel } from '../models/model.js';
import { seededRandom } from '../random.js';
import { say } from '../say.js';
import { type Tensor, tensorOf } from '../tensor.js';
import { earlierContent, initAdapterOption } from './parts/earlier-adapter.js';
import {
  chosenLayer,
  insertionLayerOption,
  refuseBidirectional,
  storedLayer,
} from './parts/insertion-layer.js';
import { prefixWidth, realKeyValues, unpackLayers } from './parts/key-values.js';
import {
  earlierPromptVectors,
  loadPromptVectors,
  promptLearningConfig,
  promptName,
} from './parts/prompt-vectors.js';
import { startingIds, startNamed, virtualTokensOption } from './parts/starting-prompt.js';

const schema = z.strictObject({
  numVirtualTokens: virtualTokensOption('prefix', 'initText or initAdapter'),
  insertionLayer: insertionLayerOption,
  initText: z
    .string()
    .min(1)
    .optional()
    .describe('the text whose keys and values it starts from (default: random tokens of the vocabulary)'),
  initAdapter: initAdapterOption,
});
type Config = z.output<typeof schema>;

const peftType = 'LATE_PREFIX_TUNING';

async function createLearner(options: LearnerOptions<Config>): Promise<Learner> {
  const { model, config } = options;
  refuseBidirectional(model, latePrefixTuning.name);
  const earlier = await earlierContent(options);
  const layer = chosenLayer(model, config.insertionLayer, earlier && expectPeft(earlier));
  const { start, description } = earlier
    ? earlierPromptVectors(earlier, model, {
        peftTypes: [peftType],
        width: widthFrom(layer, model),
        numVirtualTokens: config.numVirtualTokens,
      })
    : await startingKeyValues(options, layer);
  return {
    ...latePrefix(model, start, layer),
    initialization: description,
    content: () => ({
      form: 'peft',
      config: {
        ...promptLearningConfig(model, peftType, start.shape[0]!),
        insertion_layer: layer,
      },
      tensors: new Map([[promptName, start]]),
    }),
  };
}

/** Columns of the matrix: a key and a value of every head of the layers from `layer` on. */
const widthFrom = (layer: number, { config }: LanguageModel) =>
  prefixWidth({ ...config, numLayers: config.numLayers - layer });

/** Keys and values of the frozen model for a text, or for random tokens. */
async function startingKeyValues(
  { model, config, tokenizer, seed }: LearnerOptions<Config>,
  layer: number,
): Promise<{ start: Tensor<'float32'>; description: string }> {
  const ids = startingIds({ model, tokenizer }, config, seededRandom(seed));
  const ofAll = await realKeyValues(model, ids);
  const count = ids.length;
  const [all, width] = [prefixWidth(model.config), widthFrom(layer, model)];
  const start = new Float32Array(count * width);
  for (let row = 0; row < count; row++)
    start.set(ofAll.data.subarray((row + 1) * all - width, (row + 1) * all), row * width);
  return {
    start: tensorOf('float32', [count, width], start),
    description: say`the keys and values of ${startNamed(config.initText, ids.length)} from layer ${layer} on`,
  };
}

function latePrefix(model: LanguageModel, matrix: Tensor<'float32'>, layer: number): Adapter {
  const { config } = model;
  return {
    method: latePrefixTuning.name,
    tensors: new Map([[promptName, matrix]]),
    numVirtualTokens: matrix.shape[0]!,
    attach: (values) => {
      const keyValues = unpackLayers(values.get(promptName)!, config, config.numLayers - layer);
      return { latePrompt: { entering: keyValues, layer } };
    },
  };
}

function load(files: PeftContent, model: LanguageModel): Adapter {
  refuseBidirectional(model, latePrefixTuning.name);
  const layer = storedLayer(files, model);
  return latePrefix(model, loadPromptVectors(files, model, widthFrom(layer, model)), layer);
}

export const latePrefixTuning = defineMethod({
  name: 'late-prefix-tuning',
  summary: 'learned keys and values before the text, from a middle layer on (P-tuning v2, Liu et al. 2022)',
  schema,
  defaultLearningRate: 0.03, // that of prefix tuning
  suitsEncoders: 'its keys and values enter the layers of one stack',
  createLearner,
  peftType,
  load,
});
