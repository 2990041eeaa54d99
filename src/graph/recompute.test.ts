import { expect, it } from 'vitest';
import { float32Tensor } from '../tensor.js';
import * as g from './index.js';

const weight = (factor: number) =>
  g.constant(
    float32Tensor(
      [8, 8],
      Array.from({ length: 64 }, (_, i) => Math.sin(factor * i)),
    ),
  );

/** Layers of three products between tanhs, each in its scope, after a trained one. */
function layered(count: number) {
  const trained = g.input('trained', 'float32', [8, 8]);
  let x = g.matmul(g.input('x', 'float32', ['rows', 8]), trained);
  for (let layer = 0; layer < count; layer++)
    x = g.scope(`h.${layer}`, () => {
      const inner = g.tanh(g.matmul(g.tanh(g.matmul(x, weight(layer + 1))), weight(layer + 2)));
      return g.add(x, g.tanh(g.matmul(inner, weight(layer + 3))));
    });
  const loss = g.reduceSum(g.multiply(x, x));
  return { loss, gradient: g.gradients(loss, [trained])[0]! };
}

const operatorsOf = (graph: g.OnnxGraph) =>
  graph.expression.nodes.map(({ operator }) => operator.name).filter((name) => name === 'tanh').length;

it('computes the inner values of layers again for the backward pass, and keeps those between layers', () => {
  const outputs = layered(6);
  const [kept, again] = [g.toOnnx(outputs), g.toOnnx(g.recomputeLayers(outputs))];
  expect(operatorsOf(kept)).toBe(18);
  expect(operatorsOf(again)).toBe(36);
  const sizes = new Map([['rows', 100]]);
  expect(again.peakBytes(sizes)).toBeLessThan(0.6 * kept.peakBytes(sizes));
});

it('leaves a graph without a backward pass as it is', () => {
  const { loss } = layered(2);
  expect(g.recomputeLayers({ loss }).loss).toBe(loss);
});
