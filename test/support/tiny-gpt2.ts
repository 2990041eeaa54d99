/** @file GPT-2s for tests, small enough to run at once. */
import { join } from 'node:path';
import type { TokenEncoder } from '../../src/attach/method.js';
import { writeJsonAtomic } from '../../src/formats/files.js';
import { readWeight } from '../../src/formats/model-folder.js';
import { writeSafetensors } from '../../src/formats/safetensors.js';
import { loadModel } from '../../src/loading/load-model.js';
import { gpt2 } from '../../src/models/gpt2.js';
import type { LanguageModel } from '../../src/models/model.js';
import { seededRandom } from '../../src/random.js';
import { float32Tensor } from '../../src/tensor.js';

/**
 * That of a golden case, so what it computes is known to be right: 96 tokens, width 32, 2 layers, 4 heads, 64
 * positions.
 */
export const tinyGpt2Folder = join(import.meta.dirname, '../golden/cases/gpt2__base/model');

export const loadTinyGpt2 = (): Promise<LanguageModel> => loadModel(tinyGpt2Folder, 'tiny-gpt2');

/** A token a character, within the 96 of the tiny model. */
export const characters: TokenEncoder = { encode: (text) => Array.from(text, (c) => c.charCodeAt(0) % 96) };

/** Row `id` of the input embeddings. */
export async function embeddingRows(model: LanguageModel, ids: readonly number[]): Promise<Float32Array[]> {
  const { data } = await readWeight(model.source, model.embeddingName);
  const size = model.config.hiddenSize;
  return ids.map((id) => data.slice(id * size, (id + 1) * size));
}

/** Writes and loads a GPT-2 of any sizes whose weights are large, so that every position matters to the scores. */
export async function makeGpt2(
  folder: string,
  sizes: Readonly<Record<string, unknown>>,
): Promise<LanguageModel> {
  const config = {
    model_type: 'gpt2',
    vocab_size: 40,
    n_embd: 16,
    n_layer: 2,
    n_head: 2,
    n_positions: 32,
    ...sizes,
  };
  const random = seededRandom(1);
  const tensors = [...gpt2.configure(config, folder).parameters].map(([name, shape]) => {
    const tensor = float32Tensor(shape);
    const around = /\.ln_\w+\.weight$/.test(name) ? 1 : 0;
    for (let i = 0; i < tensor.data.length; i++) tensor.data[i] = around + 0.3 * random.normal();
    return [name, tensor] as const;
  });
  await writeJsonAtomic(join(folder, 'config.json'), config);
  await writeSafetensors(join(folder, 'model.safetensors'), new Map(tensors));
  return loadModel(folder, 'made-gpt2');
}
