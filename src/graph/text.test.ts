import { expect, it } from 'vitest';
import { int64Tensor } from '../tensor.js';
import * as g from './index.js';

const range = { location: 'file', offset: 0, byteLength: 48 };
const x = g.input('x', 'float32', ['n', 4]);

it('prints a node per line, with shapes, names and where each was made; forward and backward apart', () => {
  const bias = g.input('bias', 'float32', [3]);
  const frozen = g.weight('h.0.c_fc.weight', 'float32', [4, 3], range);
  const y = g.scope('h.0', () => g.tanh(g.linear(x, frozen, bias)));
  const loss = g.reduceSum(g.multiply(g.slice(y, 1, 0, 2), 0.5));
  const [gradient] = g.gradients(loss, [bias]);
  expect(g.toText(g.toOnnx({ loss, 'gradient.bias': gradient }))).toBe(`inputs (2)
  x [n, 4] f32
  bias [3] f32
weights (1)
  h.0.c_fc.weight [4, 3] f32
forward (5)
  %1 [n, 3] f32 = linear x h.0.c_fc.weight bias  # h.0
  %2 [n, 3] f32 = tanh %1  # h.0
  %3 [n, 2] f32 = slice %2 axis=1 start=0 end=2
  %4 [n, 2] f32 = multiply %3 0.5
  %5 [] f32 = reduceSum %4 axes=[0,1]
backward (8)
  %6 [1, 1] f32 = reshape 1  # gradient of %4 through %5
  %7 [n, 2] f32 = expand %6  # gradient of %4 through %5
  %8 [n, 2] f32 = multiply %7 0.5  # gradient of %3 through %4
  %9 [n, 3] f32 = pad %8 axis=1 before=0 after=1  # gradient of %2 through %3
  %10 [n, 3] f32 = multiply %2 %2  # h.0, gradient of %1 through %2
  %11 [n, 3] f32 = subtract 1 %10  # h.0, gradient of %1 through %2
  %12 [n, 3] f32 = multiply %9 %11  # h.0, gradient of %1 through %2
  %13 [3] f32 = reduceSum %12 axes=[0]  # h.0, gradient of bias through %1
outputs (2)
  loss [] f32 = %5
  gradient.bias [3] f32 = %13
`);
});

it('names a packed matrix and its type, and shows a few numbers of a constant', () => {
  const packed = g.packedWeight({
    name: 'w',
    rows: 64,
    columns: 4,
    values: range,
    transposed: false,
    format: 'bfloat16',
  });
  const rows = g.gather(
    g.matmul(x, packed, { transposeB: true }),
    g.constant(int64Tensor([5], [0, 1, 1, 0, 2])),
  );
  const text = g.toText(g.toOnnx({ rows }));
  expect(text).toContain('  %1 [n, 64] f32 = packedMatmul x w bfloat16 transposeB\n');
  expect(text).toContain('  %2 [5, 64] f32 = gather %1 [0, 1, 1, 0, …]\n');
  expect(text).not.toContain('backward');
});
