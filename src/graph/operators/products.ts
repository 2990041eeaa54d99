/**
 * @file Matrix products. Transposed operands are read in place, so a weight serves the forward and the backward pass
 *   as it lies in its file.
 */
import type { DType } from '../../tensor.js';
import { broadcastShapes, type Dim, type Shape, ShapeError } from '../dims.js';
import type { Emitter } from '../emitter.js';
import { apply, type Operator, type Value } from '../value.js';
import { unbroadcast } from './broadcast.js';
import { defineOperator, sameDtype } from './define.js';
import { add } from './elementwise.js';
import { packedMatmul, packedMatrixOf } from './packed.js';
import { reduceSum } from './reductions.js';
import { concat, partsOf } from './shaping.js';

export interface Product {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  /** Factor of the product. */
  readonly alpha: number;
}

function matrixAxes(shape: Shape, transposed: boolean): [Dim, Dim] {
  const [rows, columns] = shape.slice(-2);
  return transposed ? [columns!, rows!] : [rows!, columns!];
}

const matmulOperator = defineOperator<Product>({
  name: 'matmul',
  infer: ([a, b], { transposeA, transposeB }) => {
    const [rows, inner] = matrixAxes(a!.shape, transposeA);
    const [otherInner, columns] = matrixAxes(b!.shape, transposeB);
    if (inner !== otherInner)
      throw new ShapeError(
        `cannot multiply [${a!.shape}] by [${b!.shape}]: inner sizes ${inner} and ${otherInner}`,
      );
    const batch = broadcastShapes(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
    return [{ dtype: sameDtype('matmul', [a!, b!]), shape: [...batch, rows, columns] }];
  },
  emit: (emitter, { inputs, outputs: [output], attributes }) => {
    const operands = inputs.map((value) => ({
      name: emitter.name(value),
      rank: value.shape.length,
      width: value.shape.at(-1),
    }));
    emitProduct(emitter, operands, attributes, output!.dtype, emitter.name(output!));
  },
  innerSize: ([a], { transposeA }) => matrixAxes(a!.shape, transposeA)[1],
  describe: ({ transposeA, transposeB, alpha }) =>
    [transposeA && 'transposeA', transposeB && 'transposeB', alpha !== 1 && `alpha=${alpha}`]
      .filter(Boolean)
      .join(' '),
  gradient: ([dy], { inputs: [a, b], attributes: { transposeA, transposeB, alpha } }) => [
    // y = αab: da = α dy bᵀ, db = α aᵀ dy; for a transposed operand the transpose of that.
    () => {
      const da = transposeA
        ? matmul(b!, dy!, { transposeA: transposeB, transposeB: true, alpha })
        : matmul(dy!, b!, { transposeB: !transposeB, alpha });
      return unbroadcast(da, a!.shape);
    },
    () => {
      const db = transposeB
        ? matmul(dy!, a!, { transposeA: true, transposeB: transposeA, alpha })
        : matmul(a!, dy!, { transposeA: !transposeA, alpha });
      return unbroadcast(db, b!.shape);
    },
  ],
});

export const plainProduct: Product = { transposeA: false, transposeB: false, alpha: 1 };

export interface ProductOperand {
  readonly name: string;
  readonly rank: number;
  /** The size of its last axis, if that is known. */
  readonly width?: Dim;
}

/** Adds the nodes of a product of two tensors of type `dtype`. Returns the name of its result, by default a new one. */
export function emitProduct(
  emitter: Emitter,
  operands: readonly ProductOperand[],
  product: Product,
  dtype: DType,
  result?: string,
): string {
  const { transposeA, transposeB, alpha } = product;
  const names = operands.map(({ name }) => name);
  const outputs = result === undefined ? undefined : [result];
  if (!transposeA && !transposeB && alpha === 1) return emitter.node('MatMul', names, outputs);
  const isFlat = operands.every(({ rank }) => rank === 2);
  if (dtype !== 'float32' || (emitter.options.device === 'webgpu' && !isFlat))
    return emitPlainProduct(emitter, operands, product, dtype, outputs);
  const attributes = { transA: Number(transposeA), transB: Number(transposeB), alpha: { float: alpha } };
  if (isFlat) return emitter.node('Gemm', names, outputs, attributes);
  return emitter.node('FusedMatMul', names, outputs, attributes, 'com.microsoft');
}

/** For types that ONNX Runtime's fused product does not have, and for devices that do not have it at all. */
function emitPlainProduct(
  emitter: Emitter,
  operands: readonly ProductOperand[],
  { transposeA, transposeB, alpha }: Product,
  dtype: DType,
  outputs: readonly string[] | undefined,
): string {
  // On WebGPU a factor is a kernel of its own. It is given to an operand of static width, once for all of its products:
  // queries are narrow, and both passes multiply them with keys, while scores have as many columns as there are keys.
  const isScaled = ({ width }: ProductOperand) => alpha !== 1 && typeof width === 'number';
  const scaled = emitter.options.device === 'webgpu' ? operands.find(isScaled) : undefined;
  const factor = () => emitter.number(alpha, dtype);
  const names = operands.map((operand, i) => {
    const { rank } = operand;
    const name =
      operand === scaled
        ? emitter.once(`${alpha} · ${operand.name}`, () => emitter.node('Mul', [operand.name, factor()]))
        : operand.name;
    if (!(i === 0 ? transposeA : transposeB)) return name;
    const last = rank - 1;
    const perm = Array.from({ length: rank }, (_, axis) =>
      axis === last ? last - 1 : axis === last - 1 ? last : axis,
    );
    return emitter.node('Transpose', [name], undefined, { perm });
  });
  if (alpha === 1 || scaled) return emitter.node('MatMul', names, outputs);
  return emitter.node('Mul', [emitter.node('MatMul', names), factor()], outputs);
}

/** Matrix product over the last two axes, batched and broadcast over the others; an operand may be read transposed. */
export function matmul(a: Value, b: Value, options: Partial<Product> = {}): Value {
  const product = { ...plainProduct, ...options };
  const packed = packedMatrixOf(b);
  if (packed && a.shape.length === 2 && !product.transposeA && product.alpha === 1)
    return packedMatmul(a, packed, product.transposeB);
  return apply(matmulOperator, [a, b], product);
}

const linearOperator = defineOperator<{ transposeWeight: boolean }>({
  name: 'linear',
  infer: ([x, weight, bias], { transposeWeight }) => {
    const [inner, columns] = matrixAxes(weight!.shape, transposeWeight);
    if (x!.shape.length !== 2 || x!.shape[1] !== inner || bias!.shape.join() !== `${columns}`) {
      throw new ShapeError(
        `cannot apply weight [${weight!.shape}] and bias [${bias!.shape}] to rows [${x!.shape}]`,
      );
    }
    return [{ dtype: sameDtype('linear', [x!, weight!, bias!]), shape: [x!.shape[0]!, columns] }];
  },
  innerSize: ([x]) => x!.shape[1]!,
  emit: (emitter, node) => emitter.direct(node, 'Gemm', { transB: Number(node.attributes.transposeWeight) }),
  gradient: ([dy], { inputs: [x, weight], attributes: { transposeWeight } }) => [
    () => matmul(dy!, weight!, { transposeB: !transposeWeight }),
    () => (transposeWeight ? matmul(dy!, x!, { transposeA: true }) : matmul(x!, dy!, { transposeA: true })),
    () => reduceSum(dy!, { axes: [0] }),
  ],
});

/**
 * Linear layer of rows [n, in]: x·weight + bias. The weight is [in, out] as in GPT-2 or, with `transposeWeight`,
 * [out, in] as in PyTorch's Linear.
 */
export function linear(
  x: Value,
  weight: Value,
  bias: Value | undefined,
  { transposeWeight = false } = {},
): Value {
  if (!bias) return matmul(x, weight, { transposeB: transposeWeight });
  if (packedMatrixOf(weight)) return add(matmul(x, weight, { transposeB: transposeWeight }), bias);
  return apply(linearOperator, [x, weight, bias], { transposeWeight });
}

/**
 * aᵀb + cᵀd as [a; c]ᵀ[b; d], for two products of this form. Undefined for other sums, and where joining the rows would
 * move more numbers than adding the results. A recurrent network adds up one such product per step: each would write
 * the whole matrix.
 */
export function joinedProducts(x: Value, y: Value): Value | undefined {
  if (!isProductOfRows(x) || !isProductOfRows(y)) return undefined;
  const [a, b] = [0, 1].map((side) => concat([...rowsOf(x, side), ...rowsOf(y, side)], 0));
  const [rows, height] = a!.shape as [Dim, number];
  const width = b!.shape[1] as number;
  const isSmall = typeof rows === 'number' && rows * (height + width) <= height * width;
  return isSmall ? matmul(a!, b!, { transposeA: true }) : undefined;
}

/** Whether a value is aᵀb of matrices. */
function isProductOfRows({ node, shape }: Value): boolean {
  if (node.operator !== (matmulOperator as Operator) || shape.length !== 2) return false;
  const { transposeA, transposeB, alpha } = node.attributes as Product;
  return transposeA && !transposeB && alpha === 1;
}

/** The matrices whose rows are those of an operand of a product. */
const rowsOf = ({ node }: Value, side: number): readonly Value[] => partsOf(node.inputs[side]!, 0);
