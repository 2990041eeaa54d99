/** @file Where frozen states are kept between the epochs of a run: in memory, or in the run's folder. */
import { fileSystem, join } from '#platform';
import { PromptuneError } from '../errors.js';
import { withFileErrors } from '../formats/files.js';
import { float16ToFloat32, float32ToFloat16 } from '../formats/half.js';
import {
  readSafetensorsHeader,
  readTensorAt,
  type SafetensorsFile,
  writeSafetensors,
} from '../formats/safetensors.js';
import { say } from '../say.js';
import type { Tensor } from '../tensor.js';

export const statePrecisions = ['fp32', 'fp16'] as const;
export type StatePrecision = (typeof statePrecisions)[number];

/** States by the batch that they are computed in, and the example's place in it. */
export interface StateStore {
  /** An example's states, if they are kept. */
  get(batch: number, row: number): Promise<readonly Float32Array[] | undefined>;
  /** Keeps the states of a batch's examples. */
  put(batch: number, states: readonly (readonly Float32Array[])[]): Promise<void>;
}

/** @param once whether states are forgotten when they were read. Default: false */
export function statesInMemory(precision: StatePrecision, { once = false } = {}): StateStore {
  const kept = new Map<number, Tensor[][]>();
  return {
    async get(batch, row) {
      const states = kept.get(batch)?.[row]?.map(unpacked);
      if (once && states) delete kept.get(batch)![row];
      return states;
    },
    put: async (batch, states) => {
      kept.set(
        batch,
        states.map((ofRow) => ofRow.map((state) => packed(state, precision))),
      );
    },
  };
}

/**
 * One file per batch, which a resumed run finds again.
 * @param keyOf what a batch's states depend on, as a file's name; what does not match is not found
 */
export function statesInFolder(
  folder: string,
  precision: StatePrecision,
  keyOf: (batch: number) => Promise<string>,
): StateStore {
  const files = new Map<number, SafetensorsFile>();
  const pathOf = async (batch: number) => join(folder, `${await keyOf(batch)}.safetensors`);
  const fileOf = async (batch: number) => {
    const path = await pathOf(batch);
    const exists = await withFileErrors(path, 'read', () => fileSystem.stat(path));
    return exists && readSafetensorsHeader(path);
  };
  return {
    async get(batch, row) {
      const file = files.get(batch) ?? (await fileOf(batch));
      if (!file) return undefined;
      files.set(batch, file);
      const states: Float32Array[] = [];
      for (let info = file.tensors.get(nameOf(row, 0)); info; ) {
        states.push(unpacked(await readTensorAt(file.path, info)));
        info = file.tensors.get(nameOf(row, states.length));
      }
      return states;
    },
    async put(batch, states) {
      const tensors = states.flatMap((ofRow, row) =>
        ofRow.map((state, i) => [nameOf(row, i), packed(state, precision)] as const),
      );
      await withFileErrors(folder, 'written', () => fileSystem.makeFolder(folder));
      await writeSafetensors(await pathOf(batch), new Map(tensors));
    },
  };
}

const nameOf = (row: number, state: number) => `${row}.${state}`;

function packed(state: Float32Array, precision: StatePrecision): Tensor {
  const shape = [state.length];
  if (precision === 'fp32') return { dtype: 'float32', shape, data: state };
  const data = float32ToFloat16(state);
  if (data.some((half) => (half & 0x7fff) === 0x7c00))
    throw new PromptuneError(
      say`a hidden state of this model is too large for 16 bits (65,504 at most); keep its states in
        fp32`,
    );
  return { dtype: 'float16', shape, data };
}

const unpacked = ({ dtype, data }: Tensor): Float32Array =>
  dtype === 'float16' ? float16ToFloat32(data as Uint16Array) : (data as Float32Array);
