/** @file Keys and values of all layers as one matrix (PEFT's format of a prefix), and those of real tokens. */
import { concat, constant, iota, reshape, split, transpose, type Value } from '../../graph/index.js';
import type { KeyValue } from '../../models/attention.js';
import type { LanguageModel, ModelConfig, Stream } from '../../models/model.js';
import { float32Tensor, int64Tensor, type Tensor } from '../../tensor.js';
import { compute } from './compute.js';

type Sizes = Pick<ModelConfig, 'numLayers' | 'numKeyValueHeads' | 'headDim'>;

/** PEFT's token_dim of a prefix: the keys of one layer. */
export const keyWidth = ({ config }: LanguageModel) => config.numKeyValueHeads * config.headDim;

/** Columns of the matrix: a key and a value of every head of every layer. */
export const prefixWidth = ({ numLayers, numKeyValueHeads, headDim }: Sizes) =>
  2 * numLayers * numKeyValueHeads * headDim;

/**
 * The place of each layer's keys and values in the matrix. For encoder-decoders with an even number of layers, PEFT
 * never reads every second place, and the layers of the second half share those of the first.
 */
function placesOf({ config: { numLayers }, encoder }: LanguageModel): number[] {
  return Array.from({ length: numLayers }, (_, layer) => (encoder ? (2 * layer) % numLayers : layer));
}

/** Splits [P, width], whose columns are layer 0's keys, its values, layer 1's keys, …, into [1, heads, P, headDim]. */
export function unpackKeyValues(matrix: Value, model: LanguageModel): KeyValue[] {
  const inPlaces = unpackLayers(matrix, model.config, model.config.numLayers);
  return placesOf(model).map((place) => inPlaces[place]!);
}

/** The same for a matrix of `count` layers, which stand in their order. */
export function unpackLayers(
  matrix: Value,
  { numKeyValueHeads: numHeads, headDim }: Sizes,
  count: number,
): KeyValue[] {
  const rows = matrix.shape[0]!;
  const parts = split(matrix, 1, 2 * count).map((part) =>
    reshape(transpose(reshape(part, [rows, numHeads, headDim]), [1, 0, 2]), [1, numHeads, rows, headDim]),
  );
  return Array.from({ length: count }, (_, i) => ({ key: parts[2 * i]!, value: parts[2 * i + 1]! }));
}

/** The inverse of `unpackKeyValues`. If layers share a place, the first one's keys and values win. */
export function packKeyValues(keyValues: readonly KeyValue[], model: LanguageModel): Value {
  const places = placesOf(model);
  const inPlaces = keyValues.map((own, place) => keyValues[places.indexOf(place)] ?? own);
  const columns = inPlaces.flatMap(({ key, value }) =>
    [key, value].map((part) => {
      const [, numHeads, rows, headDim] = part.shape as [unknown, number, number, number];
      return reshape(transpose(part, [0, 2, 1, 3]), [rows, numHeads * headDim]);
    }),
  );
  return concat(columns, 1);
}

/** The keys and values [ids.length, width] of the frozen model for a text, which its encoder, if any, has read too. */
export function realKeyValues(model: LanguageModel, ids: readonly number[]): Promise<Tensor<'float32'>> {
  const build = () => {
    const weights = model.weights();
    const text: Stream = {
      embeddings: model.embed(weights, constant(int64Tensor([ids.length], ids))),
      batch: 1,
      length: ids.length,
      positions: reshape(iota(ids.length), [1, ids.length]),
    };
    const mask = constant(float32Tensor([1, 1, 1, ids.length]));
    const encoderOutput = model.encoder && {
      keyValues: model.encoder.read(weights, { ...text, mask }).keyValues,
      mask,
    };
    return packKeyValues(model.forward(weights, { ...text, encoderOutput }).keyValues, model);
  };
  return compute(new Map(), build, model);
}
