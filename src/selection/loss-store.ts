/** @file A cache of losses in a folder, keyed by all they depend on: the model, the adapter and every token. */
import { fileSystem, type Hash, join, sha256 } from '#platform';
import { withFileErrors } from '../formats/files.js';
import { readFloat32, readSafetensorsHeader, writeSafetensors } from '../formats/safetensors.js';
import type { LanguageModel } from '../models/model.js';
import { float32Tensor } from '../tensor.js';
import type { Dataset } from '../text/dataset.js';
import type { Candidate } from './candidates.js';

/** One file per candidate and data set. Anything that does not match is not found. */
export interface LossStore {
  /** The losses of all rows, if stored. */
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

/** The file name for a candidate's losses: a hash of what they depend on (tokens, adapter's files, model's files). */
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
 * Adds the configuration, and size and time of the weights' files, because reading a large model would take too long.
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
