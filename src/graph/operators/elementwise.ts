/** @file Elementwise operators with numpy's broadcasting. */
import type { DType } from '../../tensor.js';
import { broadcastShapes } from '../dims.js';
import { onnxTypeOf } from '../element-types.js';
import type { Emitter } from '../emitter.js';
import { apply, type GradientThunk, type Operator, type Value } from '../value.js';
import { unbroadcast } from './broadcast.js';
import { defineOperator, lift, type Operand, sameDtype } from './define.js';

type BinaryGradient = (dy: Value, a: Value, b: Value, y: Value) => readonly GradientThunk[];

function binary(
  name: string,
  onnx: string,
  gradient?: BinaryGradient,
  dtype?: DType,
): (a: Operand, b: Operand) => Value {
  const operator = defineOperator({
    name,
    infer: ([a, b]) => [
      { dtype: dtype ?? sameDtype(name, [a!, b!]), shape: broadcastShapes(a!.shape, b!.shape) },
    ],
    emit: (emitter, node) => emitter.direct(node, onnx),
    gradient:
      gradient &&
      (([dy], { inputs: [a, b], outputs: [y] }) =>
        gradient(dy!, a!, b!, y!).map(
          (thunk, i) => thunk && (() => unbroadcast(thunk(), (i === 0 ? a! : b!).shape)),
        )),
  } satisfies Operator);
  return (a, b) => apply(operator, lift(a, b), {});
}

function unary(
  name: string,
  onnx: string,
  gradient?: (dy: Value, x: Value, y: Value) => Value,
  operand = (emitter: Emitter, x: Value): string => emitter.name(x),
): (x: Value) => Value {
  const operator = defineOperator({
    name,
    infer: ([x]) => [x!],
    emit: (emitter, { inputs: [x], outputs: [y] }) =>
      void emitter.node(onnx, [operand(emitter, x!)], [emitter.name(y!)]),
    gradient: gradient && (([dy], { inputs: [x], outputs: [y] }) => [() => gradient(dy!, x!, y!)]),
  } satisfies Operator);
  return (x) => apply(operator, [x], {});
}

/**
 * An angle, for WebGPU as the equal one from -π to π: what its sine is of others is not specified, and a position of a
 * long text turns thousands of times. 2π is subtracted in two parts, of which the first has few digits, so that its
 * multiples are exact (W. J. Cody and W. Waite, Software Manual for the Elementary Functions, 1980).
 */
function emitSmallAngle(emitter: Emitter, x: Value): string {
  if (emitter.options.device === 'cpu' || x.dtype !== 'float32') return emitter.name(x);
  const constant = (value: number) =>
    emitter.constant({ dtype: 'float32', shape: [], data: Float32Array.of(value) });
  const part = emitter.node('Mul', [emitter.name(x), constant(1 / (2 * Math.PI))]);
  const turns = emitter.node('Floor', [emitter.node('Add', [part, constant(0.5)])]); // it has no kernel for Round
  const largePart = 6.28125;
  return [largePart, 2 * Math.PI - largePart].reduce(
    (angle, turn) => emitter.node('Sub', [angle, emitter.node('Mul', [turns, constant(turn)])]),
    emitter.name(x),
  );
}

export const add = binary('add', 'Add', (dy) => [() => dy, () => dy]);
export const subtract = binary('subtract', 'Sub', (dy) => [() => dy, () => negate(dy)]);
export const multiply = binary('multiply', 'Mul', (dy, a, b) => [
  () => multiply(dy, b),
  () => multiply(dy, a),
]); // (ab)' = a'b + ab'
export const divide = binary('divide', 'Div', (dy, _, b, y) => [
  () => divide(dy, b),
  () => negate(divide(multiply(dy, y), b)), // d(a/b)/db = -(a/b)/b
]);

export const equal = binary('equal', 'Equal', undefined, 'bool');
export const less = binary('less', 'Less', undefined, 'bool');
export const lessOrEqual = binary('lessOrEqual', 'LessOrEqual', undefined, 'bool');
export const and = binary('and', 'And', undefined, 'bool');

export const negate = unary('negate', 'Neg', (dy) => negate(dy));
export const exp = unary('exp', 'Exp', (dy, _, y) => multiply(dy, y));
export const log = unary('log', 'Log', (dy, x) => divide(dy, x));
export const sqrt = unary('sqrt', 'Sqrt', (dy, _, y) => divide(multiply(dy, 0.5), y));
export const cos = unary('cos', 'Cos', (dy, x) => negate(multiply(dy, sin(x))), emitSmallAngle);
export const sin = unary('sin', 'Sin', (dy, x) => multiply(dy, cos(x)), emitSmallAngle);
export const tanh = unary('tanh', 'Tanh', (dy, _, y) => multiply(dy, subtract(1, multiply(y, y)))); // tanh' = 1 - tanh²
// σ' = σ(1 - σ)
export const sigmoid = unary('sigmoid', 'Sigmoid', (dy, _, y) => multiply(dy, multiply(y, subtract(1, y))));
export const relu = unary('relu', 'Relu', (dy, x) => where(less(0, x), dy, 0));
export const erf = unary('erf', 'Erf', (dy, x) =>
  multiply(dy, multiply(exp(negate(multiply(x, x))), 2 / Math.sqrt(Math.PI))),
);

const whereOperator = defineOperator({
  name: 'where',
  infer: ([condition, a, b]) => [
    {
      dtype: sameDtype('where', [a!, b!]),
      shape: broadcastShapes(condition!.shape, broadcastShapes(a!.shape, b!.shape)),
    },
  ],
  emit: (emitter, node) => emitter.direct(node, 'Where'),
  gradient: ([dy], { inputs: [condition, a, b] }) => [
    undefined,
    () => unbroadcast(where(condition!, dy!, 0), a!.shape),
    () => unbroadcast(where(condition!, 0, dy!), b!.shape),
  ],
} satisfies Operator);

/** `a` where `condition` (a bool value) holds, else `b`. */
export function where(condition: Value, a: Operand, b: Operand): Value {
  return apply(whereOperator, [condition, ...lift(a, b)], {});
}

const castOperator = defineOperator<{ to: DType }>({
  name: 'cast',
  infer: ([x], { to }) => [{ dtype: to, shape: x!.shape }],
  emit: (emitter, node) => emitter.direct(node, 'Cast', { to: onnxTypeOf(node.attributes.to) }),
  gradient: ([dy], { inputs: [x] }) => [() => cast(dy!, x!.dtype)],
});

/** Converts to another element type. Returns the value itself if it has that type. */
export function cast(x: Value, to: DType): Value {
  return x.dtype === to ? x : apply(castOperator, [x], { to });
}
