import { describe, expect, it } from 'vitest';
import { float32Tensor } from '../tensor.js';
import * as g from './index.js';

const data = g.input('x', 'float32', ['rows', 4]);
const trained = g.input('trained', 'float32', [4, 4]);
const frozen = () =>
  g.constant(
    float32Tensor(
      [4, 4],
      Array.from({ length: 16 }, (_, i) => i / 8 - 1),
    ),
  );
const options = {
  isFixed: (value: g.Value) => value === data,
  canKeep: () => true,
  sizes: new Map([['rows', 10]]),
  price: 1,
};

describe('cheapestCut', () => {
  it('keeps the result of two frozen products, before the trained one', () => {
    const state = g.relu(g.matmul(g.matmul(data, frozen()), frozen()));
    const loss = g.reduceSum(g.matmul(state, trained));
    expect(g.cheapestCut([loss], options)).toEqual({ values: [state], share: 2 / 3 });
  });

  it('keeps the one narrow value that the others follow from', () => {
    const narrow = g.matmul(g.matmul(data, frozen()), frozen());
    const wide = g.matmul(narrow, g.concat([frozen(), frozen(), frozen()], 1));
    const loss = g.reduceSum(g.add(wide, g.matmul(narrow, g.concat([trained, trained, trained], 1))));
    expect(g.cheapestCut([loss], { ...options, price: 5 })?.values).toEqual([narrow]);
  });

  it('keeps nothing that cannot be kept, that costs more than it saves, or that no product precedes', () => {
    const loss = g.reduceSum(g.matmul(g.relu(g.matmul(data, frozen())), trained));
    expect(g.cheapestCut([loss], { ...options, canKeep: () => false })).toBeUndefined();
    expect(g.cheapestCut([loss], { ...options, price: 4 })).toBeUndefined();
    const plain = g.reduceSum(g.matmul(g.relu(data), trained));
    expect(g.cheapestCut([plain], options)).toBeUndefined();
    expect(g.cheapestCut([loss], { ...options, isFixed: () => false })).toBeUndefined();
  });
});

describe('replaceValues', () => {
  it('rebuilds what follows from a replaced value alone, with its gradients', () => {
    const state = g.relu(g.matmul(data, frozen()));
    const loss = g.reduceSum(g.matmul(state, trained));
    const [gradient] = g.gradients(loss, [trained]);
    const states = g.input('states', 'float32', state.shape);
    const replaced = g.replaceValues({ loss, gradient: gradient!, trained }, new Map([[state, states]]));
    expect(replaced.trained).toBe(trained);
    const graph = g.toOnnx(replaced);
    expect([...graph.inputs.keys()].sort()).toEqual(['states', 'trained']);
    const own = g.reduceSum(g.matmul(states, trained));
    const directly = g.toOnnx({ loss: own, gradient: g.gradients(own, [trained])[0]!, trained });
    expect(g.toText(graph)).toBe(g.toText(directly));
  });
});
