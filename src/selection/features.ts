/** @file Hidden states of a data set's inputs, as batches for a selector's network. */

import { countMask } from '../attach/text-inputs.js';
import type { NamedTensors } from '../runtime/index.js';
import { float32Tensor, type TrainableTensors } from '../tensor.js';
import type { Dataset } from '../text/dataset.js';
import type { StateReader } from './states.js';

/** The network's inputs for some rows. */
export type Features = (indices: readonly number[]) => Promise<NamedTensors>;

/** Largest size in bytes at which the states of all tokens are kept in memory. */
const mostKept = 512e6;

/** The states of all tokens of all rows: computed once if they fit in memory, else for every batch. */
export async function statesOfTokens(
  reader: StateReader,
  inputs: Dataset,
  { hiddenSize, room = mostKept, signal }: { hiddenSize: number; room?: number; signal?: AbortSignal },
): Promise<Features> {
  const { tokenCounts } = inputs;
  const tokens = tokenCounts.reduce((sum, count) => sum + count, 0);
  if (tokens * hiddenSize * Float32Array.BYTES_PER_ELEMENT > room) return statesOnDemand(reader, inputs);
  const kept: Float32Array[] = [];
  for await (const [batch, { states }] of readOnce(reader, inputs, signal)) {
    const [, length] = states!.shape as [number, number];
    for (const [i, row] of batch.entries()) {
      const start = i * length * hiddenSize;
      kept[row] = (states!.data as Float32Array).slice(start, start + tokenCounts[row]! * hiddenSize);
    }
  }
  return async (indices) => {
    const counts = indices.map((row) => tokenCounts[row]!);
    const length = Math.max(...counts);
    const states = float32Tensor([indices.length, length, hiddenSize]);
    for (const [i, row] of indices.entries()) states.data.set(kept[row]!, i * length * hiddenSize);
    return { states, mask: countMask(counts, length) };
  };
}

function statesOnDemand(reader: StateReader, inputs: Dataset): Features {
  return async (indices) => {
    const examples = await Promise.all(indices.map((index) => inputs.get(index)));
    return reader.read(examples.map(({ inputIds }) => inputIds));
  };
}

/** Reads all rows, batched by length. */
async function* readOnce(
  reader: StateReader,
  inputs: Dataset,
  signal?: AbortSignal,
): AsyncGenerator<[batch: readonly number[], states: NamedTensors]> {
  const read = statesOnDemand(reader, inputs);
  const batchSize = 16;
  const order = Array.from({ length: inputs.length }, (_, i) => i).sort(
    (a, b) => inputs.tokenCounts[a]! - inputs.tokenCounts[b]!,
  );
  for (let from = 0; from < order.length; from += batchSize) {
    signal?.throwIfAborted();
    const batch = order.slice(from, from + batchSize);
    yield [batch, await read(batch)];
  }
}

/** The pooled states of all rows, computed once: two vectors per row. */
export async function pooledOnce(
  reader: StateReader,
  inputs: Dataset,
  signal?: AbortSignal,
): Promise<{ features: Features; pooled: Float32Array; size: number }> {
  let pooled = new Float32Array();
  let size = 0;
  for await (const [batch, states] of readOnce(reader, inputs, signal)) {
    const { shape, data } = states.pooled!;
    size = shape[1]!;
    if (pooled.length === 0) pooled = new Float32Array(inputs.length * size);
    for (const [i, row] of batch.entries())
      pooled.set((data as Float32Array).subarray(i * size, (i + 1) * size), row * size);
  }
  const features: Features = async (indices) => {
    const tensor = float32Tensor([indices.length, size]);
    for (const [i, row] of indices.entries())
      tensor.data.set(pooled.subarray(row * size, (row + 1) * size), i * size);
    return { pooled: tensor };
  };
  return { features, pooled, size };
}

/** Writes mean and deviation of each column of `pooled` [rows, size] into the network's fixed tensors. */
export function standardize(fixed: TrainableTensors, pooled: Float32Array, size: number): void {
  const mean = fixed.get('pooled.mean')!.data;
  const deviation = fixed.get('pooled.deviation')!.data;
  const rows = pooled.length / size;
  for (let column = 0; column < size; column++) {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += pooled[row * size + column]!;
    let squares = 0;
    for (let row = 0; row < rows; row++) squares += (pooled[row * size + column]! - sum / rows) ** 2;
    mean[column] = sum / rows;
    // A state that is constant over rows has no information; avoids dividing by zero.
    deviation[column] = Math.sqrt(squares / rows) || 1;
  }
}
