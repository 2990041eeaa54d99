/** @file Operators that pick rows by index, put them back, or count. */
import { type Dim, multiplyDims, type Shape } from '../dims.js';
import { apply, type Operator, type Value } from '../value.js';
import { defineOperator } from './define.js';
import { packedMatrixOf, packedRows } from './packed.js';
import { reshape } from './shaping.js';

const gatherOperator = defineOperator({
  name: 'gather',
  infer: ([table, indices]) => [
    { dtype: table!.dtype, shape: [...indices!.shape, ...table!.shape.slice(1)] },
  ],
  emit: (emitter, node) => emitter.direct(node, 'Gather', { axis: 0 }),
  gradient: ([dy], { inputs: [table, indices] }) => [
    () => scatterAdd(dy!, indices!, table!.shape),
    undefined,
  ],
} satisfies Operator);

/** Rows of `table` [n, …] at `indices` [*i] (int64): [*i, …]. */
export function gather(table: Value, indices: Value): Value {
  const packed = packedMatrixOf(table);
  const rows = packed && packedRows(packed, (part) => gather(part, indices));
  return rows ?? apply(gatherOperator, [table, indices], {});
}

const scatterAddOperator = defineOperator<{ shape: Shape }>({
  name: 'scatterAdd',
  infer: ([rows], { shape }) => [{ dtype: rows!.dtype, shape }],
  emit: (emitter, node) => {
    const [rows, indices] = node.inputs;
    const { shape } = node.attributes;
    const count = multiplyDims(...indices!.shape);
    const column = emitter.node('Reshape', [emitter.name(indices!), emitter.shape([count, 1])]);
    const flatRows = emitter.node('Reshape', [
      emitter.name(rows!),
      emitter.shape([count, ...shape.slice(1)]),
    ]);
    const zeros = emitter.zeros(shape, rows!.dtype);
    emitter.node('ScatterND', [zeros, column, flatRows], [emitter.name(node.outputs[0]!)], {
      reduction: 'add',
    });
  },
  gradient: ([dy], { inputs: [rows, indices] }) => [
    () => reshape(gather(dy!, indices!), rows!.shape),
    undefined,
  ],
});

/** The adjoint of `gather`: zeros of `shape` [n, …], with `rows` added at `indices`. Repeated indices accumulate. */
export function scatterAdd(rows: Value, indices: Value, shape: Shape): Value {
  return apply(scatterAddOperator, [rows, indices], { shape });
}

const pickRowsOperator = defineOperator({
  name: 'pickRows',
  infer: ([table, places]) => [{ dtype: table!.dtype, shape: [...places!.shape, ...table!.shape.slice(1)] }],
  emit: (emitter, node) => emitter.direct(node, 'Gather', { axis: 0 }),
  gradient: ([dy], { inputs: [table, places] }) => [
    () => placeRows(dy!, places!, table!.shape[0]!),
    undefined,
  ],
} satisfies Operator);

/** Rows of `table` [n, …] at `places` [m] that differ: [m, …]. Its gradient costs less than that of `gather`. */
export function pickRows(table: Value, places: Value): Value {
  return apply(pickRowsOperator, [table, places], {});
}

const placeRowsOperator = defineOperator<{ count: Dim }>({
  name: 'placeRows',
  infer: ([rows], { count }) => [{ dtype: rows!.dtype, shape: [count, ...rows!.shape.slice(1)] }],
  emit: (emitter, { inputs: [rows, places], outputs: [output] }) => {
    const column = emitter.shape([...places!.shape, 1]);
    const indices = emitter.node('Reshape', [emitter.name(places!), column]);
    const zeros = emitter.zeros(output!.shape, output!.dtype);
    emitter.node('ScatterND', [zeros, indices, emitter.name(rows!)], [emitter.name(output!)]);
  },
  gradient: ([dy], { inputs: [, places] }) => [() => pickRows(dy!, places!), undefined],
});

/** The inverse of `pickRows`: zeros [count, …] with `rows` [m, …] at `places` [m], which differ. */
export function placeRows(rows: Value, places: Value, count: Dim): Value {
  return apply(placeRowsOperator, [rows, places], { count });
}

const replaceLinesOperator = defineOperator({
  name: 'replaceLines',
  infer: ([table]) => [table!],
  emit: (emitter, node) => emitter.direct(node, 'ScatterND'),
} satisfies Operator);

/**
 * `table` with `lines` [m, …] in place of those at `places`, int64 [m, k] that differ: the first k indices of each.
 * No gradient flows through it.
 */
export function replaceLines(table: Value, places: Value, lines: Value): Value {
  return apply(replaceLinesOperator, [table, places, lines], {});
}

const iotaOperator = defineOperator<{ size: Dim }>({
  name: 'iota',
  infer: (_, { size }) => [{ dtype: 'int64', shape: [size] }],
  emit: (emitter, node) => {
    const bound = (value: number) =>
      emitter.constant({ dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(value)) });
    emitter.node(
      'Range',
      [bound(0), emitter.size(node.attributes.size), bound(1)],
      [emitter.name(node.outputs[0]!)],
    );
  },
});

/** 0, 1, …, size - 1 as int64. */
export function iota(size: Dim): Value {
  return apply(iotaOperator, [], { size });
}

const sizeOfOperator = defineOperator<{ size: Dim }>({
  name: 'sizeOf',
  infer: () => [{ dtype: 'int64', shape: [] }],
  emit: (emitter, node) => emitter.alias(node.outputs[0]!, emitter.size(node.attributes.size)),
});

/** A size as an int64 scalar value. */
export function sizeOf(size: Dim): Value {
  return apply(sizeOfOperator, [], { size });
}
