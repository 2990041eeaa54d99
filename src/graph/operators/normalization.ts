/** @file Softmax, layer norm and RMS norm. */
import { type DType, tensorOf } from '../../tensor.js';
import type { Emitter } from '../emitter.js';
import { apply, applyAll, type Operator, type Value } from '../value.js';
import { unbroadcast } from './broadcast.js';
import { defineOperator } from './define.js';
import { cast, multiply, subtract } from './elementwise.js';
import { reduceMean, reduceSum } from './reductions.js';

const softmaxOperator = defineOperator({
  name: 'softmax',
  infer: ([x]) => [x!],
  emit: (emitter, node) => emitter.direct(node, 'Softmax', { axis: -1 }),
  gradient: ([dy], { outputs: [p] }) => [
    // dx = p ∘ (dy - Σ dy ∘ p)
    () => multiply(p!, subtract(dy!, reduceSum(multiply(dy!, p!), { axes: [-1], keepDims: true }))),
  ],
} satisfies Operator);

/** exp(x) / Σ exp(x) over the last axis. */
export function softmax(x: Value): Value {
  return apply(softmaxOperator, [x], {});
}

/** A gradient's part that several inputs share. */
function once(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Rows x̂ = (x - mean) / σ, of layer norm's mean and 1/σ. */
const standardizedOperator = defineOperator<{ epsilon: number }>({
  name: 'standardized',
  infer: ([x]) => [x!],
  emit: (emitter, { inputs, outputs: [output], attributes: { epsilon } }) => {
    const [x, mean, inverseDeviation] = inputs.map((value) => emitter.name(value)) as [
      string,
      string,
      string,
    ];
    const { dtype, shape } = output!;
    if (emitter.options.device === 'cpu' && dtype === 'float32') {
      const centered = emitter.node('Sub', [x, mean]);
      emitter.node('Mul', [centered, inverseDeviation], [emitter.name(output!)]);
      return;
    }
    // One kernel, which computes the statistics again.
    const [one, zero] = [1, 0].map((value) => emitVector(emitter, value, dtype, shape.at(-1) as number));
    emitLayerNorm(emitter, [x, one!, zero!], [emitter.name(output!)], epsilon);
  },
});

/** A number as a vector of so many. */
function emitVector(emitter: Emitter, value: number, dtype: DType, size: number): string {
  if (dtype === 'float32')
    return emitter.constant(tensorOf(dtype, [size], new Float32Array(size).fill(value)));
  return emitter.node('Expand', [emitter.number(value, dtype), emitter.integers([size])]);
}

const emitLayerNorm = (
  emitter: Emitter,
  inputs: readonly string[],
  outputs: readonly string[],
  epsilon: number,
) => emitter.node('LayerNormalization', inputs, outputs, { axis: -1, epsilon: { float: epsilon } });

const layerNormOperator = defineOperator<{ epsilon: number }>({
  name: 'layerNorm',
  infer: ([x]) => {
    // ONNX computes mean and 1/σ in float32, whatever the type of x.
    const statistics = { dtype: 'float32' as const, shape: [...x!.shape.slice(0, -1), 1] };
    return [x!, statistics, statistics];
  },
  emit: (emitter, { inputs, outputs, attributes: { epsilon } }) => {
    const [operands, results] = [inputs, outputs].map((values) => values.map((value) => emitter.name(value)));
    emitLayerNorm(emitter, operands!, results!, epsilon);
  },
  gradient: ([dy], { inputs: [x, scale, bias], outputs: [, mean, statistic], attributes: { epsilon } }) => {
    const inverseDeviation = cast(statistic!, x!.dtype);
    // Computed again: keeping it from the forward pass would cost memory.
    const normalized = once(() => apply(standardizedOperator, [x!, mean!, statistic!], { epsilon }));
    return [
      // With g = dy ∘ scale: dx = (g - mean(g) - x̂ mean(g ∘ x̂)) / σ
      () => {
        const g = multiply(dy!, scale!);
        const xHat = normalized();
        const alongNormalized = multiply(xHat, reduceMean(multiply(g, xHat), { axes: [-1], keepDims: true }));
        const centered = subtract(
          subtract(g, reduceMean(g, { axes: [-1], keepDims: true })),
          alongNormalized,
        );
        return multiply(centered, inverseDeviation);
      },
      () => unbroadcast(multiply(dy!, normalized()), scale!.shape),
      () => unbroadcast(dy!, bias!.shape),
    ];
  },
});

/** (x - mean) / √(variance + epsilon) · scale + bias over the last axis. arXiv:1607.06450. */
export function layerNorm(x: Value, scale: Value, bias: Value, epsilon: number): Value {
  return applyAll(layerNormOperator, [x, scale, bias], { epsilon })[0]!;
}

const rmsNormOperator = defineOperator<{ epsilon: number }>({
  name: 'rmsNorm',
  infer: ([x]) => [x!, { dtype: 'float32', shape: [...x!.shape.slice(0, -1), 1] }],
  emit: (emitter, node) => {
    const [x, scale] = node.inputs.map((value) => emitter.name(value));
    const [y, inverse] = node.outputs.map((value) => emitter.name(value));
    const { epsilon } = node.attributes;
    const attributes = { axis: -1, epsilon: { float: epsilon } };
    const isWhole = emitter.options.device === 'cpu';
    emitter.node('SimplifiedLayerNormalization', [x!, scale!], isWhole ? [y!, inverse!] : [y!], attributes);
    if (!isWhole && emitter.isUsed(node.outputs[1]!)) emitInverseRms(emitter, x!, epsilon, inverse!);
  },
  gradient: ([dy], { inputs: [x, scale], outputs: [, statistic] }) => {
    const inverse = cast(statistic!, x!.dtype);
    const normalized = once(() => multiply(x!, inverse));
    return [
      // With g = dy ∘ scale and x̂ = x / rms: dx = (g - x̂ mean(g ∘ x̂)) / rms
      () => {
        const g = multiply(dy!, scale!);
        const xHat = normalized();
        const alongNormalized = multiply(xHat, reduceMean(multiply(g, xHat), { axes: [-1], keepDims: true }));
        return multiply(subtract(g, alongNormalized), inverse);
      },
      () => unbroadcast(multiply(dy!, normalized()), scale!.shape),
    ];
  },
});

/** 1 / √(mean(x²) + epsilon) of float32 rows, for kernels that leave it out. */
function emitInverseRms(emitter: Emitter, x: string, epsilon: number, output: string): void {
  const constant = (...data: number[]) =>
    emitter.constant({ dtype: 'float32', shape: [], data: Float32Array.from(data) });
  const squares = emitter.node('Mul', [x, x]);
  const mean = emitter.node('ReduceMean', [squares, emitter.integers([-1])], undefined, { keepdims: 1 });
  const root = emitter.node('Sqrt', [emitter.node('Add', [mean, constant(epsilon)])]);
  emitter.node('Div', [constant(1), root], [output]);
}

/** x / √(mean(x²) + epsilon) · scale over the last axis. arXiv:1910.07467. */
export function rmsNorm(x: Value, scale: Value, epsilon: number): Value {
  return applyAll(rmsNormOperator, [x, scale], { epsilon })[0]!;
}
