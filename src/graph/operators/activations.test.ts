import { expect, it } from 'vitest';
import { useWarmRuntime } from '../../../test/support/warm-runtime.js';
import { Session } from '../../runtime/index.js';
import { float32Tensor } from '../../tensor.js';
import * as g from '../index.js';

useWarmRuntime();

const inputs = [-11, -3.5, -2, -1, -0.3, 0.2, 0.9, 2.5, 4, 12];

/** transformers 5.18's ACT2FN on the inputs, with torch 2.13. */
const expected: Readonly<Record<string, readonly number[]>> = {
  gelu_10: [0, -0.000814, -0.0455, -0.158655, -0.114627, 0.115852, 0.734346, 2.484476, 3.999874, 10],
  gelu_accurate: [0, -0.000616, -0.045402, -0.158808, -0.114629, 0.115851, 0.734228, 2.484916, 3.99993, 12],
  gelu_python: [0, -0.000814, -0.0455, -0.158655, -0.114627, 0.115852, 0.734346, 2.484476, 3.999873, 12],
  gelu_python_tanh: [
    0, -0.000616, -0.045402, -0.158808, -0.114629, 0.115851, 0.734228, 2.484916, 3.99993, 12,
  ],
  hardswish: [0, 0, -0.333333, -0.333333, -0.135, 0.106667, 0.585, 2.291667, 4, 12],
  laplace: [0, 0, 0, 0, 0.000178, 0.036117, 0.752945, 1, 1, 1],
  leaky_relu: [-0.11, -0.035, -0.02, -0.01, -0.003, 0.2, 0.9, 2.5, 4, 12],
  linear: [-11, -3.5, -2, -1, -0.3, 0.2, 0.9, 2.5, 4, 12],
  mish: [-0.000184, -0.104096, -0.252501, -0.303401, -0.151133, 0.132599, 0.761206, 2.471392, 3.997413, 12],
  relu2: [0, 0, 0, 0, 0, 0.04, 0.81, 6.25, 16, 144],
  relu6: [0, 0, 0, 0, 0, 0.2, 0.9, 2.5, 4, 6],
  sqrtsoftplus: [
    0.004087, 0.172483, 0.35627, 0.559698, 0.74455, 0.893386, 1.114071, 1.605892, 2.004532, 3.464103,
  ],
};

it('gives what transformers gives', async () => {
  const x = g.input('x', 'float32', [inputs.length]);
  const outputs = Object.fromEntries(
    Object.keys(expected).map((name) => [name, g.add(g.activations[name]!(x), 0)]),
  );
  const session = await Session.create(g.toOnnx(outputs).bytes);
  try {
    const found = await session.run({ x: float32Tensor([inputs.length], inputs) });
    for (const [name, values] of Object.entries(expected))
      for (const [i, value] of values.entries())
        expect(found[name]!.data[i], `${name}(${inputs[i]})`).toBeCloseTo(value, 5);
  } finally {
    await session.dispose();
  }
});
