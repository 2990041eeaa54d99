/** @file Writes a GPT-2 of any shape with random weights: what a model costs to run does not depend on what it knows. */
import { join } from 'node:path';
import { writeJsonAtomic } from '../src/formats/files.js';
import { float32ToBfloat16 } from '../src/formats/half.js';
import { writeSafetensors } from '../src/formats/safetensors.js';
import { gpt2 } from '../src/models/gpt2.js';
import { llama } from '../src/models/llama.js';
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

/** Writes config.json and model.safetensors to `folder`, always the same bytes for the same shape. All weights are held at once. */
export async function makeModel(folder: string, shape: Gpt2Shape): Promise<void> {
  const config = { model_type: 'gpt2', architectures: ['GPT2LMHeadModel'], ...shape };
  const configPath = join(folder, 'config.json');
  const random = smallNumbers(1);
  const tensors = new Map<string, Tensor>();
  for (const [name, size] of gpt2.configure(config, configPath).parameters) {
    const data = new Float32Array(elementCount(size));
    if (/ln_\w+\.weight$/.test(name)) data.fill(1);
    else if (!name.endsWith('.bias')) for (let i = 0; i < data.length; i++) data[i] = random();
    tensors.set(name, tensorOf('float32', size, data));
  }
  await writeJsonAtomic(configPath, config);
  await writeSafetensors(join(folder, 'model.safetensors'), tensors);
}

/** Writes a Llama-like model with the fields of config.json `config`, in bfloat16. All weights are held at once. */
export async function makeLlama(folder: string, config: Readonly<Record<string, unknown>>): Promise<void> {
  const configPath = join(folder, 'config.json');
  const random = smallNumbers(1);
  const tensors = new Map<string, Tensor>();
  for (const [name, size] of llama.configure(config, configPath).parameters) {
    const data = new Float32Array(elementCount(size));
    if (name.includes('norm')) data.fill(1);
    else if (!name.endsWith('.bias')) for (let i = 0; i < data.length; i++) data[i] = random();
    tensors.set(name, tensorOf('bfloat16', size, float32ToBfloat16(data)));
  }
  await writeJsonAtomic(configPath, config);
  await writeSafetensors(join(folder, 'model.safetensors'), tensors);
}

/**
 * Numbers close to a normal distribution of deviation 0.02, GPT-2's own for new weights: sums of the four bytes of
 * xorshift32's states. A hundred million of them take about a second.
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
