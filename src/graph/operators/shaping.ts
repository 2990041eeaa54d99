/** @file Operators that only move elements: reshape, transpose, expand, slice, pad, concat, split. */
import { addDims, axisOf, type Dim, multiplyDims, type Shape, ShapeError, subtractDims } from '../dims.js';
import { apply, applyAll, isWeight, type Operator, type Value, weightRows } from '../value.js';
import { unbroadcast } from './broadcast.js';
import { defineOperator, sameDtype } from './define.js';
import { add, multiply } from './elementwise.js';
import { packedMatrixOf, packedSlice, packedWeight } from './packed.js';

function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

const reshapeOperator = defineOperator<{ shape: Shape }>({
  name: 'reshape',
  aliasesInput: true,
  infer: ([x], { shape }) => {
    if (multiplyDims(...x!.shape) !== multiplyDims(...shape)) {
      throw new ShapeError(
        `cannot reshape [${x!.shape}] to [${shape}]: ${multiplyDims(...x!.shape)} elements vs. ${multiplyDims(...shape)}`,
      );
    }
    return [{ dtype: x!.dtype, shape }];
  },
  emit: (emitter, node) => {
    const [x] = node.inputs;
    emitter.node(
      'Reshape',
      [emitter.name(x!), emitter.shape(node.attributes.shape)],
      [emitter.name(node.outputs[0]!)],
    );
  },
  gradient: ([dy], { inputs: [x] }) => [() => reshape(dy!, x!.shape)],
});

/** The same elements in row-major order under another shape. */
export function reshape(x: Value, shape: Shape): Value {
  return sameShape(x.shape, shape) ? x : apply(reshapeOperator, [x], { shape });
}

const transposeOperator = defineOperator<{ permutation: readonly number[] }>({
  name: 'transpose',
  infer: ([x], { permutation }) => [
    { dtype: x!.dtype, shape: permutation.map((axis) => x!.shape[axisOf(axis, x!.shape.length)]!) },
  ],
  emit: (emitter, node) => emitter.direct(node, 'Transpose', { perm: node.attributes.permutation }),
  gradient: ([dy], { attributes: { permutation } }) => [
    () =>
      transpose(
        dy!,
        permutation.map((_, axis) => permutation.indexOf(axis)),
      ),
  ],
});

/** Axis i of the result is axis `permutation[i]` of `x`. */
export function transpose(x: Value, permutation: readonly number[]): Value {
  return apply(transposeOperator, [x], { permutation });
}

const expandOperator = defineOperator<{ shape: Shape }>({
  name: 'expand',
  infer: ([x], { shape }) => [{ dtype: x!.dtype, shape }],
  emit: (emitter, node) => {
    emitter.node(
      'Expand',
      [emitter.name(node.inputs[0]!), emitter.shape(node.attributes.shape)],
      [emitter.name(node.outputs[0]!)],
    );
  },
  gradient: ([dy], { inputs: [x] }) => [() => unbroadcast(dy!, x!.shape)],
});

/** Repeats axes of size 1 to reach `shape`. */
export function expand(x: Value, shape: Shape): Value {
  return sameShape(x.shape, shape) ? x : apply(expandOperator, [x], { shape });
}

const sliceOperator = defineOperator<{ axis: number; start: Dim; end: Dim }>({
  name: 'slice',
  infer: ([x], { axis, start, end }) => [
    { dtype: x!.dtype, shape: x!.shape.map((size, i) => (i === axis ? subtractDims(end, start) : size)) },
  ],
  emit: (emitter, node) => {
    const { axis, start, end } = node.attributes;
    emitter.node(
      'Slice',
      [emitter.name(node.inputs[0]!), emitter.shape([start]), emitter.shape([end]), emitter.integers([axis])],
      [emitter.name(node.outputs[0]!)],
    );
  },
  gradient: ([dy], { inputs: [x], attributes: { axis, start, end } }) => [
    () => pad(dy!, axis, start, subtractDims(x!.shape[axis]!, end)),
  ],
});

/** Elements `start` up to but not including `end` along one axis. Rows of a frozen tensor stay in their file. */
export function slice(x: Value, axis: number, start: Dim, end: Dim): Value {
  const resolved = axisOf(axis, x.shape.length);
  if (start === 0 && end === x.shape[resolved]) return x;
  const packed = packedMatrixOf(x);
  const part = packed && packedSlice(packed, resolved, Number(start), Number(end));
  if (part) return packedWeight(part);
  if (isWeight(x) && resolved === 0 && typeof start === 'number' && typeof end === 'number')
    return weightRows(x, start, end);
  return apply(sliceOperator, [x], { axis: resolved, start, end });
}

