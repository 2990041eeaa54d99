import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../random.js';
import { Session } from '../../runtime/index.js';
import { int64Tensor, tensorOf } from '../../tensor.js';
import * as g from '../index.js';
import { type GradientCase, gradientError } from '../numeric-gradient.fixture.js';

const indices = (shape: number[], values: number[]) => g.constant(int64Tensor(shape, values));
const positive = [0.5, 2] as const;

const mask = (shape: number[], isSeen: (query: number, key: number) => boolean) => {
  const [queries, keys] = shape.slice(-2) as [number, number];
  const numbers = Float64Array.from({ length: queries * keys }, (_, i) =>
    isSeen(Math.floor(i / keys), i % keys) ? 0 : Number.NEGATIVE_INFINITY,
  );
  return g.constant(tensorOf('float64', [1, 1, queries, keys], numbers));
};
const causalMask = (queries: number, past: number) =>
  mask([queries, past + queries], (query, key) => key <= past + query);
const lastHidden = (seen: number, keys: number) => mask([1, keys], (_, key) => key < Math.max(1, seen - 2));

/** Packed matrices [5, 64] in every format, one behind the other in the file that `packedFile` makes. */
const packedFile = { name: 'packed', rows: 5, columns: 64, bytes: 2 * 5 * 64 };
let folder: string;

function packedMatrices(): g.PackedMatrix[] {
  const { name, rows, columns } = packedFile;
  const range = (byteLength: number) => ({ location: name, offset: 0, byteLength });
  const blocks = (bits: 4 | 8): g.BlockFormat => ({
    bits,
    scales: range(4 * rows * (columns / g.blockSize)),
    zeros: range((rows * (columns / g.blockSize) * bits) / 8),
  });
  const kinds = [
    { format: 'float16', bits: 16 },
    { format: 'bfloat16', bits: 16 },
    { format: blocks(8), bits: 8 },
    { format: blocks(4), bits: 4 },
  ] as const;
  return [true, false].flatMap((transposed) =>
    kinds.map(({ format, bits }) => ({
      name: `${name}.${bits}`,
      rows,
      columns,
      values: range((rows * columns * bits) / 8),
      transposed,
      format,
    })),
  );
}

