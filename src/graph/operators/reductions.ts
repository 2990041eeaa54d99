/** @file Operators that reduce axes: sum, mean, maximum, log-sum-exp, and the index of the largest element. */
import { int64Tensor } from '../../tensor.js';
import { axisOf, type Dim, multiplyDims, type Shape } from '../dims.js';
import { apply, applyAll, constant, type Operator, type Value } from '../value.js';
import { broadcastTo } from './broadcast.js';
import { defineOperator } from './define.js';
import { add, exp, log, multiply, subtract } from './elementwise.js';
import { reshape } from './shaping.js';

interface Reduction {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

function reducedShape(shape: Shape, { axes, keepDims }: Reduction): Shape {
  return shape.flatMap((size, axis): Dim[] => (!axes.includes(axis) ? [size] : keepDims ? [1] : []));
}

function reduction(
  name: string,
  onnx: string,
  gradient: (dy: Value, x: Value, axes: readonly number[]) => Value,
): (x: Value, options?: { axes?: readonly number[]; keepDims?: boolean }) => Value {
  const operator = defineOperator<Reduction>({
    name,
    infer: ([x], attributes) => [{ dtype: x!.dtype, shape: reducedShape(x!.shape, attributes) }],
    emit: (emitter, node) => {
      const { axes, keepDims } = node.attributes;
      emitter.node(
        onnx,
        [emitter.name(node.inputs[0]!), emitter.integers(axes)],
        [emitter.name(node.outputs[0]!)],
        {
          keepdims: keepDims ? 1 : 0,
        },
      );
    },
    gradient: ([dy], { inputs: [x], attributes: { axes } }) => [
      () => gradient(reshape(dy!, reducedShape(x!.shape, { axes, keepDims: true })), x!, axes),
    ],
  });
  return (x, { axes, keepDims = false } = {}) =>
    apply(operator, [x], {
      axes: (axes ?? x.shape.map((_, i) => i)).map((axis) => axisOf(axis, x.shape.length)),
      keepDims,
    });
}

/** Sum over `axes` (default: all). */
export const reduceSum = reduction('reduceSum', 'ReduceSum', (dy, x) => broadcastTo(dy, x.shape));

/** Mean over `axes` (default: all). */
export const reduceMean = reduction('reduceMean', 'ReduceMean', (dy, x, axes) =>
  broadcastTo(multiply(dy, 1 / countOf(x, axes)), x.shape),
);

/** The number of elements along axes, which must have static sizes: no constant divides by others. */
function countOf(x: Value, axes: readonly number[]): number {
  const count = multiplyDims(...axes.map((axis) => x.shape[axis]!));
  if (typeof count === 'number') return count;
  throw new Error(
    `no gradient of a mean over the symbolic count ${count}: divide the sum by a count that is fed`,
  );
}

const reduceMaxOperator = defineOperator({
  name: 'reduceMax',
  infer: ([x]) => [{ dtype: x!.dtype, shape: [...x!.shape.slice(0, -1), 1] }],
  emit: (emitter, { inputs: [x], outputs: [y] }) => {
    const operands = [emitter.name(x!), emitter.integers([x!.shape.length - 1])];
    emitter.node('ReduceMax', operands, [emitter.name(y!)], { keepdims: 1 });
  },
  stopsGradient: true,
} satisfies Operator);

/** The largest element along the last axis, which stays with size 1. No gradient flows through it. */
export function reduceMax(x: Value): Value {
  return apply(reduceMaxOperator, [x], {});
}

/**
 * log Σ exp(x) over the last axis, which is removed, as m + log Σ exp(x - m) with the maximum m. What m gives to the
 * gradient is zero. ONNX Runtime's own operator takes nine times as long. Neither hides a NaN.
 */
export function logSumExp(x: Value): Value {
  const most = reduceMax(x);
  const sum = reduceSum(exp(subtract(x, most)), { axes: [-1] });
  return add(reshape(most, sum.shape), log(sum));
}

const topKOperator = defineOperator<{ size: Dim }>({
  name: 'topK',
  infer: ([x], { size }) => {
    const shape = [...x!.shape.slice(0, -1), size];
    return [
      { dtype: x!.dtype, shape },
      { dtype: 'int64', shape },
    ];
  },
  emit: (emitter, node) => emitter.direct(node, 'TopK'),
});

/** A size that is fed: an int64 value [1] and its symbol in shapes. */
export interface FedSize {
  readonly value: Value;
  readonly symbol: string;
}

/** The `k` largest elements along the last axis, largest first, and their indices. */
export function topK(x: Value, k: number | FedSize): { values: Value; indices: Value } {
  const count = typeof k === 'number' ? constant(int64Tensor([1], [k])) : k.value;
  const size = typeof k === 'number' ? k : k.symbol;
  const [values, indices] = applyAll(topKOperator, [x, count], { size });
  return { values: values!, indices: indices! };
}
