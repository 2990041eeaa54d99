/** @file A new GPT-2 with random weights, as a Hugging Face folder: the start of pretraining. */
import { fileSystem, join } from '#platform';
import { FileError, UsageError } from '../errors.js';
import { writeFolderAtomic, writeJsonAtomic } from '../formats/files.js';
import { writeSafetensors } from '../formats/safetensors.js';
import { gpt2 } from '../models/gpt2.js';
import type { ModelConfig } from '../models/model.js';
import { type Random, seededRandom } from '../random.js';
import { say } from '../say.js';
import { float32Tensor, type Tensor } from '../tensor.js';

/** A GPT-2's sizes. Its feed-forward layers are four times as wide as `hiddenSize`. */
export type Gpt2Sizes = Pick<
  ModelConfig,
  'vocabSize' | 'hiddenSize' | 'numLayers' | 'numAttentionHeads' | 'maxPositions'
>;

export interface CreateGpt2Options extends Gpt2Sizes {
  /** The folder to write, which must not exist yet. */
  folder: string;
  /** More JSON files by name, such as `tokenizer.json`. Default: none. */
  files?: Readonly<Record<string, object>>;
  /** The token that begins and ends texts. Default: the last one, as in GPT-2. */
  endOfTextId?: number;
  /** The same seed gives the same bytes. Default: 42. */
  seed?: number;
}

/** Standard deviation of GPT-2's initial weights. */
const initializerRange = 0.02;

/**
 * Creates a GPT-2 with float32 weights initialized as in Radford et al. 2019: normal with deviation 0.02, divided by
 * √(2 · numLayers) in the 2 · numLayers projections that add to the residual stream; biases 0, normalization scales 1.
 * The folder is written atomically.
 *
 * @throws UsageError for invalid sizes, FileError if the folder exists or cannot be written
 */
export async function createGpt2(options: CreateGpt2Options): Promise<void> {
  const { folder, files = {}, seed = 42 } = options;
  const config = configFor(options);
  if (await fileSystem.stat(folder))
    throw new FileError(folder, undefined, say`it exists already; choose another folder, or remove this one`);
  const random = seededRandom(seed);
  const { parameters } = gpt2.configure(config, join(folder, 'config.json'));
  const tensors = new Map(
    [...parameters].map(([name, shape]) => [name, initialTensor(name, shape, options.numLayers, random)]),
  );
  await writeFolderAtomic(folder, async (temporary) => {
    for (const [name, content] of Object.entries({ ...files, 'config.json': config }))
      await writeJsonAtomic(join(temporary, name), content);
    await writeSafetensors(join(temporary, 'model.safetensors'), tensors);
  });
}

/** config.json, with transformers' names. */
function configFor(options: CreateGpt2Options): Record<string, unknown> {
  const { vocabSize, hiddenSize, numLayers, numAttentionHeads, maxPositions } = options;
  const { endOfTextId = vocabSize - 1 } = options;
  const sizes = { vocabSize, hiddenSize, numLayers, numAttentionHeads, maxPositions };
  for (const [name, size] of Object.entries(sizes)) {
    if (!Number.isSafeInteger(size) || size < 1)
      throw new UsageError(say`${name} is ${size}, expected an integer from 1`);
  }
  if (hiddenSize % numAttentionHeads !== 0) {
    throw new UsageError(
      say`hiddenSize ${hiddenSize} is not divisible by ${numAttentionHeads} heads; make it a
        multiple of numAttentionHeads`,
    );
  }
  if (!Number.isInteger(endOfTextId) || endOfTextId < 0 || endOfTextId >= vocabSize)
    throw new UsageError(say`endOfTextId is ${endOfTextId}, expected a token id from 0 to ${vocabSize - 1}`);
  return {
    architectures: ['GPT2LMHeadModel'],
    model_type: 'gpt2',
    vocab_size: vocabSize,
    n_positions: maxPositions,
    n_embd: hiddenSize,
    n_layer: numLayers,
    n_head: numAttentionHeads,
    activation_function: 'gelu_new',
    layer_norm_epsilon: 1e-5,
    initializer_range: initializerRange,
    tie_word_embeddings: true,
    bos_token_id: endOfTextId,
    eos_token_id: endOfTextId,
    dtype: 'float32',
  };
}

function initialTensor(
  name: string,
  shape: readonly number[],
  numLayers: number,
  random: Random,
): Tensor<'float32'> {
  const tensor = float32Tensor(shape);
  if (name.endsWith('.bias')) return tensor;
  const { data } = tensor;
  if (/\.ln_\w+\.weight$/.test(name)) {
    data.fill(1);
    return tensor;
  }
  const addsToResidual = name.endsWith('.c_proj.weight');
  const deviation = addsToResidual ? initializerRange / Math.sqrt(2 * numLayers) : initializerRange;
  for (let i = 0; i < data.length; i++) data[i] = deviation * random.normal();
  return tensor;
}