/** Cases by operator: shapes as functions of three random sizes, so that every seed checks others. */
const cases: Record<string, (a: number, b: number, c: number) => GradientCase[]> = {
  add: (a, b, c) => [
    {
      shapes: [
        [a, b, c],
        [b, c],
      ],
      build: (x, y) => g.add(x, y),
    },
    {
      shapes: [
        [a, 1, c],
        [b, 1],
      ],
      build: (x, y) => g.add(x, y),
    },
  ],
  subtract: (a, b, c) => [
    {
      shapes: [
        [a, b],
        [c, 1, b],
      ],
      build: (x, y) => g.subtract(x, y),
    },
  ],
  multiply: (a, b, c) => [
    {
      shapes: [
        [a, b, c],
        [1, c],
      ],
      build: (x, y) => g.multiply(x, y),
    },
    { shapes: [[a, b]], build: (x) => g.multiply(x, x) },
  ],
  divide: (a, b, c) => [
    {
      shapes: [
        [a, b, c],
        [b, 1],
      ],
      build: (x, y) => g.divide(x, y),
      range: positive,
    },
  ],
  negate: (a, b) => [{ shapes: [[a, b]], build: g.negate }],
  exp: (a, b) => [{ shapes: [[a, b]], build: g.exp }],
  log: (a, b) => [{ shapes: [[a, b]], build: g.log, range: positive }],
  sqrt: (a, b) => [{ shapes: [[a, b]], build: g.sqrt, range: positive }],
  cos: (a, b) => [{ shapes: [[a, b]], build: g.cos }],
  sin: (a, b) => [{ shapes: [[a, b]], build: g.sin }],
  tanh: (a, b) => [{ shapes: [[a, b]], build: g.tanh }],
  sigmoid: (a, b) => [{ shapes: [[a, b]], build: g.sigmoid }],
  erf: (a, b) => [{ shapes: [[a, b]], build: g.erf, dtype: 'float32' }],
  relu: (a, b) => [
    { shapes: [[a, b]], build: g.relu, range: positive },
    { shapes: [[a, b]], build: (x) => g.relu(g.add(x, g.negate(g.relu(g.multiply(x, 3))))), range: positive },
  ],
  geluTanh: (a, b) => [{ shapes: [[a, b]], build: g.geluTanh, dtype: 'float32' }],
  gelu: (a, b) => [{ shapes: [[a, b]], build: g.gelu, dtype: 'float32' }],
  where: (a, b, c) => [
    { shapes: [[a, b, c], [c]], build: (x, y) => g.where(g.less(g.iota(c), g.scalar(2, 'int64')), x, y) },
  ],
  cast: (a, b) => [
    {
      shapes: [[a, b]],
      build: (x) => g.cast(g.multiply(g.cast(x, 'float32'), 3), x.dtype),
      dtype: 'float32',
    },
  ],
  reshape: (a, b, c) => [
    { shapes: [[a, b, c]], build: (x) => g.exp(g.reshape(x, [g.multiplyDims(a, b), c])) },
  ],
  transpose: (a, b, c) => [{ shapes: [[a, b, c]], build: (x) => g.exp(g.transpose(x, [2, 0, 1])) }],
  expand: (a, b, c) => [{ shapes: [[b, 1]], build: (x) => g.expand(x, [a, b, c]) }],
  slice: (a, b, c) => [{ shapes: [[a, b + 2, c]], build: (x) => g.exp(g.slice(x, 1, 1, b + 1)) }],
  pad: (a, b, c) => [{ shapes: [[a, b, c]], build: (x) => g.pad(x, -1, 2, 1) }],
  concat: (a, b, c) => [
    {
      shapes: [
        [a, b, c],
        [a, 2, c],
      ],
      build: (x, y) => g.exp(g.concat([x, y], 1)),
    },
    { shapes: [[a, b]], build: (x) => g.concat([x, g.multiply(x, x)], 0) },
  ],
  split: (a, b, c) => [
    { shapes: [[a, 3 * b, c]], build: (x) => g.multiply(g.split(x, 1, 3)[0]!, g.split(x, 1, 3)[2]!) },
    {
      shapes: [[a, 2 * b]],
      build: (x) => {
        const [left, right] = g.split(x, 1, 2);
        return g.multiply(left!, g.exp(right!));
      },
    },
  ],
  reduceSum: (a, b, c) => [
    { shapes: [[a, b, c]], build: (x) => g.exp(g.multiply(g.reduceSum(x, { axes: [0, -1] }), 0.1)) },
    { shapes: [[a, b, c]], build: (x) => g.multiply(x, g.reduceSum(x, { axes: [1], keepDims: true })) },
    { shapes: [[a, b, c + 1]], build: g.logSumExp },
  ],
  reduceMean: (a, b, c) => [
    { shapes: [[a, b, c]], build: (x) => g.exp(g.reduceMean(x, { axes: [0, -1] })) },
    { shapes: [[a, b, c]], build: (x) => g.multiply(x, g.reduceMean(x, { axes: [1], keepDims: true })) },
  ],
  softmax: (a, b, c) => [{ shapes: [[a, b, c + 1]], build: g.softmax }],
  layerNorm: (a, b, c) => [
    {
      shapes: [[a, b, c + 3], [c + 3], [c + 3]],
      build: (x, scale, bias) => g.layerNorm(x, scale, bias, 1e-3),
    },
    {
      shapes: [[a, b, c + 3], [c + 3], [c + 3]],
      build: (x, scale, bias) => g.layerNorm(x, scale, bias, 1e-3),
      dtype: 'float32',
    },
  ],
  rmsNorm: (a, b, c) => [
    { shapes: [[a, b, c + 3], [c + 3]], build: (x, scale) => g.rmsNorm(x, scale, 1e-3) },
  ],
  rotate: (a, b, c) => {
    const angles = g.multiply(g.cast(g.reshape(g.iota(2 * a * b), [a * b, 2]), 'float32'), 0.7);
    const rows = g.reshape(g.iota(a * b), [a, b]);
    const tables = [g.cos(angles), g.sin(angles)] as const;
    return [
      { shapes: [[a, c, b, 4]], build: (x) => g.exp(g.rotate(x, rows, ...tables)), dtype: 'float32' },
      {
        shapes: [[a, c, b, 6]], // the last two are not rotated
        build: (x) => g.exp(g.rotate(x, indices([1], [0]), ...tables)),
        dtype: 'float32',
      },
    ];
  },
  matmul: (a, b, c) => [
    {
      shapes: [
        [a, b],
        [b, c],
      ],
      build: (x, y) => g.matmul(x, y),
    },
    {
      shapes: [
        [2, a, b],
        [2, c, b],
      ],
      build: (x, y) => g.matmul(x, y, { transposeB: true, alpha: 0.5 }),
    },
    {
      shapes: [
        [b, a],
        [c, b],
      ],
      build: (x, y) => g.matmul(x, y, { transposeA: true, transposeB: true, alpha: 2 }),
    },
    {
      shapes: [
        [3, 1, a, b],
        [2, b, c],
      ],
      build: (x, y) => g.matmul(x, y),
    },
    {
      shapes: [
        [2, a, b],
        [2, b, c],
      ],
      build: (x, y) => g.matmul(x, y, { alpha: 0.5 }),
      dtype: 'float32',
    },
    {
      shapes: [
        [b, a],
        [c, b],
      ],
      build: (x, y) => g.matmul(x, y, { transposeA: true, transposeB: true }),
      dtype: 'float32',
    },
  ],
  packedMatmul: (a) =>
    packedMatrices().map((matrix) => ({
      shapes: [[a, 64]],
      build: (x) => g.matmul(x, g.packedWeight(matrix), { transposeB: !matrix.transposed }),
      dtype: 'float32',
      folder,
    })),
  linear: (a, b, c) => [
    { shapes: [[a, b], [b, c], [c]], build: (x, w, bias) => g.linear(x, w, bias) },
    { shapes: [[a, b], [c, b], [c]], build: (x, w, bias) => g.linear(x, w, bias, { transposeWeight: true }) },
    {
      shapes: [
        [a, b],
        [c, b],
      ],
      build: (x, w) => g.linear(x, w, undefined, { transposeWeight: true }),
    },
  ],
  gather: (a, b, c) => [
    { shapes: [[4, b, c]], build: (x) => g.exp(g.gather(x, indices([2, 3], [0, 3, 3, 1, 0, 2]))) },
    { shapes: [[a + 1, b]], build: (x) => g.gather(x, indices([2], [a, a])) },
  ],
  knownGradient: (a, b) => [
    { shapes: [[a, b]], build: (x) => g.withSlopes(g.reduceSum(g.exp(x), { axes: [1] }), x, g.exp(x)) },
  ],
  attention: (a, b, c) => [
    // Two heads for each of the keys', a capped score, and a mask for all queries alike.
    {
      shapes: [
        [a, 4, 5, c],
        [a, 2, b, c],
        [a, 2, b, 3],
      ],
      build: (query, key, value) =>
        g.attention(query, key, value, [lastHidden(b + 1, b)], { scale: 0.5, cap: 2, queriesAtOnce: 2 }),
    },
    {
      shapes: [
        [1, 2, 5, c],
        [1, 2, 5 + b, c],
        [1, 2, 5 + b, c],
      ],
      build: (query, key, value) =>
        g.attention(query, key, value, [causalMask(5, b)], {
          scale: 1,
          queriesAtOnce: 2,
          sees: { past: b },
        }),
    },
  ],
  pickRows: (_, b, c) => [
    { shapes: [[5, b, c]], build: (x) => g.exp(g.pickRows(x, indices([3], [4, 0, 2]))) },
  ],
  placeRows: (_, b, c) => [
    { shapes: [[3, b, c]], build: (x) => g.exp(g.placeRows(x, indices([3], [4, 0, 2]), 5)) },
  ],
  scatterAdd: (_, b, c) => [
    { shapes: [[3, b, c]], build: (x) => g.exp(g.scatterAdd(x, indices([3], [4, 1, 4]), [5, b, c])) },
  ],
};

