/** @file The activation functions of language models, each one node forward with a gradient that keeps only its input. */
import { apply, type Operator, type Value } from '../value.js';
import { defineOperator } from './define.js';
import { add, erf, exp, multiply, relu, sigmoid, subtract, tanh } from './elementwise.js';

const geluTanhOperator = defineOperator({
  name: 'geluTanh',
  infer: ([x]) => [x!],
  emit: (emitter, node) => emitter.direct(node, 'Gelu', { approximate: 'tanh' }),
  gradient: ([dy], { inputs: [x] }) => [
    // With u = x(a + bx²) and s = σ(u): gelu = xs, and so gelu' = s + xs(1 - s)(a + 3bx²).
    () => {
      const a = 2 * Math.sqrt(2 / Math.PI);
      const b = a * 0.044715;
      const square = multiply(x!, x!);
      const s = sigmoid(multiply(x!, add(multiply(square, b), a)));
      const slope = multiply(x!, add(multiply(square, 3 * b), a));
      return multiply(dy!, multiply(s, add(multiply(slope, subtract(1, s)), 1)));
    },
  ],
} satisfies Operator);

/** GELU by its tanh approximation, 0.5x(1 + tanh(√(2/π)(x + 0.044715x³))): GPT-2's `gelu_new`. arXiv:1606.08415. */
export function geluTanh(x: Value): Value {
  return apply(geluTanhOperator, [x], {});
}

const geluOperator = defineOperator({
  name: 'gelu',
  infer: ([x]) => [x!],
  emit: (emitter, node) => emitter.direct(node, 'Gelu'),
  gradient: ([dy], { inputs: [x] }) => [
    // gelu = xΦ(x), so gelu' = Φ(x) + xφ(x) with the normal distribution's Φ and density φ.
    () => {
      const cumulative = multiply(add(erf(multiply(x!, Math.SQRT1_2)), 1), 0.5);
      const density = multiply(exp(multiply(multiply(x!, x!), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return multiply(dy!, add(cumulative, multiply(x!, density)));
    },
  ],
} satisfies Operator);

/** GELU, xΦ(x), with the error function. arXiv:1606.08415. */
export function gelu(x: Value): Value {
  return apply(geluOperator, [x], {});
}

/** SiLU (swish), xσ(x). */
export function silu(x: Value): Value {
  return multiply(x, sigmoid(x));
}

/** Activation functions by the names that transformers' configurations use (`activation_function`, `hidden_act`). */
export const activations: Readonly<Record<string, (x: Value) => Value>> = {
  gelu,
  gelu_new: geluTanh,
  gelu_fast: geluTanh,
  gelu_pytorch_tanh: geluTanh,
  quick_gelu: (x) => multiply(x, sigmoid(multiply(x, 1.702))),
  relu,
  sigmoid,
  silu,
  swish: silu,
  tanh,
};
