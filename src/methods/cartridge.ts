/**
 * @file Cartridge (Eyuboglu et al. 2025, arXiv:2506.06266): the key-value cache of a long text, trained directly. It is
 *   a prefix that starts from the text's own cache. Its first positions stay frozen, since models put much of their
 *   attention on them.
 */
import * as z from 'zod';
import {
  type Adapter,
  defineMethod,
  type Learner,
  type LearnerOptions,
  type OptionFiles,
} from '../attach/method.js';
import { FileError, optionError, UsageError } from '../errors.js';
import { configPath, type PeftContent } from '../formats/adapter-content.js';
import { concat, constant, type Value } from '../graph/index.js';
import type { LanguageModel } from '../models/model.js';
import { seededRandom } from '../random.js';
import { say } from '../say.js';
import { float32Tensor, type Tensor, type TrainableTensors } from '../tensor.js';
import { earlierAdapter, earlierContent } from './parts/earlier-adapter.js';
import { keyWidth, prefixWidth, realKeyValues, unpackKeyValues } from './parts/key-values.js';
import { fileReader } from './parts/option-files.js';
import {
  earlierPromptVectors,
  loadPromptVectors,
  promptLearningConfig,
  promptName,
} from './parts/prompt-vectors.js';
import { defaultVirtualTokens, sampleIds, textIds, virtualTokensOption } from './parts/starting-prompt.js';
import { configFields } from './parts/stored-config.js';

const schema = z
  .strictObject({
    numVirtualTokens: virtualTokensOption('cache', 'the text or initAdapter'),
    numFrozenTokens: z.int().nonnegative().default(1).describe('positions at its start that stay frozen'),
    initText: z.string().min(1).optional().describe('the text whose cache it is, cut to P tokens'),
    initFile: z
      .string()
      .min(1)
      .optional()
      .meta({ description: 'a text file to use in place of initText', format: 'path' }),
    initAdapter: earlierAdapter.optional().describe('an earlier cartridge or prefix to continue from'),
  })
  .superRefine(({ initText, initFile, initAdapter }, context) => {
    const given = Object.entries({ initText, initFile, initAdapter }).filter(
      ([, value]) => value !== undefined,
    );
    if (given.length > 1) {
      const message = say`use only one of ${given.map(([name]) => name).join(' and ')}`;
      context.addIssue({ code: 'custom', path: [given[1]![0]], message });
    }
  });
type CartridgeConfig = z.output<typeof schema>;

const peftType = 'CARTRIDGE';
/** PEFT's name for the trained rows. */
const trainedName = 'trainable_embedding';

async function createLearner(options: LearnerOptions<CartridgeConfig>): Promise<Learner> {
  const { model, config } = options;
  const { start, description } = await startingCache(options);
  const [count] = start.shape as [number];
  if (config.numFrozenTokens >= count)
    throw optionError(
      'numFrozenTokens',
      say`${config.numFrozenTokens} of ${count} virtual tokens would be frozen, which leaves nothing
        to train`,
    );
  const [frozen, trained] = splitRows(start, config.numFrozenTokens);
  const adapter = cartridgeAdapter(model, frozen, trained);
  return {
    ...adapter,
    initialization: description,
    content: () => {
      const all = float32Tensor(start.shape);
      all.data.set(frozen.data);
      all.data.set(adapter.tensors.get(trainedName)!.data, frozen.data.length);
      return {
        form: 'peft',
        config: {
          ...promptLearningConfig(model, peftType, count),
          num_attention_heads: model.config.numKeyValueHeads,
          num_frozen_tokens: config.numFrozenTokens,
          token_dim: keyWidth(model),
        },
        tensors: new Map([[promptName, all]]),
      };
    },
  };
}

function cartridgeAdapter(
  model: LanguageModel,
  frozen: Tensor<'float32'>,
  trained: Tensor<'float32'>,
): Adapter {
  const tensors: TrainableTensors = new Map([[trainedName, trained]]);
  const whole = (values: ReadonlyMap<string, Value>) =>
    frozen.shape[0] === 0
      ? values.get(trainedName)!
      : concat([constant(frozen), values.get(trainedName)!], 0);
  return {
    method: cartridge.name,
    tensors,
    numVirtualTokens: frozen.shape[0]! + trained.shape[0]!,
    attach: (values) => ({ past: unpackKeyValues(whole(values), model) }),
  };
}

function splitRows({ shape, data }: Tensor<'float32'>, first: number) {
  const [rows, width] = shape as [number, number];
  return [
    { dtype: 'float32', shape: [first, width], data: data.slice(0, first * width) },
    { dtype: 'float32', shape: [rows - first, width], data: data.slice(first * width) },
  ] satisfies [Tensor<'float32'>, Tensor<'float32'>];
}

async function startingCache({
  model,
  config,
  tokenizer,
  seed,
  files,
}: LearnerOptions<CartridgeConfig>): Promise<{ start: Tensor<'float32'>; description: string }> {
  const { initFile, numVirtualTokens } = config;
  const earlier = await earlierContent({ config, files });
  if (earlier)
    return earlierPromptVectors(earlier, model, {
      peftTypes: [peftType, 'PREFIX_TUNING'],
      width: prefixWidth(model.config),
      numVirtualTokens,
    });
  const text =
    initFile === undefined ? config.initText : await readText(initFile, fileReader('initFile', files));
  if (text === undefined) {
    const count = numVirtualTokens ?? defaultVirtualTokens;
    const start = await realKeyValues(model, sampleIds(model, count, seededRandom(seed)));
    return { start, description: say`the keys and values of ${count} random tokens of the vocabulary` };
  }
  const ids = textIds(tokenizer, text);
  const count = numVirtualTokens ?? ids.length;
  const source = initFile ?? JSON.stringify(text);
  if (count > ids.length)
    throw new UsageError(
      say`numVirtualTokens is ${count}, but the text has ${ids.length} tokens; use a longer text, or
        leave the option out`,
    );
  const { maxPositions } = model.config;
  if (count >= maxPositions)
    throw new UsageError(
      say`the text's ${count} tokens leave no room in the model's ${maxPositions} positions; cut it
        with numVirtualTokens`,
      { code: 'too-long' },
    );
  return {
    start: await realKeyValues(model, ids.slice(0, count)),
    description: say`the keys and values of the first ${count} of ${ids.length} tokens of ${source}`,
  };
}

async function readText(path: string, files: OptionFiles): Promise<string> {
  const text = await files.text(path);
  if (text.trim() === '') throw new FileError(path, undefined, say`the file has no text to start from`);
  return text;
}

const storedSchema = z.object({ num_frozen_tokens: z.int().nonnegative().default(1) });

function load(files: PeftContent, model: LanguageModel): Adapter {
  const all = loadPromptVectors(files, model, prefixWidth(model.config));
  const { num_frozen_tokens: frozen } = configFields(files, storedSchema);
  if (frozen > all.shape[0]!) {
    const problem = say`expected an integer up to ${all.shape[0]}, the number of virtual tokens, got ${frozen}`;
    throw new FileError(configPath(files), 'num_frozen_tokens', problem);
  }
  return cartridgeAdapter(model, ...splitRows(all, frozen));
}

export const cartridge = defineMethod({
  name: 'cartridge',
  summary: 'the key-value cache of a long text, trained (Eyuboglu et al. 2025)',
  schema,
  defaultLearningRate: 0.005,
  suitsEncoders: 'a cartridge is the cache of a text in a decoder, but here the encoder reads the texts',
  createLearner,
  peftType,
  isInPeft: true,
  load,
});
