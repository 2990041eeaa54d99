/** @file Activation functions of language models, each one forward node whose gradient needs only its input. */
import { apply, type Operator, type Value } from '../value.js';
import { defineOperator } from './define.js';
import { add, erf, exp, log, multiply, relu, sigmoid, sqrt, subtract, tanh } from './elementwise.js';

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

/** x clipped to [low, high]; its gradient is zero outside. */
const clip = (x: Value, low: number, high: number): Value =>
  add(subtract(relu(subtract(x, low)), relu(subtract(x, high))), low);

/** log(1 + exp(x)), without overflow. */
const softplus = (x: Value): Value => {
  const magnitude = add(relu(x), relu(multiply(x, -1)));
  return add(relu(x), log(add(exp(multiply(magnitude, -1)), 1)));
};

/**
 * Activation functions by their names in transformers' configurations (`activation_function`, `hidden_act`). Those
 * with weights of their own (`prelu`, `xielu`) are missing.
 */
export const activations: Readonly<Record<string, (x: Value) => Value>> = {
  gelu,
  gelu_10: (x) => clip(gelu(x), -10, 10),
  gelu_accurate: geluTanh,
  gelu_fast: geluTanh,
  gelu_new: geluTanh,
  gelu_python: gelu,
  gelu_python_tanh: geluTanh,
  gelu_pytorch_tanh: geluTanh,
  hardswish: (x) => multiply(multiply(x, clip(add(x, 3), 0, 6)), 1 / 6),
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: transformers' mean, in its six digits
  laplace: (x) => multiply(add(erf(multiply(subtract(x, 0.707107), Math.SQRT1_2 / 0.282095)), 1), 0.5),
  leaky_relu: (x) => subtract(relu(x), multiply(relu(multiply(x, -1)), 0.01)),
  linear: (x) => x,
  mish: (x) => multiply(x, tanh(softplus(x))),
  quick_gelu: (x) => multiply(x, sigmoid(multiply(x, 1.702))),
  relu,
  relu2: (x) => multiply(relu(x), relu(x)),
  relu6: (x) => clip(x, 0, 6),
  sigmoid,
  silu,
  sqrtsoftplus: (x) => sqrt(softplus(x)),
  swish: silu,
  tanh,
};
