/**
 * @file The selector's network: from the frozen model's hidden states of an input to a score per candidate, and its
 *   loss, Σ -t log softmax(scores) with the soft targets t = softmax(-losses/τ).
 */

import { tensorInputs } from '../attach/tensor-inputs.js';
import {
  divide,
  input,
  linear,
  logSumExp,
  multiply,
  type OnnxGraph,
  reduceSum,
  reshape,
  subtract,
  toOnnx,
  type Value,
} from '../graph/index.js';
import { gradientOutputs } from '../loss/gradient-outputs.js';
import { scale } from '../loss/inputs.js';
import { addEncoder, type EncoderSizes, encodeText } from '../methods/parts/text-encoders.js';
import { seededRandom } from '../random.js';
import { type Device, onnxOptionsFor } from '../runtime/device.js';
import { float32Tensor, type TrainableTensors } from '../tensor.js';

export const selectorKinds = ['linear', 'transformer'] as const;
export type SelectorKind = (typeof selectorKinds)[number];

export interface NetworkSizes {
  readonly kind: SelectorKind;
  readonly candidates: number;
  /** Of the frozen model. */
  readonly hiddenSize: number;
  /** Width and layers of the Transformer. */
  readonly width: number;
  readonly layers: number;
}

export interface Network {
  /** Initial values give every candidate the score 0 for every input. */
  readonly tensors: TrainableTensors;
  /** Not trained: mean and deviation of each pooled state over the training rows. */
  readonly fixed: TrainableTensors;
}

/** The initial tensors. The seed only affects the Transformer. */
export function createNetwork(sizes: NetworkSizes, seed: number): Network {
  const { kind, candidates, hiddenSize } = sizes;
  const tensors: TrainableTensors = new Map();
  if (kind === 'transformer') {
    addEncoder(tensors, encoderSizes(sizes), seededRandom(seed));
    return { tensors, fixed: new Map() };
  }
  tensors.set('out.weight', float32Tensor([candidates, 2 * hiddenSize]));
  tensors.set('out.bias', float32Tensor([candidates]));
  const ones = new Float32Array(2 * hiddenSize).fill(1);
  const fixed: TrainableTensors = new Map([
    ['pooled.mean', float32Tensor([2 * hiddenSize])],
    ['pooled.deviation', float32Tensor([2 * hiddenSize], ones)],
  ]);
  return { tensors, fixed };
}

/** A Transformer encoder with one query, whose output is the scores. */
const encoderSizes = ({ candidates, ...sizes }: NetworkSizes): EncoderSizes => ({
  ...sizes,
  kind: 'transformer',
  numVirtualTokens: 1,
  outSize: candidates,
});

/** Inputs: what a StateReader gives, and the tensors by name. Output: `scores` [batch, candidates]. */
export function scoreGraph(sizes: NetworkSizes, network: Network, device?: Device): OnnxGraph {
  return toOnnx({ scores: scoresOf(sizes, inputsOf(network)) }, onnxOptionsFor(device));
}

/**
 * With `targets` [batch, candidates] and `scale`: the `loss` sum, and the gradient of scale · loss for every tensor.
 */
export function trainingGraph(sizes: NetworkSizes, network: Network, device?: Device): OnnxGraph {
  const values = inputsOf(network);
  const scores = scoresOf(sizes, values);
  const targets = input('targets', 'float32', ['batch', sizes.candidates]);
  const hits = reduceSum(multiply(targets, scores), { axes: [1] });
  const loss = reduceSum(subtract(logSumExp(scores), hits));
  const scaled = multiply(loss, scale.value);
  const outputs = { loss, ...gradientOutputs(scaled, values, network.tensors.keys()) };
  return toOnnx(outputs, onnxOptionsFor(device));
}

function inputsOf({ tensors, fixed }: Network): ReadonlyMap<string, Value> {
  return tensorInputs(new Map([...tensors, ...fixed]));
}

function scoresOf(sizes: NetworkSizes, values: ReadonlyMap<string, Value>): Value {
  const { kind, candidates, hiddenSize } = sizes;
  if (kind === 'transformer') {
    const vectors = input('states', 'float32', ['batch', 'length', hiddenSize]);
    const mask = input('mask', 'float32', ['batch', 'length']);
    return reshape(encodeText(values, encoderSizes(sizes), { vectors, mask }), ['batch', candidates]);
  }
  const pooled = input('pooled', 'float32', ['batch', 2 * hiddenSize]);
  const standard = divide(subtract(pooled, values.get('pooled.mean')!), values.get('pooled.deviation')!);
  return linear(standard, values.get('out.weight')!, values.get('out.bias')!, { transposeWeight: true });
}

/** softmax(-losses/τ) for each row: [rows, candidates]. */
export function softTargets(losses: readonly Float32Array[], temperature: number): Float32Array {
  const rows = losses[0]!.length;
  const targets = new Float32Array(rows * losses.length);
  for (let row = 0; row < rows; row++) {
    const own = losses.map((candidate) => candidate[row]!);
    const least = Math.min(...own);
    const weights = own.map((loss) => Math.exp((least - loss) / temperature));
    const sum = weights.reduce((a, b) => a + b);
    for (const [i, weight] of weights.entries()) targets[row * losses.length + i] = weight / sum;
  }
  return targets;
}
