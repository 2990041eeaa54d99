/**
 * @file Writes models of any shape with random weights: the cost of running a model does not depend on their values.
 */
import { join } from 'node:path';
import { writeJsonAtomic } from '../src/formats/files.js';
import { float32ToBfloat16 } from '../src/formats/half.js';
import { writeSafetensors } from '../src/formats/safetensors.js';
import { gpt2 } from '../src/models/gpt2.js';
import type { ModelFamily } from '../src/models/model.js';
import { elementCount, type Tensor, tensorOf } from '../src/tensor.js';

/** Fields of GPT-2's config.json. */
export interface Gpt2Shape {
  n_layer: number;
  n_head: number;
  n_embd: number;
  vocab_size: number;
  n_positions: number;
}

/** GPT-2 small: 124 million parameters. */
export const gpt2Small: Gpt2Shape = {
  n_layer: 12,
  n_head: 12,
  n_embd: 768,
  vocab_size: 50257,
  n_positions: 1024,
};

/** SmolLM2-135M, as fields of Llama's config.json. */
export const smolLM2 = {
  hidden_size: 576,
  intermediate_size: 1536,
  num_hidden_layers: 30,
  num_attention_heads: 9,
  num_key_value_heads: 3,
  vocab_size: 49152,
  max_position_embeddings: 8192,
  tie_word_embeddings: true,
};

/** Writes a GPT-2 in float32. */
export const makeModel = (folder: string, shape: Gpt2Shape): Promise<void> =>
  makeRandomModel(folder, gpt2, { model_type: 'gpt2', architectures: ['GPT2LMHeadModel'], ...shape });

/**
 * Writes config.json and model.safetensors to `folder`, the same bytes for the same fields. Normalizations are 1,
 * biases 0. All weights are in memory at once.
 */
export async function makeRandomModel(
  folder: string,
  family: ModelFamily,
  config: Readonly<Record<string, unknown>>,
  dtype: 'float32' | 'bfloat16' = 'float32',
): Promise<void> {
  const configPath = join(folder, 'config.json');
  const random = smallNumbers(1);
  const tensors = new Map<string, Tensor>();
  const { parameters, optionalParameters = new Map() } = family.configure({ ...config }, configPath);
  for (const [name, size] of [...parameters, ...optionalParameters]) {
    const data = new Float32Array(elementCount(size));
    if (/(norm|ln_\w+)\.weight$/i.test(name)) data.fill(1);
    else if (!name.endsWith('bias')) for (let i = 0; i < data.length; i++) data[i] = random();
    tensors.set(
      name,
      dtype === 'float32' ? tensorOf(dtype, size, data) : tensorOf(dtype, size, float32ToBfloat16(data)),
    );
  }
  await writeJsonAtomic(configPath, config);
  await writeSafetensors(join(folder, 'model.safetensors'), tensors);
}

/**
 * Approximately normal numbers with deviation 0.02, as GPT-2 initializes weights: sums of the four bytes of
 * xorshift32's states. A hundred million take about a second.
 */
export function smallNumbers(seed: number): () => number {
  const deviation = Math.sqrt((4 * (256 ** 2 - 1)) / 12);
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const sum = (state & 255) + ((state >>> 8) & 255) + ((state >>> 16) & 255) + (state >>> 24);
    return (0.02 * (sum - 510)) / deviation;
  };
}
