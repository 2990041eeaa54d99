/** @file The states of a data set's inputs, batch by batch, as a selector's network takes them. */
import type { Dataset } from '../data/dataset.js';
import type { NamedTensors } from '../runtime/index.js';
import { float32Tensor, type TrainableTensors } from '../tensor.js';
import type { StateReader } from './states.js';

/** What the network is fed for some rows. */
export type Features = (indices: readonly number[]) => Promise<NamedTensors>;

/** Runs the frozen model for every batch: the states of all tokens of all rows would be too much to keep. */
export function statesOnDemand(reader: StateReader, inputs: Dataset): Features {
  return async (indices) => {
    const examples = await Promise.all(indices.map((index) => inputs.get(index)));
    return reader.read(examples.map(({ inputIds }) => inputIds));
  };
}

/** The pooled states of all rows, computed once: two vectors a row. */
export async function pooledOnce(
  reader: StateReader,
  inputs: Dataset,
  signal?: AbortSignal,
): Promise<{ features: Features; pooled: Float32Array; size: number }> {
  const read = statesOnDemand(reader, inputs);
  const batchSize = 16;
  let pooled = new Float32Array();
  let size = 0;
  const order = Array.from({ length: inputs.length }, (_, i) => i).sort(
    (a, b) => inputs.tokenCounts[a]! - inputs.tokenCounts[b]!,
  );
  for (let from = 0; from < order.length; from += batchSize) {
    signal?.throwIfAborted();
    const batch = order.slice(from, from + batchSize);
    const { shape, data } = (await read(batch)).pooled!;
    size = shape[1]!;
    if (from === 0) pooled = new Float32Array(inputs.length * size);
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
export function standardise(fixed: TrainableTensors, pooled: Float32Array, size: number): void {
  const mean = fixed.get('pooled.mean')!.data;
  const deviation = fixed.get('pooled.deviation')!.data;
  const rows = pooled.length / size;
  for (let column = 0; column < size; column++) {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += pooled[row * size + column]!;
    let squares = 0;
    for (let row = 0; row < rows; row++) squares += (pooled[row * size + column]! - sum / rows) ** 2;
    mean[column] = sum / rows;
    // A state that is the same for all rows tells nothing, and must not be divided by zero.
    deviation[column] = Math.sqrt(squares / rows) || 1;
  }
}
