/** @file Keys and values of all layers as one matrix, PEFT's form of a prefix, and those that real tokens have. */
import { concat, constant, iota, reshape, split, transpose, type Value } from '../graph/index.js';
import type { KeyValue } from '../models/attention.js';
import type { CausalLM, ModelConfig } from '../models/model.js';
import { int64Tensor, type Tensor } from '../tensor.js';
import { compute } from './compute.js';

type Sizes = Pick<ModelConfig, 'numLayers' | 'numKeyValueHeads' | 'headDim'>;

/** PEFT's token_dim of a prefix: the keys of one layer. */
export const keyWidth = ({ config }: CausalLM) => config.numKeyValueHeads * config.headDim;

/** Columns of the matrix: a key and a value of every head of every layer. */
export const prefixWidth = ({ numLayers, numKeyValueHeads, headDim }: Sizes) =>
  2 * numLayers * numKeyValueHeads * headDim;

/** [P, width], whose columns are layer 0's keys, its values, layer 1's keys, …, as [1, heads, P, headDim] each. */
export function unpackKeyValues(
  matrix: Value,
  { numLayers, numKeyValueHeads: heads, headDim }: Sizes,
): KeyValue[] {
  const rows = matrix.shape[0]!;
  const parts = split(matrix, 1, 2 * numLayers).map((part) =>
    reshape(transpose(reshape(part, [rows, heads, headDim]), [1, 0, 2]), [1, heads, rows, headDim]),
  );
  return Array.from({ length: numLayers }, (_, layer) => ({
    key: parts[2 * layer]!,
    value: parts[2 * layer + 1]!,
  }));
}

/** The reverse of `unpackKeyValues`. */
export function packKeyValues(keyValues: readonly KeyValue[]): Value {
  const columns = keyValues.flatMap(({ key, value }) =>
    [key, value].map((part) => {
      const [, heads, rows, headDim] = part.shape as [unknown, number, number, number];
      return reshape(transpose(part, [0, 2, 1, 3]), [rows, heads * headDim]);
    }),
  );
  return concat(columns, 1);
}

/** The keys and values [ids.length, width] that the frozen model has for a text. */
export function realKeyValues(model: CausalLM, ids: readonly number[]): Promise<Tensor<'float32'>> {
  const build = () => {
    const weights = model.weights();
    const { keyValues } = model.forward(weights, {
      embeddings: model.embed(weights, constant(int64Tensor([ids.length], ids))),
      batch: 1,
      length: ids.length,
      positions: reshape(iota(ids.length), [1, ids.length]),
    });
    return packKeyValues(keyValues);
  };
  return compute(new Map(), build, model);
}
