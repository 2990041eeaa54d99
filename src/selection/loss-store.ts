/**
 * @file Losses that were computed once, kept in a folder by what they depend on: the model, the adapter and every
 * token.
 */
import { fileSystem, type Hash, join, sha256 } from '#platform';
import { withFileErrors } from '../formats/files.js';
import { readFloat32, readSafetensorsHeader, writeSafetensors } from '../formats/safetensors.js';
import type { LanguageModel } from '../models/model.js';
import { float32Tensor } from '../tensor.js';
import type { Dataset } from '../text/dataset.js';
import type { Candidate } from './candidates.js';

/** A file for each candidate and data set. What is not stored, or stored for anything else, is simply not found. */
export interface LossStore {
  /** The losses of all rows, if they are there. */
  get(key: string): Promise<Float32Array | undefined>;
  put(key: string, losses: Float32Array, candidate: Candidate): Promise<void>;
}

export function lossStore(folder: string): LossStore {
  const pathOf = (key: string) => join(folder, `${key}.safetensors`);
  return {
    async get(key) {
      const path = pathOf(key);
      if (!(await withFileErrors(path, 'read', () => fileSystem.stat(path)))) return undefined;
      return (await readFloat32(await readSafetensorsHeader(path), 'losses')).data;
    },
    put: (key, losses, { name }) =>
      writeSafetensors(pathOf(key), new Map([['losses', float32Tensor([losses.length], losses)]]), {
        candidate: name,
      }),
  };
}

/**
 * What the losses of a candidate depend on, as the name of their file: rows as tokens, the adapter's files, the
 * model's.
 */
export async function lossKey(model: LanguageModel, candidate: Candidate, rows: Dataset): Promise<string> {
  const hash = sha256();
  await addModel(hash, model);
  if (candidate.adapter !== undefined) {
    for (const name of ['adapter_config.json', 'adapter_model.safetensors'])
      hash.update(await fileSystem.readBytes(join(candidate.adapter, name)));
    hash.update(`task ${candidate.task ?? 0}`);
  }
  for (let i = 0; i < rows.length; i++) {
    const { inputIds, lossMask } = await rows.get(i);
    hash.update(`row ${inputIds.length} `).update(bytesOf(inputIds)).update(lossMask);
  }
  return hash.hex().slice(0, 24);
}

/**
 * Its configuration, and its weights' files by size and time: to read all of a large model would take longer than it
 * is worth.
 */
async function addModel(hash: Hash, { source, files }: LanguageModel): Promise<void> {
  hash.update(JSON.stringify(source.config));
  const paths = new Set([...files.locations.values()].map(({ path }) => path));
  for (const path of [...paths].sort()) {
    const { size, modified } = (await fileSystem.stat(path))!;
    hash.update(`${size} ${modified} `);
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Int32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);
