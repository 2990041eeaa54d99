/**
 * @file Late prompt tuning (Liu, Sun, Huang, Qiu 2022, arXiv:2210.11292): the prompt enters between two layers. The
 *   layers below never see it, so what they make of a text is that of the frozen model, and gradients end where the
 *   prompt enters. It is learned ("LPT w/o PG"), or predicted from what those layers make of the text ("LPT w/ NPG"):
 *   E(x) = E + g(x) with a bottleneck g over the mean of the input's states, which starts at zero.
 */
import * as z from 'zod';
import { type Adapter, defineMethod, type Learner, type LearnerOptions } from '../attach/method.js';
import { tensorError } from '../attach/peft-tensors.js';
import { FileError, optionError } from '../errors.js';
import { type AdapterContent, configPath, expectPeft, type PeftContent } from '../formats/adapter-content.js';
import { add } from '../graph/index.js';
import type { LanguageModel } from '../models/model.js';
import { seededRandom } from '../random.js';
import { say } from '../say.js';
import type { Tensor, TrainableTensors } from '../tensor.js';
import { earlierContent, initAdapterOption, takeOver } from './parts/earlier-adapter.js';
import {
  chosenLayer,
  insertionLayerOption,
  refuseBidirectional,
  storedLayer,
} from './parts/insertion-layer.js';
import { statesEntering } from './parts/layer-states.js';
import {
  earlierPromptVectors,
  loadPromptVectors,
  promptLearningConfig,
  promptName,
  promptOf,
} from './parts/prompt-vectors.js';
import { sampleEmbeddings, startingIds, startNamed, virtualTokensOption } from './parts/starting-prompt.js';
import { configFields } from './parts/stored-config.js';
import { addEncoder, type EncoderSizes, encodeText } from './parts/text-encoders.js';

const schema = z.strictObject({
  numVirtualTokens: virtualTokensOption('soft prompt', 'initText or initAdapter'),
  insertionLayer: insertionLayerOption,
  initText: z
    .string()
    .min(1)
    .optional()
    .describe('the text whose hidden states it starts from (default: random tokens of the vocabulary)'),
  predicted: z
    .boolean()
    .default(false)
    .describe(
      "predicts how each text's prompt differs from the shared one, from the text's hidden states there",
    ),
  encoderHiddenSize: z
    .int()
    .positive()
    .optional()
    .describe('width of the bottleneck that predicts (default: 64)'),
  initAdapter: initAdapterOption,
});

const defaultWidth = 64;

const peftType = 'LATE_PROMPT_TUNING';

async function createLearner({
  model,
  config,
  tokenizer,
  seed,
  files,
}: LearnerOptions<z.output<typeof schema>>): Promise<Learner> {
  refuseBidirectional(model, latePromptTuning.name);
  const earlier = await earlierContent({ config, files });
  const layer = chosenLayer(model, config.insertionLayer, earlier && expectPeft(earlier));
  const { start, description } = earlier
    ? earlierStates(earlier, model, config.numVirtualTokens)
    : await startingStates({ model, config, tokenizer, seed }, layer);
  const [numVirtualTokens] = start.shape as [number, number];
  const encoder = predictingEncoder({ model, config, seed, earlier }, numVirtualTokens);
  const tensors: TrainableTensors = new Map([[promptName, start], ...(encoder?.tensors ?? [])]);
  if (encoder?.isEarlier) takeOver(tensors, earlier!);
  const width = encoder?.sizes.width;
  // AdamW moves each number by the rate, whatever its size, and states are many times as large as embeddings are.
  const scale = sizeOf(start) / sizeOf(await sampleEmbeddings(model, seed));
  return {
    ...latePrompt({ tensors, layer, sizes: encoder?.sizes }),
    learningRateFactors: new Map([[promptName, Number(scale.toPrecision(2))]]),
    initialization:
      encoder && !encoder.isEarlier ? say`${description}, the same for every text` : description,
    content: () => ({
      form: 'peft',
      config: {
        ...promptLearningConfig(model, peftType, numVirtualTokens),
        insertion_layer: layer,
        ...(width !== undefined && { encoder_hidden_size: width }),
      },
      tensors,
    }),
  };
}

/** The root mean square of a matrix's middle row: the state of a text's first token can be much larger than others. */
function sizeOf({ shape, data }: Tensor<'float32'>): number {
  const [rows, width] = shape as [number, number];
  const sizes = Array.from({ length: rows }, (_, row) => {
    const values = data.subarray(row * width, (row + 1) * width);
    return Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / width);
  });
  return sizes.sort((a, b) => a - b)[rows >> 1]!;
}

