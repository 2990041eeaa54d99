/**
 * @file Initial weights of prompt encoders: PyTorch's, with the last layer scaled so that the output resembles real
 *   embeddings.
 */
import type { Random } from '../../random.js';
import { float32Tensor, type Tensor, type TrainableTensors } from '../../tensor.js';
import { columnStatistics } from './starting-prompt.js';

/** Uniform numbers in ±1/√in, as torch.nn.Linear and torch.nn.LSTM start. */
export function uniformTensor(shape: readonly number[], inSize: number, random: Random): Tensor<'float32'> {
  const tensor = float32Tensor(shape);
  const bound = 1 / Math.sqrt(inSize);
  for (let i = 0; i < tensor.data.length; i++)
    tensor.data[i] = bound * ((2 * (random.below(2 ** 24) + 0.5)) / 2 ** 24 - 1);
  return tensor;
}

/** `<name>.weight` [out, in] and `<name>.bias` [out] of a linear layer. */
export function addLinear(
  tensors: TrainableTensors,
  name: string,
  inSize: number,
  outSize: number,
  random: Random,
): void {
  tensors.set(`${name}.weight`, uniformTensor([outSize, inSize], inSize, random));
  tensors.set(`${name}.bias`, uniformTensor([outSize], inSize, random));
}

/** Standard normal numbers, as torch.nn.Embedding starts. */
export function normalTensor(shape: readonly number[], random: Random): Tensor<'float32'> {
  const tensor = float32Tensor(shape);
  for (let i = 0; i < tensor.data.length; i++) tensor.data[i] = random.normal();
  return tensor;
}

/**
 * Rescales the last layer, `<name>.weight` [columns, in] and `<name>.bias`, so that each column of the encoder's output
 * has the mean and deviation of that column in `sample`: y ← (y - mean(y))·σ/σ(y) + μ, which is linear in weight and
 * bias.
 */
export function matchColumns(
  tensors: TrainableTensors,
  name: string,
  output: Tensor<'float32'>,
  sample: Tensor<'float32'>,
): void {
  const weight = tensors.get(`${name}.weight`)!;
  const bias = tensors.get(`${name}.bias`)!.data;
  const inSize = weight.shape[1]!;
  const target = columnStatistics(sample);
  for (const [column, { mean, deviation }] of columnStatistics(output).entries()) {
    // A single row has no deviation, so it is only shifted.
    const scale = deviation > 1e-6 ? target[column]!.deviation / deviation : 1;
    for (let i = 0; i < inSize; i++) weight.data[column * inSize + i]! *= scale;
    bias[column] = (bias[column]! - mean) * scale + target[column]!.mean;
  }
}
