/** @file Broadcasting and its gradient, shared by every operator that broadcasts its operands. */
import type { Shape } from '../dims.js';
import type { Value } from '../value.js';
import { reduceSum } from './reductions.js';
import { expand, reshape } from './shaping.js';

/** The gradient of broadcasting: sums `value` over the axes along which an operand of `shape` was broadcast. */
export function unbroadcast(value: Value, shape: Shape): Value {
  const extra = value.shape.length - shape.length;
  const axes = value.shape.flatMap((size, axis) =>
    axis < extra || (shape[axis - extra] === 1 && size !== 1) ? [axis] : [],
  );
  if (axes.length === 0) return value;
  return reshape(reduceSum(value, { axes, keepDims: true }), shape);
}

/** Broadcasts `value` to `shape`. */
export function broadcastTo(value: Value, shape: Shape): Value {
  const same = value.shape.length === shape.length && shape.every((size, axis) => size === value.shape[axis]);
  return same ? value : expand(value, shape);
}