/** The network that predicts prompts, if there is to be one: that of the adapter that is continued, or a new one. */
function predictingEncoder(
  {
    model,
    config: { predicted, encoderHiddenSize },
    seed,
    earlier,
  }: Pick<LearnerOptions<z.output<typeof schema>>, 'model' | 'config' | 'seed'> & {
    earlier?: AdapterContent;
  },
  numVirtualTokens: number,
): { sizes: EncoderSizes; tensors: TrainableTensors; isEarlier: boolean } | undefined {
  const files = earlier && expectPeft(earlier);
  const before = files && configFields(files, storedSchema).encoder_hidden_size;
  if (encoderHiddenSize !== undefined && !predicted && before === undefined)
    throw optionError(
      'encoderHiddenSize',
      say`it is the width of the network that predicts prompts; give predicted too`,
    );
  if (!predicted && before === undefined) return undefined;
  const width = encoderHiddenSize ?? before ?? defaultWidth;
  if (before !== undefined && before !== width)
    throw new FileError(
      configPath(files!),
      'encoder_hidden_size',
      say`it is ${before}, and that of this run ${width}; give encoderHiddenSize ${before}`,
    );
  const sizes = encoderSizes(model, numVirtualTokens, width);
  const tensors: TrainableTensors = new Map();
  addEncoder(tensors, sizes, seededRandom(seed));
  return { sizes, tensors, isEarlier: before !== undefined };
}

/** An adapter's files without the tensors of the network that predicts prompts, if it has one. */
function promptAlone(files: PeftContent, model: LanguageModel): PeftContent {
  const { encoder_hidden_size: width } = configFields(files, storedSchema);
  if (width === undefined) return files;
  const ofEncoder: TrainableTensors = new Map();
  addEncoder(ofEncoder, encoderSizes(model, 1, 1), seededRandom(0));
  return { ...files, tensors: new Map([...files.tensors].filter(([name]) => !ofEncoder.has(name))) };
}

const encoderSizes = ({ config }: LanguageModel, numVirtualTokens: number, width: number): EncoderSizes => ({
  kind: 'mlp',
  numVirtualTokens,
  hiddenSize: config.hiddenSize,
  width,
  layers: 1,
});

/** What the frozen layers below make of a text, or of random tokens. */
async function startingStates(
  { model, config, tokenizer, seed }: Omit<LearnerOptions<z.output<typeof schema>>, 'files'>,
  layer: number,
): Promise<{ start: Tensor<'float32'>; description: string }> {
  const ids = startingIds({ model, tokenizer }, config, seededRandom(seed));
  return {
    start: await statesEntering(model, layer, ids),
    description: say`the states of ${startNamed(config.initText, ids.length)} at layer ${layer}`,
  };
}

const earlierStates = (earlier: AdapterContent, model: LanguageModel, numVirtualTokens: number | undefined) =>
  earlierPromptVectors(promptAlone(expectPeft(earlier), model), model, {
    peftTypes: [peftType],
    width: model.config.hiddenSize,
    numVirtualTokens,
  });

/** @param sizes of the network that predicts prompts, if there is one */
function latePrompt({
  tensors,
  layer,
  sizes,
}: {
  tensors: TrainableTensors;
  layer: number;
  sizes?: EncoderSizes;
}): Adapter {
  const shared = {
    method: latePromptTuning.name,
    tensors,
    numVirtualTokens: tensors.get(promptName)!.shape[0]!,
  };
  if (!sizes)
    return { ...shared, attach: (values) => ({ latePrompt: { entering: values.get(promptName)!, layer } }) };
  return {
    ...shared,
    readsText: true,
    attach: (values, text) => {
      const { mask, states } = text!;
      const own = encodeText(values, sizes, { vectors: states(layer), mask });
      return { latePrompt: { entering: add(values.get(promptName)!, own), layer } };
    },
  };
}

const storedSchema = z.object({ encoder_hidden_size: z.int().positive().optional() });

function load(files: PeftContent, model: LanguageModel): Adapter {
  refuseBidirectional(model, latePromptTuning.name);
  const alone = promptAlone(files, model);
  loadPromptVectors(alone, model, model.config.hiddenSize);
  const layer = storedLayer(files, model);
  const { encoder_hidden_size: width } = configFields(files, storedSchema);
  const prompt = promptOf(alone);
  const tensors: TrainableTensors = new Map([[promptName, prompt]]);
  if (width === undefined) return latePrompt({ tensors, layer });
  const sizes = encoderSizes(model, prompt.shape[0]!, width);
  // A new network of the same sizes has the expected tensors.
  const expected: TrainableTensors = new Map();
  addEncoder(expected, sizes, seededRandom(0));
  for (const [name, { shape }] of expected) {
    const found = files.tensors.get(name);
    if (!found || `${found.shape}` !== `${shape}`) throw tensorError(files, name, shape, found);
    tensors.set(name, found);
  }
  return latePrompt({ tensors, layer, sizes });
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