/**
 * Operators that make whole numbers or truth values, pick by them, unpack what is frozen, are a gradient, or what no
 * gradient is to flow through: nothing to differentiate.
 */
const withoutGradient = [
  'and',
  'attentionGradient',
  'detach',
  'equal',
  'iota',
  'less',
  'lessOrEqual',
  'reduceMax',
  'replaceLines',
  'packed',
  'sizeOf',
  'standardized',
  'topK',
  'unpack',
];

describe('gradients by finite differences', () => {
  // One idle session keeps the worker thread alive between the cases.
  let keeper: Session;
  beforeAll(async () => {
    keeper = await Session.create(g.toOnnx({ y: g.exp(g.input('x', 'float32', [1])) }).bytes);
    folder = await mkdtemp(join(tmpdir(), 'promptune-packed-'));
    // 1 and -0.5 in float16; as bfloat16, scales and packed numbers they are some numbers, and finite.
    const halves = Uint16Array.from({ length: packedFile.bytes / 2 }, (_, i) => (i % 3 ? 0x3c00 : 0xb800));
    await writeFile(join(folder, packedFile.name), halves);
  });
  afterAll(async () => {
    await keeper.dispose();
    await rm(folder, { recursive: true });
  });

  it('has a case for every operator with a gradient', () => {
    expect([...Object.keys(cases), ...withoutGradient].sort()).toEqual([...g.operatorTable.keys()].sort());
    for (const name of withoutGradient) expect(g.operatorTable.get(name)!.gradient).toBeUndefined();
  });

  it.each(Object.keys(cases))('%s', async (name) => {
    for (const seed of [1, 2]) {
      const random = seededRandom(seed + name.length);
      const [a, b, c] = [1 + random.below(3), 1 + random.below(4), 1 + random.below(4)];
      for (const [i, checked] of cases[name]!(a, b, c).entries()) {
        const error = await gradientError(checked, seed);
        expect(error, `case ${i} with sizes ${a}, ${b}, ${c}`).toBeLessThan(
          checked.dtype === 'float32' ? 2e-3 : 1e-7,
        );
      }
    }
  });
});
