/**
 * @file Small networks that read a text and compute how its prompt differs from the shared one: [batch, P, hidden],
 *   initially zero.
 */

import type { InputText } from '../../attach/input-text.js';
import {
  add,
  cast,
  constant,
  type Dim,
  divide,
  expand,
  gelu,
  iota,
  layerNorm,
  less,
  linear,
  matmul,
  multiply,
  multiplyDims,
  reduceSum,
  reshape,
  sin,
  split,
  subtract,
  type Value,
} from '../../graph/index.js';
import { attend, mergeHeads, splitHeads } from '../../models/attention.js';
import type { Random } from '../../random.js';
import { float32Tensor, type TrainableTensors } from '../../tensor.js';
import { addLinear, normalTensor } from './linear-start.js';

export const encoderKinds = ['linear', 'mlp', 'transformer'] as const;

export interface EncoderSizes {
  readonly kind: (typeof encoderKinds)[number];
  /** P. */
  readonly numVirtualTokens: number;
  readonly hiddenSize: number;
  /** Size of each of the P output vectors. Default: hiddenSize. */
  readonly outSize?: number;
  /** Width of the bottleneck, or of the Transformer. */
  readonly width: number;
  /** Layers of the Transformer. */
  readonly layers: number;
}

type Values = ReadonlyMap<string, Value>;

/** The input of an encoder. */
export interface ReadText extends Pick<InputText, 'mask'> {
  /** [batch, length, hidden]: a vector per token: its embedding or a hidden state of the frozen model. */
  readonly vectors: Value;
}

const headsOf = (width: number) => (width % 4 === 0 ? 4 : 1);

/** Adds the encoder's tensors. Its last layer is zero, so that every prompt starts as the shared one. */
export function addEncoder(tensors: TrainableTensors, sizes: EncoderSizes, random: Random): void {
  const { kind, numVirtualTokens, hiddenSize, outSize = hiddenSize, width, layers } = sizes;
  const zeros = (name: string, rows: number, inSize: number) =>
    tensors.set(`${name}.weight`, float32Tensor([rows, inSize]));
  switch (kind) {
    case 'linear':
      zeros('encoder.out', numVirtualTokens * outSize, hiddenSize);
      return;
    case 'mlp':
      addLinear(tensors, 'encoder.down', hiddenSize, width, random);
      zeros('encoder.out', numVirtualTokens * outSize, width);
      return;
    case 'transformer':
      addLinear(tensors, 'encoder.in', hiddenSize, width, random);
      for (let layer = 0; layer < layers; layer++) {
        addLinear(tensors, `encoder.layers.${layer}.qkv`, width, 3 * width, random);
        addLinear(tensors, `encoder.layers.${layer}.attention`, width, width, random);
        addLinear(tensors, `encoder.layers.${layer}.up`, width, 4 * width, random);
        addLinear(tensors, `encoder.layers.${layer}.down`, 4 * width, width, random);
      }
      tensors.set('encoder.queries', normalTensor([numVirtualTokens, width], random));
      addLinear(tensors, 'encoder.keys_values', width, 2 * width, random);
      zeros('encoder.out', outSize, width);
  }
}

/** Runs the encoder on texts: [batch, P, outSize]. */
export function encodeText(values: Values, sizes: EncoderSizes, text: ReadText): Value {
  const { kind, numVirtualTokens, hiddenSize, outSize = hiddenSize } = sizes;
  const batch = text.mask.shape[0]!;
  const out = values.get('encoder.out.weight')!;
  if (kind === 'transformer') {
    const rows = matmul(readByQueries(values, sizes, text), out, { transposeB: true });
    // In a text without input tokens, the queries would attend to what the mask hides.
    const isThere = cast(less(0, reduceSum(text.mask, { axes: [1] })), 'float32');
    return multiply(reshape(rows, [batch, numVirtualTokens, outSize]), reshape(isThere, [batch, 1, 1]));
  }
  const pooled = normalized(maskedMean(text.vectors, text.mask));
  const features = kind === 'linear' ? pooled : gelu(apply(values, 'encoder.down', pooled));
  return reshape(matmul(features, out, { transposeB: true }), [batch, numVirtualTokens, outSize]);
}

