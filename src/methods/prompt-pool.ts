/**
 * @file A prompt pool (L2P: Wang et al. 2022, arXiv:2112.08654): M keys k_i and M prompts E_i are learned together. The
 *   N prompts whose keys are most similar to the input, by cosine(q(x), k_i), go before it. The loss is that of the
 *   text plus λ Σ (1 - cosine(q(x), k_i)) over the chosen ones, which pulls keys towards the inputs that choose them.
 *
 * q(x) is the mean of the frozen model's last hidden states over the input tokens. Such states share a large common
 * part, which would make all inputs choose alike, so they are standardized by their mean and deviation over texts that
 * the model generates (random tokens if an encoder reads the input, since it generates none). The keys start as the
 * queries of such texts, so that each is near some inputs.
 */
import * as z from 'zod';
import { encoderText, type InputText, inputText } from '../attach/input-text.js';
import { type Adapter, defineMethod, type Learner, type LearnerOptions } from '../attach/method.js';
import { tensorError } from '../attach/peft-tensors.js';
import { encoderIds, encoderLastPositions, feedsFor, inputIds, textInputs } from '../attach/text-inputs.js';
import { FileError, UsageError } from '../errors.js';
import { configPath, nameOf, type PeftContent } from '../formats/adapter-content.js';
import {
  add,
  constant,
  detach,
  divide,
  gather,
  matmul,
  multiply,
  reduceSum,
  reshape,
  sqrt,
  subtract,
  toOnnx,
  topK,
  type Value,
} from '../graph/index.js';
import { embedTokens } from '../models/embed-tokens.js';
import type { LanguageModel } from '../models/model.js';
import { type Random, seededRandom } from '../random.js';
import { Session } from '../runtime/index.js';
import { say } from '../say.js';
import { float32Tensor, type Tensor, type TrainableTensors } from '../tensor.js';
import { earlierContent, initAdapterOption, takeOver } from './parts/earlier-adapter.js';
import { modelTexts } from './parts/model-texts.js';
import { promptLearningConfig } from './parts/prompt-vectors.js';
import { columnStatistics, sampleIds } from './parts/starting-prompt.js';
import { configFields } from './parts/stored-config.js';
import { maskedMean } from './parts/text-encoders.js';

const schema = z
  .strictObject({
    poolSize: z.int().positive().default(10).describe('M, the number of prompts in the pool'),
    topN: z.int().positive().default(4).describe('N, how many of them go before a text'),
    promptLength: z
      .int()
      .positive()
      .default(5)
      .describe('vectors per prompt; N times as many are put before a text'),
    keyLossWeight: z
      .number()
      .nonnegative()
      .default(0.5)
      .describe('λ, the weight of Σ (1 - cosine) over the chosen keys, which pulls them towards the input'),
    initAdapter: initAdapterOption,
  })
  .refine(({ poolSize, topN }) => topN <= poolSize, {
    path: ['topN'],
    error: () => say`expected at most poolSize`,
  });
type PoolConfig = z.output<typeof schema>;

/** Not one of PEFT's types: PEFT does not choose prompts by input. */
const adapterType = 'PROMPTUNE_PROMPT_POOL';

/** Trained: keys [M, hidden] and prompts [M, P, hidden]. */
const keysName = 'pool_keys';
const promptsName = 'pool_prompts';
/** Not trained: mean and deviation [hidden] of the model's states, which standardize queries. */
const meanName = 'query_mean';
const deviationName = 'query_deviation';

interface Pool {
  readonly tensors: TrainableTensors;
  readonly statistics: TrainableTensors;
  readonly topN: number;
  readonly keyLossWeight: number;
}

async function createLearner({ model, config, seed, files }: LearnerOptions<PoolConfig>): Promise<Learner> {
  const { poolSize, topN, promptLength, keyLossWeight } = config;
  const { hiddenSize, maxPositions } = model.config;
  if (topN * promptLength >= maxPositions)
    throw new UsageError(
      say`topN ${topN} times promptLength ${promptLength} leaves no room in the model's
        ${maxPositions} positions`,
      { code: 'too-long' },
    );
  const random = seededRandom(seed);
  const { data } = await embedTokens(model, sampleIds(model, poolSize * promptLength, random));
  const { keys, statistics } = await startingKeys(model, poolSize, random);
  const tensors: TrainableTensors = new Map([
    [keysName, keys],
    [promptsName, float32Tensor([poolSize, promptLength, hiddenSize], data)],
  ]);
  const earlier = await earlierContent({ config, files });
  if (earlier) takeOver(new Map([...tensors, ...statistics]), earlier);
  return {
    ...poolAdapter({ tensors, statistics, topN, keyLossWeight }),
    initialization: earlier
      ? nameOf(earlier)
      : say`${poolSize} prompts of ${promptLength} random tokens of the vocabulary, with keys from
        ${model.encoder ? say`random texts` : say`texts that the model generates`}`,
    content: () => ({
      form: 'peft',
      config: {
        ...promptLearningConfig(model, adapterType, topN * promptLength),
        pool_size: poolSize,
        top_n: topN,
        prompt_length: promptLength,
        key_loss_weight: keyLossWeight,
      },
      tensors: new Map([...tensors, ...statistics]),
    }),
  };
}

