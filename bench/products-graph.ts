/** @file The matrix products of a step and nothing else: their speed is the machine's own on a model's shapes. */
import {
  add,
  constant,
  gather,
  input,
  matmul,
  reduceSum,
  slice,
  toOnnx,
  type Value,
} from '../src/graph/index.js';
import type { LanguageModel } from '../src/models/model.js';
import { Session } from '../src/runtime/index.js';
import { float32Tensor, int64Tensor, type Tensor } from '../src/tensor.js';
import { smallNumbers } from './make-model.js';
import type { Product } from './required-work.js';
import type { ProductShape } from './wasm-product.js';

export interface Products {
  run(): Promise<void>;
  dispose(): Promise<void>;
}

/**
 * Loads `products` with the model's own weights, each layer's from its own place in memory, as in a step. Rows are fed
 * without a copy and one row of each result is read, so that hardly anything else is measured.
 */
export async function loadProducts(
  model: LanguageModel,
  products: readonly Product[],
  { prepacking = false } = {},
): Promise<Products> {
  const weights = model.weights();
  const lent: Record<string, Tensor> = {};
  const inputs = new Map<string, Value>();
  const rowsOf = (rows: number, width: number): Value => {
    const name = `rows_${rows}_${width}`;
    const value = inputs.get(name) ?? input(name, 'float32', [rows, width]);
    inputs.set(name, value);
    lent[name] ??= randomTensor([rows, width]);
    return value;
  };
  const firstRow = constant(int64Tensor([1], [0]));
  const sums = products.map(({ parameter, columns, rows, transposed }) => {
    const whole = weights.get(parameter);
    const matrix = columns ? slice(whole, 1, ...columns) : whole;
    const [height, width] = matrix.shape as [number, number];
    const result = matmul(rowsOf(rows, transposed ? width : height), matrix, { transposeB: transposed });
    return reduceSum(gather(result, firstRow));
  });
  const graph = toOnnx({ sum: sums.reduce((total, sum) => add(total, sum)) });
  const session = await Session.create(graph.bytes, { weights: model.files, prepacking });
  return {
    run: async () => {
      await session.run({}, lent);
    },
    dispose: () => session.dispose(),
  };
}

function randomTensor(shape: readonly number[]): Tensor<'float32'> {
  const tensor = float32Tensor(shape);
  const random = smallNumbers(2);
  for (let i = 0; i < tensor.data.length; i++) tensor.data[i] = random();
  return tensor;
}

/** A graph of `rows` times random weights, of which it gives one number. */
export function productGraph({ rows, depth, columns }: ProductShape): Uint8Array {
  const weights = constant(randomTensor([depth, columns]));
  const product = matmul(input('rows', 'float32', [rows, depth]), weights);
  return toOnnx({ sum: reduceSum(gather(product, constant(int64Tensor([1], [0])))) }).bytes;
}
