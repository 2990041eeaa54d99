/**
 * @file Frozen matrices stored with 16, 8 or 4 bits per value, and the operators that read them in that form.
 *
 * A packed matrix is an ordinary value that becomes float32 where it is used. Products, row lookups and slices of rows
 * recognize it and unpack as late as possible: a product unpacks one matrix at a time, once forward and once backward,
 * and keeps no float32 copy in between. A graph without a backward pass multiplies by 8- and 4-bit matrices directly
 * (MatMulNBits).
 */
import type { Shape } from '../dims.js';
import { ShapeError } from '../dims.js';
import { onnxTypeOf } from '../element-types.js';
import type { Emitter } from '../emitter.js';
import { apply, type FileRange, isWeight, type Node, type Operator, type Value, weight } from '../value.js';
import { defineOperator } from './define.js';

/** Values of a row that share a scale. */
export const blockSize = 32;

/** A matrix [rows, columns] as stored in files. */
export interface PackedMatrix {
  /** The parameter's name, unique in the graph. */
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly values: FileRange;
  /** Whether the value in the graph is its transpose, [columns, rows]. */
  readonly transposed: boolean;
  readonly format: 'float16' | 'bfloat16' | BlockFormat;
}

/**
 * `values` are integers q from 0 to 2^bits - 1 in row-major order; at 4 bits two share a byte, the first in the lower
 * half. The number of columns is a multiple of 64. A value of a block of 32 is scale · (q - zero).
 */
export interface BlockFormat {
  readonly bits: 4 | 8;
  /** float32 [rows, columns / 32] */
  readonly scales: FileRange;
  /** [rows, columns / 32], packed like `values`. */
  readonly zeros: FileRange;
}

const packedOperator = defineOperator<{ matrix: PackedMatrix }>({
  name: 'packed',
  infer: (_, { matrix }) => [{ dtype: 'float32', shape: shapeOf(matrix) }],
  emit: (emitter, node) => emitUnpacked(emitter, node.attributes.matrix, emitter.name(node.outputs[0]!)),
  describe: ({ matrix }) => textOf(matrix),
});

/** A packed matrix as a float32 value [rows, columns], or its transpose. */
export function packedWeight(matrix: PackedMatrix): Value {
  return apply(packedOperator, [], { matrix });
}

/** The packed matrix behind a value of `packedWeight`, if it is one. */
export function packedMatrixOf({ node }: Value): PackedMatrix | undefined {
  return node.operator === (packedOperator as Operator)
    ? (node as Node & { attributes: { matrix: PackedMatrix } }).attributes.matrix
    : undefined;
}

/** Whether a value is a frozen tensor, whose rows are ranges of its file. */
export const isFrozen = (value: Value): boolean =>
  isWeight(value) || packedMatrixOf(value)?.transposed === false;

const textOf = ({ name, format, transposed }: PackedMatrix) =>
  `${name} ${typeof format === 'string' ? format : `q${format.bits}`}${transposed ? ' transposed' : ''}`;

function shapeOf({ rows, columns, transposed }: PackedMatrix): [number, number] {
  return transposed ? [columns, rows] : [rows, columns];
}

interface PackedProduct {
  readonly matrix: PackedMatrix;
  readonly transposeB: boolean;
}

const packedMatmulOperator = defineOperator<PackedProduct>({
  name: 'packedMatmul',
  infer: ([x], { matrix, transposeB }) => {
    const [inner, columns] = transposeB ? shapeOf(matrix).reverse() : shapeOf(matrix);
    if (x!.shape.length !== 2 || x!.shape[1] !== inner)
      throw new ShapeError(`cannot multiply rows [${x!.shape}] by the packed matrix [${shapeOf(matrix)}]`);
    return [{ dtype: 'float32', shape: [x!.shape[0]!, columns!] }];
  },
  emit: (emitter, node) => {
    const { matrix, transposeB } = node.attributes;
    // MatMulNBits sums along the rows, as the blocks lie.
    if (isBlocks(matrix) && !emitter.options.unpacksBlocks && transposeB !== matrix.transposed)
      return emitBlockProduct(emitter, node, matrix);
    const transB = Number(transposeB !== matrix.transposed);
    const flat = emitUnpacked(emitter, { ...matrix, transposed: false });
    emitter.node('Gemm', [emitter.name(node.inputs[0]!), flat], [emitter.name(node.outputs[0]!)], { transB });
  },
  scratchBytes: ({
    attributes: {
      matrix: { rows, columns },
    },
  }) => 4 * rows * columns,
  innerSize: ([x]) => x!.shape[1]!,
  describe: ({ matrix, transposeB }) => `${textOf(matrix)}${transposeB ? ' transposeB' : ''}`,
  gradient: ([dy], { attributes: { matrix, transposeB } }) => [() => packedMatmul(dy!, matrix, !transposeB)],
});

/** Rows [n, inner] times a packed matrix, or its transpose. */
export function packedMatmul(x: Value, matrix: PackedMatrix, transposeB: boolean): Value {
  return apply(packedMatmulOperator, [x], { matrix, transposeB });
}