/** The mean [batch, hidden] of the vectors [batch, length, hidden] of input tokens; zero without any. */
export function maskedMean(vectors: Value, mask: Value): Value {
  const [batch, length] = mask.shape as [Dim, Dim];
  const sum = reduceSum(multiply(vectors, reshape(mask, [batch, length, 1])), { axes: [1] });
  return divide(sum, add(reduceSum(mask, { axes: [1], keepDims: true }), 1e-6));
}

/** Rows with mean 0 and deviation 1: the scale of embeddings varies widely between models. */
function normalized(rows: Value): Value {
  const size = rows.shape.at(-1) as number;
  const ones = float32Tensor([size]);
  ones.data.fill(1);
  return layerNorm(rows, constant(ones), constant(float32Tensor([size])), 1e-5);
}

function apply(values: Values, name: string, rows: Value): Value {
  return linear(rows, values.get(`${name}.weight`)!, values.get(`${name}.bias`), { transposeWeight: true });
}

/**
 * A Transformer encoder (Vaswani et al. 2017, arXiv:1706.03762; with normalization before each part) over the input
 * tokens, and P learned queries that attend to its output: rows [batch·P, width].
 */
function readByQueries(values: Values, sizes: EncoderSizes, { vectors, mask }: ReadText): Value {
  const { width, layers, numVirtualTokens, hiddenSize } = sizes;
  const [batch, length] = mask.shape as [Dim, Dim];
  const rows = multiplyDims(batch, length);
  const headDim = width / headsOf(width);
  const scoring = { scale: headDim ** -0.5 };
  // 0 for input tokens, a large negative number for others.
  const hidden = reshape(multiply(subtract(1, mask), -1e9), [batch, 1, 1, length]);
  const embedded = apply(values, 'encoder.in', normalized(reshape(vectors, [rows, hiddenSize])));
  let x = reshape(add(reshape(embedded, [batch, length, width]), sinusoids(length, width)), [rows, width]);
  const toHeads = (part: Value) => splitHeads(part, batch, length, headDim);
  for (let layer = 0; layer < layers; layer++) {
    const name = `encoder.layers.${layer}`;
    const [query, key, value] = split(apply(values, `${name}.qkv`, normalized(x)), 1, 3).map(toHeads);
    const attended = attend(query!, { key: key!, value: value! }, undefined, { masks: [hidden] }, scoring);
    x = add(x, apply(values, `${name}.attention`, mergeHeads(attended)));
    x = add(x, apply(values, `${name}.down`, gelu(apply(values, `${name}.up`, normalized(x)))));
  }
  const [key, value] = split(apply(values, 'encoder.keys_values', normalized(x)), 1, 2).map(toHeads);
  const queries = splitHeads(values.get('encoder.queries')!, 1, numVirtualTokens, headDim);
  const rowQueries = expand(queries, [batch, ...queries.shape.slice(1)]);
  return mergeHeads(
    attend(rowQueries, { key: key!, value: value! }, undefined, { masks: [hidden] }, scoring),
  );
}

/** Sinusoidal position embeddings [length, width] of the same paper. A cosine is a sine shifted by a quarter turn. */
function sinusoids(length: Dim, width: number): Value {
  const channels = Array.from({ length: width }, (_, i) => i);
  const frequencies = channels.map((i) => 10_000 ** -((i - (i % 2)) / width));
  const phases = channels.map((i) => (i % 2) * (Math.PI / 2));
  const positions = reshape(cast(iota(length), 'float32'), [length, 1]);
  const angles = multiply(positions, constant(float32Tensor([1, width], frequencies)));
  return sin(add(angles, constant(float32Tensor([1, width], phases))));
}
