import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import {
  add,
  constant,
  gather,
  gradients,
  input,
  logSumExp,
  matmul,
  multiply,
  type Node,
  packedWeight,
  reachableNodes,
  reduceSum,
  subtract,
  tanh,
  toOnnx,
  type Value,
  weight,
} from '../graph/index.js';
import { computationOrder } from '../graph/peak-memory.js';
import { Session } from '../runtime/index.js';
import { float32Tensor, int64Tensor } from '../tensor.js';
import { crossEntropies } from './cross-entropy.js';

useWarmRuntime();

const [vocabulary, width, rows] = [11, 64, 3];
const numbers = (count: number, seed: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(seed + 7.3 * i) / 2);
const feeds = {
  hidden: float32Tensor([rows, width], numbers(rows * width, 1)),
  labels: int64Tensor([rows], [0, 10, 4]),
};
const hidden = input('hidden', 'float32', ['n', width]);
const labels = input('labels', 'int64', ['n']);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promptune-loss-'));
  await writeFile(join(folder, 'float32'), numbers(vocabulary * (width + 1), 2));
  // bfloat16 is the upper half of float32.
  const halves = new Uint16Array(numbers(vocabulary * width, 2).buffer).filter((_, i) => i % 2 === 1);
  await writeFile(join(folder, 'bfloat16'), halves);
});
afterAll(() => rm(folder, { recursive: true }));

const range = (location: string, offset: number, byteLength: number) => ({ location, offset, byteLength });
const float32 = weight('W', 'float32', [vocabulary, width], range('float32', 0, 4 * vocabulary * width));
const bias = weight('b', 'float32', [vocabulary], range('float32', 4 * vocabulary * width, 4 * vocabulary));
const bfloat16 = packedWeight({
  name: 'H',
  rows: vocabulary,
  columns: width,
  values: range('bfloat16', 0, 2 * vocabulary * width),
  transposed: false,
  format: 'bfloat16',
});

/** The losses of rows, weighted differently, and the gradient of the hidden states. */
async function computed(losses: Value) {
  const loss = reduceSum(multiply(losses, input('scale', 'float32', ['n'])));
  const [gradient] = gradients(loss, [hidden]);
  const { bytes } = toOnnx({ losses, gradient });
  await using session = await Session.create(bytes, { weights: { folder }, folding: false });
  const found = await session.run({ ...feeds, scale: float32Tensor([rows], [1, -0.5, 2]) });
  return [...(found.losses!.data as Float32Array), ...(found.gradient!.data as Float32Array)];
}

describe('cross-entropies by pieces of the vocabulary', () => {
  it.each([
    ['of float32 weights', { weight: float32 }],
    ['with a bias', { weight: float32, bias }],
    ['with capped scores', { weight: float32, bias, cap: 1.5 }],
    ['of packed weights', { weight: bfloat16 }],
  ])('have the losses and gradients of the whole: %s', async (_, head) => {
    const { cap } = head as { cap?: number };
    const products = (states: Value) => {
      const scores = matmul(states, head.weight, { transposeB: true });
      const shifted = 'bias' in head ? add(scores, head.bias) : scores;
      return cap === undefined ? shifted : multiply(tanh(multiply(shifted, 1 / cap)), cap);
    };
    const ofLabels = reduceSum(multiply(products(hidden), oneHot(labels)), { axes: [-1] });
    const plain = await computed(subtract(logSumExp(products(hidden)), ofLabels));
    for (const tokensAtOnce of [3, vocabulary, Number.POSITIVE_INFINITY]) {
      const found = await computed(
        crossEntropies(hidden, labels, head, { differentiate: true, tokensAtOnce }),
      );
      const furthest = Math.max(...found.map((x, i) => Math.abs(x - plain[i]!)));
      expect(furthest, `${tokensAtOnce} tokens at once`).toBeLessThan(2e-6);
    }
  });

  it('are the same where nothing is differentiated', async () => {
    const lossOf = (tokensAtOnce: number) =>
      toOnnx({
        losses: crossEntropies(hidden, labels, { weight: float32 }, { differentiate: false, tokensAtOnce }),
      });
    const found: number[][] = [];
    for (const tokensAtOnce of [3, vocabulary]) {
      await using session = await Session.create(lossOf(tokensAtOnce).bytes, { weights: { folder } });
      const { losses } = await session.run(feeds);
      found.push(Array.from(losses!.data, Number));
    }
    for (const [i, loss] of found[0]!.entries()) expect(loss).toBeCloseTo(found[1]![i]!, 6);
  });

  it.each([true, false])('keep no scores of a whole vocabulary (differentiated: %s)', (differentiate) => {
    const big = weight('V', 'float32', [64_000, width], range('float32', 0, 4 * 64_000 * width));
    const peakOf = (tokensAtOnce: number) => {
      const options = { differentiate, tokensAtOnce };
      const loss = reduceSum(crossEntropies(hidden, labels, { weight: big }, options));
      const outputs = { loss, ...(differentiate && { gradient: gradients(loss, [hidden])[0] }) };
      return toOnnx(outputs).peakBytes(new Map([['n', 100]]));
    };
    const scores = 4 * 100 * 64_000;
    expect(peakOf(Number.POSITIVE_INFINITY)).toBeGreaterThanOrEqual(scores);
    expect(peakOf(4000)).toBeLessThan(0.2 * scores);
  });

  // ONNX Runtime computes a softmax in place where nothing reads its operand afterwards: 17 MB for 512 labels.
  it('read the scores of a piece for the last time where their softmax is computed', () => {
    const losses = crossEntropies(
      hidden,
      labels,
      { weight: float32 },
      { differentiate: true, tokensAtOnce: 4 },
    );
    const order = computationOrder(reachableNodes([losses, ...gradients(reduceSum(losses), [hidden])]));
    const isSoftmax = ({ operator }: Node) => operator.name === 'softmax';
    const lastReaders = order.filter(isSoftmax).map(({ inputs: [scores] }) => order.findLast(reads(scores!)));
    expect(lastReaders.map((node) => node?.operator.name)).toEqual(['softmax', 'softmax', 'softmax']);
  });
});

const reads =
  (value: Value) =>
  ({ inputs }: Node) =>
    inputs.includes(value);

/** [n, vocabulary] with 1 at each label. */
function oneHot(labels: Value): Value {
  const identity = Float32Array.from({ length: vocabulary ** 2 }, (_, i) =>
    i % (vocabulary + 1) === 0 ? 1 : 0,
  );
  return gather(constant(float32Tensor([vocabulary, vocabulary], identity)), labels);
}