/**
 * Rows of a packed matrix [rows, columns] at `indices` [n], as float32 [n, columns]; undefined if it must be unpacked
 * first.
 */
export function packedRows(matrix: PackedMatrix, rowsOf: (table: Value) => Value): Value | undefined {
  const { name, rows, columns, values, transposed, format } = matrix;
  if (transposed) return undefined;
  if (!isBlocks(matrix)) {
    const halves = weight(`${name}.rows`, format as 'float16', [rows, columns], values);
    return apply(unpackOperator, [rowsOf(halves)], {});
  }
  const { bits, scales, zeros } = matrix.format;
  if (bits === 4) return undefined; // ONNX Runtime cannot gather half bytes
  const perRow = columns / blockSize;
  const parts = [
    weight(`${name}.rows`, 'uint8', [rows, columns], values),
    weight(`${name}.row_scales`, 'float32', [rows, perRow], scales),
    weight(`${name}.row_zeros`, 'uint8', [rows, perRow], zeros),
  ];
  return apply(unpackOperator, parts.map(rowsOf), {});
}

/** Unpacks gathered rows of a packed matrix. */
const unpackOperator = defineOperator({
  name: 'unpack',
  infer: ([values]) => [{ dtype: 'float32', shape: values!.shape }],
  emit: (emitter, node) => {
    if (node.inputs.length === 1) emitter.direct(node, 'Cast', { to: onnxTypeOf('float32') });
    else emitter.direct(node, 'DequantizeLinear', { axis: 1, block_size: blockSize });
  },
} satisfies Operator);

/** Rows `from` up to but not including `to` of a packed matrix: a range of the same file. */
export function packedSlice(
  matrix: PackedMatrix,
  axis: number,
  from: number,
  to: number,
): PackedMatrix | undefined {
  if (axis !== (matrix.transposed ? 1 : 0)) return undefined;
  const part = ({ location, offset, byteLength }: FileRange): FileRange => {
    const perRow = byteLength / matrix.rows;
    return { location, offset: offset + from * perRow, byteLength: (to - from) * perRow };
  };
  const { format } = matrix;
  return {
    ...matrix,
    name: `${matrix.name}[${from}:${to}]`,
    rows: to - from,
    values: part(matrix.values),
    format:
      typeof format === 'string'
        ? format
        : { ...format, scales: part(format.scales), zeros: part(format.zeros) },
  };
}

const isBlocks = (matrix: PackedMatrix): matrix is PackedMatrix & { format: BlockFormat } =>
  typeof matrix.format !== 'string';

const emitUnpacked = (emitter: Emitter, matrix: PackedMatrix, output?: string): string =>
  emitter.first(() => emitUnpacking(emitter, matrix, output));

function emitUnpacking(emitter: Emitter, matrix: PackedMatrix, output?: string): string {
  const { name, rows, columns, values, transposed, format } = matrix;
  emitter.hasPackedWeights = true;
  const outputOf = (isLast: boolean) => (isLast && output ? [output] : undefined);
  let flat: string;
  if (typeof format === 'string') {
    const halves = emitter.fileConstant(name, format, [rows, columns], values);
    flat = emitter.node('Cast', [halves], outputOf(!transposed), { to: onnxTypeOf('float32') });
  } else {
    const type = format.bits === 4 ? 'uint4' : 'uint8';
    const perRow = [rows, columns / blockSize];
    const parts = [
      emitter.fileConstant(name, type, [rows, columns], values),
      emitter.fileConstant(`${name}.scales`, 'float32', perRow, format.scales),
      emitter.fileConstant(`${name}.zeros`, type, perRow, format.zeros),
    ];
    flat = emitter.node('DequantizeLinear', parts, outputOf(!transposed), { axis: 1, block_size: blockSize });
  }
  return transposed ? emitter.node('Transpose', [flat], outputOf(true), { perm: [1, 0] }) : flat;
}

/**
 * x · Wᵀ by ONNX Runtime's MatMulNBits. At accuracy level 4 it also rounds blocks of x to 8 bits. Level 1 does not, but
 * its 8-bit kernel is far slower than float32.
 */
function emitBlockProduct(
  emitter: Emitter,
  node: Node,
  matrix: PackedMatrix & { format: BlockFormat },
): void {
  const { name, rows: N, columns: K, values } = matrix;
  const { bits, scales, zeros } = matrix.format;
  const blocks = K / blockSize;
  const shapes: [string, 'uint8' | 'float32', Shape & number[], FileRange][] = [
    [`${name}.blocks`, 'uint8', [N, blocks, (blockSize * bits) / 8], values],
    [`${name}.scales`, 'float32', [N, blocks], scales],
    [`${name}.block_zeros`, 'uint8', [N, (blocks * bits) / 8], zeros],
  ];
  const parts = shapes.map((part) => emitter.fileConstant(...part));
  const attributes = { K, N, bits, block_size: blockSize, accuracy_level: 4 };
  const inputs = [emitter.name(node.inputs[0]!), ...parts];
  emitter.node('MatMulNBits', inputs, [emitter.name(node.outputs[0]!)], attributes, 'com.microsoft');
  emitter.hasPackedWeights = true;
  emitter.usesBlockProducts = true;
}