const padOperator = defineOperator<{ axis: number; before: Dim; after: Dim }>({
  name: 'pad',
  infer: ([x], { axis, before, after }) => [
    { dtype: x!.dtype, shape: x!.shape.map((size, i) => (i === axis ? addDims(before, size, after) : size)) },
  ],
  emit: (emitter, node) => {
    const { axis, before, after } = node.attributes;
    emitter.node(
      'Pad',
      [emitter.name(node.inputs[0]!), emitter.shape([before, after]), '', emitter.integers([axis])],
      [emitter.name(node.outputs[0]!)],
    );
  },
  gradient: ([dy], { inputs: [x], attributes: { axis, before } }) => [
    () => slice(dy!, axis, before, addDims(before, x!.shape[axis]!)),
  ],
});

/** Zeros put before and after the elements along one axis. */
export function pad(x: Value, axis: number, before: Dim, after: Dim): Value {
  return apply(padOperator, [x], { axis: axisOf(axis, x.shape.length), before, after });
}

const concatOperator = defineOperator<{ axis: number }>({
  name: 'concat',
  infer: (inputs, { axis }) => {
    const [first, ...others] = inputs;
    for (const other of others) {
      if (!first!.shape.every((size, i) => i === axis || size === other.shape[i])) {
        throw new ShapeError(`cannot concatenate [${first!.shape}] and [${other.shape}] along axis ${axis}`);
      }
    }
    const size = addDims(...inputs.map((value) => value.shape[axis]!));
    return [
      { dtype: sameDtype('concat', inputs), shape: first!.shape.map((own, i) => (i === axis ? size : own)) },
    ];
  },
  emit: (emitter, node) => emitter.direct(node, 'Concat', { axis: node.attributes.axis }),
  gradient: ([dy], { inputs, attributes: { axis } }) => {
    let offset: Dim = 0;
    return inputs.map((value) => {
      const start = offset;
      const end = addDims(start, value.shape[axis]!);
      offset = end;
      return () => slice(dy!, axis, start, end);
    });
  },
});

/** Values joined along one axis. */
export function concat(values: readonly Value[], axis: number): Value {
  if (values.length === 1) return values[0]!;
  return apply(concatOperator, values, { axis: axisOf(axis, values[0]!.shape.length) });
}

/** The values that `x` joins along an axis: itself alone, if it is no such join. */
export function partsOf(x: Value, axis: number): readonly Value[] {
  const { operator, attributes, inputs } = x.node;
  const isJoin = operator === (concatOperator as Operator) && (attributes as { axis: number }).axis === axis;
  return isJoin ? inputs : [x];
}

const splitOperator = defineOperator<{ axis: number; parts: number }>({
  name: 'split',
  infer: ([x], { axis, parts }) => {
    const size = x!.shape[axis];
    if (typeof size !== 'number' || size % parts !== 0)
      throw new ShapeError(`cannot split an axis of ${size} into ${parts} equal parts`);
    return Array.from({ length: parts }, () => ({
      dtype: x!.dtype,
      shape: x!.shape.map((own, i) => (i === axis ? size / parts : own)),
    }));
  },
  emit: (emitter, node) =>
    emitter.direct(node, 'Split', { axis: node.attributes.axis, num_outputs: node.attributes.parts }),
  gradient: (dys, { inputs: [x], attributes: { axis, parts } }) => [
    () => {
      const size = (x!.shape[axis] as number) / parts;
      const present = dys.flatMap((dy, part) => (dy ? [{ dy, part }] : []));
      if (present.length === parts) return concat(dys as Value[], axis);
      return present
        .map(({ dy, part }) => pad(dy, axis, part * size, (parts - 1 - part) * size))
        .reduce((sum, dy) => add(sum, dy));
    },
  ],
});

/** `parts` equal pieces along one axis of static size. */
export function split(x: Value, axis: number, parts: number): readonly Value[] {
  return applyAll(splitOperator, [x], { axis: axisOf(axis, x.shape.length), parts });
}

const detachOperator = defineOperator({
  name: 'detach',
  stopsGradient: true,
  aliasesInput: true,
  infer: ([x]) => [x!],
  emit: (emitter, node) => emitter.alias(node.outputs[0]!, emitter.name(node.inputs[0]!)),
} satisfies Operator);

/** The same value, taken as a constant where gradients are built. */
export function detach(x: Value): Value {
  return apply(detachOperator, [x], {});
}

/** Passes on its first input, with `slopes` as what its gradient with respect to the second one is. */
const knownGradientOperator = defineOperator({
  name: 'knownGradient',
  aliasesInput: true,
  infer: ([y]) => [y!],
  emit: (emitter, node) => emitter.alias(node.outputs[0]!, emitter.name(node.inputs[0]!)),
  gradient: ([dy], { inputs: [, , slopes] }) => [
    undefined,
    () => multiply(reshape(dy!, [...dy!.shape, 1]), slopes!),
    undefined,
  ],
} satisfies Operator);

/**
 * `y` [n], a function of the rows of `x` [n, d], each of its own row, where its derivatives `slopes` [n, d] come from
 * elsewhere than from differentiating it.
 */
export function withSlopes(y: Value, x: Value, slopes: Value): Value {
  return apply(knownGradientOperator, [detach(y), x, detach(slopes)], {});
}