/** Length of the texts that keys start from: enough tokens to tell kinds of text apart. */
const textLength = 8;

async function startingKeys(model: LanguageModel, poolSize: number, random: Random) {
  const { encoder } = model;
  const texts = encoder
    ? Array.from({ length: poolSize }, () => sampleIds(model, textLength, random))
    : await modelTexts(model, { count: poolSize, length: textLength }, random);
  const [ids, last] = [encoderIds.value, encoderLastPositions.value];
  const text = encoder ? encoderText({ model, encoder, ids, last }) : inputText(model, inputIds.value);
  const states = text.states();
  const { bytes, inputs } = toOnnx({ states, means: maskedMean(states, text.mask) });
  const session = await Session.create(bytes, { weights: model.files });
  try {
    const rows = texts.map((text) => ({ ids: text, encoderIds: text }));
    const outputs = await session.run(feedsFor(textInputs, inputs, rows));
    const { hiddenSize } = model.config;
    const tokens = float32Tensor([poolSize * textLength, hiddenSize], outputs.states!.data as Float32Array);
    const columns = columnStatistics(tokens);
    const mean = columns.map((column) => column.mean);
    const deviation = columns.map((column) => column.deviation || 1);
    const means = outputs.means!.data as Float32Array;
    const keys = Array.from(
      means,
      (value, i) => (value - mean[i % hiddenSize]!) / deviation[i % hiddenSize]!,
    );
    const statistics: TrainableTensors = new Map([
      [meanName, float32Tensor([hiddenSize], mean)],
      [deviationName, float32Tensor([hiddenSize], deviation)],
    ]);
    return { keys: float32Tensor([poolSize, hiddenSize], keys), statistics };
  } finally {
    await session.dispose();
  }
}

function poolAdapter({ tensors, statistics, topN, keyLossWeight }: Pool): Adapter {
  const [, promptLength, hiddenSize] = tensors.get(promptsName)!.shape as [number, number, number];
  const numVirtualTokens = topN * promptLength;
  return {
    method: promptPool.name,
    tensors,
    numVirtualTokens,
    readsText: true,
    attach: (values, text) => {
      const batch = text!.mask.shape[0]!;
      const query = unitRows(queryOf(text!, statistics)); // [batch, hidden]
      const keys = unitRows(values.get(keysName)!); // [M, hidden]
      // The choice itself is not differentiated; the chosen keys and prompts are.
      const { indices } = topK(detach(matmul(query, keys, { transposeB: true })), topN); // [batch, N]
      const cosines = reduceSum(multiply(gather(keys, indices), reshape(query, [batch, 1, hiddenSize])), {
        axes: [2],
      });
      return {
        prompt: reshape(gather(values.get(promptsName)!, indices), [batch, numVirtualTokens, hiddenSize]),
        penalty: multiply(reduceSum(subtract(1, cosines), { axes: [1] }), keyLossWeight),
      };
    },
  };
}

function queryOf(text: InputText, statistics: TrainableTensors): Value {
  const centered = subtract(maskedMean(text.states(), text.mask), constant(statistics.get(meanName)!));
  return divide(centered, constant(statistics.get(deviationName)!));
}

function unitRows(rows: Value): Value {
  const squares = reduceSum(multiply(rows, rows), { axes: [-1], keepDims: true });
  return divide(rows, sqrt(add(squares, 1e-12)));
}

const storedSchema = z.object({
  pool_size: z.int().positive(),
  top_n: z.int().positive(),
  prompt_length: z.int().positive(),
  key_loss_weight: z.number().nonnegative(),
});

function load(files: PeftContent, model: LanguageModel): Adapter {
  const path = configPath(files);
  const {
    pool_size: poolSize,
    top_n: topN,
    prompt_length: promptLength,
    key_loss_weight,
  } = configFields(files, storedSchema);
  const { hiddenSize, maxPositions } = model.config;
  if (topN > poolSize)
    throw new FileError(
      path,
      'top_n',
      say`expected at most ${poolSize}, the size of the pool, found ${topN}`,
    );
  if (topN * promptLength >= maxPositions)
    throw new FileError(
      path,
      'top_n',
      say`${topN * promptLength} virtual tokens leave no room in the model's ${maxPositions}
        positions`,
    );
  const tensor = (name: string, shape: readonly number[]): [string, Tensor<'float32'>] => {
    const found = files.tensors.get(name);
    if (`${found?.shape}` !== `${shape}`) throw tensorError(files, name, shape, found);
    return [name, found!];
  };
  return poolAdapter({
    tensors: new Map([
      tensor(keysName, [poolSize, hiddenSize]),
      tensor(promptsName, [poolSize, promptLength, hiddenSize]),
    ]),
    statistics: new Map([tensor(meanName, [hiddenSize]), tensor(deviationName, [hiddenSize])]),
    topN,
    keyLossWeight: key_loss_weight,
  });
}

export const promptPool = defineMethod({
  name: 'prompt-pool',
  summary: 'a pool of keys and prompts, the best chosen for each input (Wang et al. 2022)',
  schema,
  defaultLearningRate: 0.01,
  suitsEncoders: true,
  createLearner,
  peftType: adapterType,
  load,
});
