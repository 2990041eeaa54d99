/**
 * @file Late prompt tuning (Liu, Sun, Huang, Qiu 2022, arXiv:2210.11292, "LPT w/o PG"): the prompt enters between two
 *   layers. The layers below never see it, so what they make of a text is that of the frozen model, and gradients end
 *   where the prompt enters.
 */
import * as z from 'zod';
import { type Adapter, defineMethod, type Learner, type LearnerOptions } from '../attach/method.js';
import { FileError, optionError, UsageError } from '../errors.js';
import { type AdapterContent, configPath, expectPeft, type PeftContent } from '../formats/adapter-content.js';
import type { LanguageModel } from '../models/model.js';
import { seededRandom } from '../random.js';
import type { Tensor } from '../tensor.js';
import { earlierContent, initAdapterOption } from './parts/earlier-adapter.js';
import { statesEntering } from './parts/layer-states.js';
import {
  earlierPromptVectors,
  loadPromptVectors,
  promptLearningConfig,
  promptName,
  promptOf,
} from './parts/prompt-vectors.js';
import {
  cycle,
  defaultVirtualTokens,
  sampleIds,
  textIds,
  virtualTokensOption,
} from './parts/starting-prompt.js';
import { configFields } from './parts/stored-config.js';

const schema = z.strictObject({
  numVirtualTokens: virtualTokensOption('soft prompt', 'initText or initAdapter'),
  insertionLayer: z
    .int()
    .positive()
    .optional()
    .describe('the first layer that sees the prompt, from 1 (default: the middle one)'),
  initText: z
    .string()
    .min(1)
    .optional()
    .describe('the text whose hidden states it starts from (default: random tokens of the vocabulary)'),
  initAdapter: initAdapterOption,
});

const peftType = 'LATE_PROMPT_TUNING';

async function createLearner({
  model,
  config,
  tokenizer,
  seed,
  files,
}: LearnerOptions<z.output<typeof schema>>): Promise<Learner> {
  refuseBidirectional(model);
  const earlier = await earlierContent({ config, files });
  const layer = config.insertionLayer ?? (earlier ? layerOf(expectPeft(earlier)) : middleOf(model));
  const { numLayers } = model.config;
  if (layer >= numLayers)
    throw optionError(
      'insertionLayer',
      numLayers === 1
        ? `${model.name} has only one layer; use prompt-tuning`
        : `${model.name} has no layer ${layer}; expected 1 to ${numLayers - 1}`,
    );
  const { start, description } = earlier
    ? earlierStates(earlier, model, layer, config.numVirtualTokens)
    : await startingStates({ model, config, tokenizer, seed }, layer);
  const [numVirtualTokens] = start.shape as [number, number];
  return {
    ...latePrompt(start, layer),
    initialization: description,
    content: () => ({
      form: 'peft',
      config: { ...promptLearningConfig(model, peftType, numVirtualTokens), insertion_layer: layer },
      tensors: new Map([[promptName, start]]),
    }),
  };
}

const middleOf = ({ config }: LanguageModel) => Math.max(1, Math.floor(config.numLayers / 2));

function refuseBidirectional({ name, config, bidirectional }: LanguageModel): void {
  if (bidirectional)
    throw new UsageError(
      `late-prompt-tuning does not support ${name}, a ${config.modelType} model whose tokens see those after them; ` +
        'use prompt-tuning',
      { code: 'unsupported' },
    );
}

/** What the frozen layers below make of a text, or of random tokens. */
async function startingStates(
  { model, config, tokenizer, seed }: Omit<LearnerOptions<z.output<typeof schema>>, 'files'>,
  layer: number,
): Promise<{ start: Tensor<'float32'>; description: string }> {
  const { initText: text, numVirtualTokens } = config;
  const own = text === undefined ? undefined : textIds(tokenizer, text);
  const count = numVirtualTokens ?? own?.length ?? defaultVirtualTokens;
  const ids = own ? cycle(own, count) : sampleIds(model, count, seededRandom(seed));
  return {
    start: await statesEntering(model, layer, ids),
    description: `the states of ${own ? `the text ${JSON.stringify(text)}` : `${count} random tokens`} at layer ${layer}`,
  };
}

function earlierStates(
  earlier: AdapterContent,
  model: LanguageModel,
  layer: number,
  numVirtualTokens: number | undefined,
) {
  const found = earlierPromptVectors(earlier, model, {
    peftTypes: [peftType],
    width: model.config.hiddenSize,
    numVirtualTokens,
  });
  const before = layerOf(expectPeft(earlier));
  if (before !== layer)
    throw new FileError(
      configPath(expectPeft(earlier)),
      'insertion_layer',
      `it enters layer ${before}, and that of this run layer ${layer}; give insertionLayer ${before}`,
    );
  return found;
}

function latePrompt(vectors: Tensor<'float32'>, layer: number): Adapter {
  return {
    method: latePromptTuning.name,
    tensors: new Map([[promptName, vectors]]),
    numVirtualTokens: vectors.shape[0]!,
    attach: (values) => ({ latePrompt: { vectors: values.get(promptName)!, layer } }),
  };
}

const storedSchema = z.object({ insertion_layer: z.int().positive() });
const layerOf = (files: PeftContent) => configFields(files, storedSchema).insertion_layer;

function load(files: PeftContent, model: LanguageModel): Adapter {
  refuseBidirectional(model);
  loadPromptVectors(files, model, model.config.hiddenSize);
  const layer = layerOf(files);
  const { numLayers } = model.config;
  if (layer >= numLayers)
    throw new FileError(
      configPath(files),
      'insertion_layer',
      `it is ${layer}, but the last layer of ${model.name} is ${numLayers - 1}`,
    );
  return latePrompt(promptOf(files), layer);
}

export const latePromptTuning = defineMethod({
  name: 'late-prompt-tuning',
  summary: 'learned vectors before the input from a middle layer on (Liu et al. 2022)',
  schema,
  defaultLearningRate: 0.01,
  suitsEncoders: 'its prompt enters between the layers of one stack',
  createLearner,
  peftType,
  load,
});
