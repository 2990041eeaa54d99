/** @file Compares a graph's gradients with finite differences of its loss. Only tests import it. */
import { seededRandom } from '../random.js';
import { Session } from '../runtime/index.js';
import { elementCount, type Tensor, tensorOf } from '../tensor.js';
import { gradients, input, multiply, reduceSum, toOnnx, type Value } from './index.js';
import { constant } from './value.js';

export interface GradientCase {
  /** Shapes of the inputs that are differentiated. */
  readonly shapes: readonly (readonly number[])[];
  /** Builds a value of any shape; the loss is its sum under random weights. */
  build(...inputs: Value[]): Value;
  /** Interval that inputs are drawn from, default (-2, 2). Keep it away from kinks and poles. */
  readonly range?: readonly [number, number];
  /** float32 for operators that ONNX Runtime lacks in float64. */
  readonly dtype?: 'float32' | 'float64';
  /** Folder of the files of frozen weights. */
  readonly folder?: string;
}

/**
 * The largest difference between the graph's gradient and the five-point difference (steps h and 2h)
 * f'(x) = (8(f(x+h) - f(x-h)) - (f(x+2h) - f(x-2h))) / 12h + O(h⁴), relative to the largest gradient.
 */
export async function gradientError(
  { shapes, build, range = [-2, 2], dtype = 'float64', folder }: GradientCase,
  seed: number,
): Promise<number> {
  const random = seededRandom(seed);
  const draw = (shape: readonly number[], [low, high]: readonly [number, number]): Tensor => {
    const numbers = Array.from(
      { length: elementCount(shape) },
      () => low + ((high - low) * random.below(2 ** 30)) / 2 ** 30,
    );
    return dtype === 'float64'
      ? tensorOf('float64', shape, Float64Array.from(numbers))
      : tensorOf('float32', shape, Float32Array.from(numbers));
  };
  const inputs = shapes.map((shape, i) => input(`x${i}`, dtype, shape));
  const output = build(...inputs);
  const loss = reduceSum(multiply(output, constant(draw(output.shape.map(Number), [-1, 1]))));
  const derivatives = gradients(loss, inputs);
  const session = await Session.create(
    toOnnx({ loss, ...Object.fromEntries(derivatives.map((value, i) => [`d${i}`, value])) }).bytes,
    { weights: folder === undefined ? undefined : { folder } },
  );
  try {
    const feeds = Object.fromEntries(shapes.map((shape, i) => [`x${i}`, draw(shape, range)]));
    const lossAt = async () => Number((await session.run(feeds)).loss!.data[0]);
    const exact = await session.run(feeds);
    const step = dtype === 'float64' ? 1e-3 : 3e-2;
    let largest = 0;
    let worst = 0;
    for (const [i] of shapes.entries()) {
      const x = feeds[`x${i}`]!.data as Float64Array;
      const derivative = exact[`d${i}`]!.data;
      for (let at = 0; at < x.length; at++) {
        const center = x[at]!;
        const losses: number[] = [];
        for (const offset of [step, -step, 2 * step, -2 * step]) {
          x[at] = center + offset;
          losses.push(await lossAt());
        }
        x[at] = center;
        const [plus, minus, plus2, minus2] = losses as [number, number, number, number];
        const numeric = (8 * (plus - minus) - (plus2 - minus2)) / (12 * step);
        largest = Math.max(largest, Math.abs(numeric));
        worst = Math.max(worst, Math.abs(numeric - Number(derivative[at])));
      }
    }
    return worst / Math.max(largest, 1e-6);
  } finally {
    await session.dispose();
  }
}
