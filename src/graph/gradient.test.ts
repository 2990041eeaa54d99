import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Session } from '../runtime/index.js';
import { tensorOf } from '../tensor.js';
import { reachableNodes } from './emitter.js';
import * as g from './index.js';

const floats = (shape: number[], values: number[]) => tensorOf('float32', shape, Float32Array.from(values));
const operators = (values: g.Value[]) => reachableNodes(values).map(({ operator }) => operator.name);

async function run(outputs: Record<string, g.Value>, feeds: Parameters<Session['run']>[0] = {}) {
  const session = await Session.create(g.toOnnx(outputs).bytes);
  try {
    const results = await session.run(feeds);
    return Object.fromEntries(
      Object.entries(results).map(([name, { data }]) => [name, Array.from(data, Number)]),
    );
  } finally {
    await session.dispose();
  }
}

describe('gradients', () => {
  let keeper: Session;
  beforeAll(async () => {
    keeper = await Session.create(g.toOnnx({ y: g.exp(g.input('x', 'float32', [])) }).bytes);
  });
  afterAll(() => keeper.dispose());

  it('build nothing for frozen values', () => {
    const x = g.input('x', 'float32', ['n', 4]);
    const frozen = g.input('frozen', 'float32', [4, 4]);
    const trained = g.input('trained', 'float32', [4, 2]);
    const loss = g.reduceSum(g.matmul(g.tanh(g.matmul(x, frozen)), trained));
    const [gradient] = g.gradients(loss, [trained]);
    // Σ over dy·… : one product for the trained weight, none back through tanh to x or the frozen weight.
    const forward = operators([loss]).filter((name) => name === 'matmul').length;
    expect(operators([loss, gradient]).filter((name) => name === 'matmul').length).toBe(forward + 1);
    expect(gradient.shape).toEqual([4, 2]);
  });

  it('add up over every use of a tensor', async () => {
    const x = g.input('x', 'float32', [3]);
    const loss = g.reduceSum(g.add(g.multiply(x, x), g.multiply(x, 5)));
    const [gradient] = g.gradients(loss, [x]);
    expect(await run({ gradient: gradient }, { x: floats([3], [1, -2, 0.5]) })).toEqual({
      gradient: [7, 1, 6],
    });
  });

  it('add up products over the steps of a recurrence as one product of all steps', async () => {
    const w = g.input('w', 'float32', [3, 3]);
    const start = g.input('start', 'float32', [1, 3]);
    let state = start;
    for (let step = 0; step < 3; step++) state = g.multiply(g.matmul(state, w), state);
    const loss = g.reduceSum(state);
    const [joined] = g.gradients(loss, [w]);
    // The rows of two steps are 12 numbers, and w has 9: here the sum of the products is cheaper.
    expect(operators([joined]).filter((name) => name === 'concat')).toHaveLength(0);

    const wide = g.input('w', 'float32', [6, 6]);
    const rows = g.input('rows', 'float32', [3, 6]);
    const steps = g.split(rows, 0, 3);
    const products = steps.map((row) => g.tanh(g.matmul(row, wide, { transposeB: true })));
    const ofSteps = g.gradients(g.reduceSum(g.concat(products, 0)), [wide])[0];
    const atOnce = g.gradients(g.reduceSum(g.tanh(g.matmul(rows, wide, { transposeB: true }))), [wide])[0];
    const ofWeight = g
      .toOnnx({ ofSteps })
      .expression.nodes.filter(({ attributes }) => 'transposeA' in attributes && attributes.transposeA);
    expect(ofWeight).toHaveLength(1);
    const numbers = (count: number) => Array.from({ length: count }, (_, i) => Math.sin(i));
    const result = await run(
      { ofSteps, atOnce },
      { w: floats([6, 6], numbers(36)), rows: floats([3, 6], numbers(18)) },
    );
    for (const [i, value] of result.ofSteps!.entries()) expect(value).toBeCloseTo(result.atOnce![i]!, 6);
  });

  it('are taken of values inside the graph as well', async () => {
    const x = g.input('x', 'float32', [2]);
    const inner = g.multiply(x, 3);
    const [gradient] = g.gradients(g.reduceSum(g.multiply(inner, inner)), [inner]);
    expect(await run({ gradient: gradient }, { x: floats([2], [1, 2]) })).toEqual({ gradient: [6, 12] });
  });

  it('treat a detached value as a constant', async () => {
    const x = g.input('x', 'float32', [2]);
    const loss = g.reduceSum(g.multiply(g.multiply(x, x), g.detach(g.exp(x))));
    const [gradient] = g.gradients(loss, [x]);
    const feeds = { x: floats([2], [0, 1]) };
    expect(operators([gradient]).filter((name) => name === 'exp')).toHaveLength(1);
    const result = await run({ gradient: gradient, loss }, feeds);
    expect(result.loss![0]).toBeCloseTo(Math.E, 6);
    expect(result.gradient![0]).toBe(0);
    expect(result.gradient![1]).toBeCloseTo(2 * Math.E, 5); // 2x·e^x, where x²·e^x has (2x + x²)·e^x
    expect(() => g.gradients(g.reduceSum(g.detach(x)), [x])).toThrow('the loss does not depend on input [2]');
  });

  it('name the operator that has none', () => {
    const x = g.input('x', 'float32', [2, 3]);
    const indices = g.cast(g.topK(x, 1).indices, 'float32');
    expect(() => g.scope('layer', () => g.gradients(g.reduceSum(indices), [x]))).toThrow(
      g.MissingGradientError,
    );
    expect(() => g.gradients(g.reduceSum(indices), [x])).toThrow(
      'topK has no gradient, but a trained tensor leads to it',
    );
  });

  it('refuse a loss that is not a scalar, or does not depend on the target', () => {
    const x = g.input('x', 'float32', [2]);
    const other = g.input('other', 'float32', [2]);
    expect(() => g.gradients(x, [x])).toThrow('the loss must be a scalar, got shape [2]');
    expect(() => g.gradients(g.reduceSum(x), [other])).toThrow('the loss does not depend on input [2]');
  });
});

