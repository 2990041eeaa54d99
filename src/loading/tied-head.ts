/**
 * @file Whether a model's head is its input embeddings. config.json says so (`tie_word_embeddings`), but as in
 *   transformers 5 the file decides: a separate head that differs is used, and if only one of the two names exists,
 *   that tensor serves as both.
 */
import type { ModelFolder, TensorLocation } from '../formats/model-folder.js';
import type { Architecture } from '../models/model.js';
import { findTensor } from '../models/weights.js';
import { readRows } from './read-rows.js';

/** Numbers compared at a time. */
const chunkNumbers = 2 ** 20;

/**
 * The model's files, with the embeddings under their own name, and their parameters, including the head if it is not
 * tied.
 */
export async function withTiedHead(
  source: ModelFolder,
  { parameters, tiedHead, embeddingName }: Architecture,
  prefix: string,
): Promise<{ source: ModelFolder; parameters: Architecture['parameters'] }> {
  const head = tiedHead === undefined ? undefined : findTensor(source, tiedHead, prefix);
  if (!head) return { source, parameters };
  const embeddings = findTensor(source, embeddingName, prefix);
  if (!embeddings) {
    const tensors = new Map([...source.tensors, [embeddingName, head]]);
    return { source: { ...source, tensors }, parameters };
  }
  if (await haveSameNumbers(embeddings, head)) return { source, parameters };
  return { source, parameters: new Map([...parameters, [tiedHead!, parameters.get(embeddingName)!]]) };
}

async function haveSameNumbers(one: TensorLocation, other: TensorLocation): Promise<boolean> {
  if (one.shape.join() !== other.shape.join()) return false;
  const [rows = 0, ...rest] = one.shape;
  const columns = rest.reduce((product, size) => product * size, 1);
  const atOnce = Math.max(1, Math.floor(chunkNumbers / columns));
  for (let from = 0; from < rows; from += atOnce) {
    const to = Math.min(rows, from + atOnce);
    const [left, right] = await Promise.all([readRows(one, from, to), readRows(other, from, to)]);
    if (!left.every((x, i) => x === right[i])) return false;
  }
  return true;
}