describe('writing ONNX', () => {
  it('leaves out what no output needs, and asks for no input that is not used', () => {
    const x = g.input('x', 'float32', ['n']);
    g.exp(g.input('unused', 'float32', ['n']));
    const { inputs, outputs } = g.toOnnx({ y: g.negate(x) });
    expect([...inputs.keys()]).toEqual(['x']);
    expect(outputs).toEqual(['y']);
  });

  it('stores equal constants once, and names nodes by their scope', () => {
    const x = g.input('x', 'float32', [4]);
    const y = g.scope('h.0', () => g.scope('attn', () => g.multiply(g.multiply(x, 0.25), 0.25)));
    const text = Buffer.from(g.toOnnx({ y }).bytes).toString('latin1');
    expect(text).toMatch(/h\.0\.attn\.multiply_\d+/);
    const quarter = Buffer.from(Float32Array.of(0.25).buffer).toString('latin1');
    expect(text.split(quarter).length - 1).toBe(1);
  });

  it('computes symbolic sizes from the inputs', async () => {
    const x = g.input('x', 'float32', ['batch', 'length', 2]);
    const flat = g.reshape(x, [g.multiplyDims('batch', 'length'), 2]);
    const padded = g.pad(flat, 0, 'batch', 1);
    const count = g.sizeOf(g.addDims(g.multiplyDims('batch', 'length'), 'batch', 1));
    const result = await run(
      { rows: g.reduceSum(padded, { axes: [1] }), count, places: g.iota('length') },
      { x: floats([2, 3, 2], [1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0]) },
    );
    expect(result).toEqual({ rows: [0, 0, 1, 2, 3, 4, 5, 6, 0], count: [9], places: [0, 1, 2] });
  });

  // Without, ONNX Runtime takes a time that grows with the square of the number of nodes.
  it('states the shape of each intermediate value, and of no constant', () => {
    const x = g.input('x', 'float32', ['batch', 'length', 2]);
    const flat = g.reshape(x, [g.multiplyDims('batch', 'length'), 2]);
    const y = g.add(g.tanh(flat), g.constant(floats([2], [1, 3])));
    const text = Buffer.from(g.toOnnx({ y, z: g.negate(g.detach(flat)) }).bytes).toString('latin1');
    // Of the reshape (told once, though detached it has a second name), of the tanh, and of the two outputs.
    expect(text.split('batch*length').length - 1).toBe(4);
  });

  it('refuses a size that no input has, and two inputs of one name', () => {
    expect(() => g.toOnnx({ y: g.iota('nowhere') })).toThrow('the size "nowhere" belongs to no input');
    const twice = g.add(g.input('x', 'float32', [1]), g.input('x', 'float32', [1]));
    expect(() => g.toOnnx({ y: twice })).toThrow('two inputs of the graph are named "x"');
  });
});

describe('shape rules', () => {
  const matrix = g.input('m', 'float32', [2, 3]);
  it.each<[string, () => unknown, string]>([
    ['matmul', () => g.matmul(matrix, matrix), 'cannot multiply [2,3] by [2,3]: inner sizes 3 and 2'],
    ['reshape', () => g.reshape(matrix, [4]), 'cannot reshape [2,3] to [4]: 6 elements vs. 4'],
    [
      'concat',
      () => g.concat([matrix, g.input('n', 'float32', [2, 4])], 0),
      'cannot concatenate [2,3] and [2,4]',
    ],
    ['split', () => g.split(matrix, 1, 2), 'cannot split an axis of 3 into 2 equal parts'],
    [
      'linear',
      () => g.linear(matrix, matrix, matrix),
      'cannot apply weight [2,3] and bias [2,3] to rows [2,3]',
    ],
    ['types', () => g.add(matrix, g.iota(3)), 'add takes operands of one type, got float32 and int64'],
  ])('%s', (_, build, message) => {
    expect(build).toThrow(g.ShapeError);
    expect(build).toThrow(message);
  });
});
