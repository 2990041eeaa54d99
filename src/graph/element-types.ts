/** @file Element types of a graph's tensors: ONNX's code, size in bytes, and name in `toText`. */
import type { DType } from '../tensor.js';

interface ElementType {
  /** ONNX's TensorProto.DataType. */
  readonly onnx: number;
  readonly bytes: number;
  readonly short: string;
}

export const elementTypes: Readonly<Record<DType, ElementType>> = {
  float32: { onnx: 1, bytes: 4, short: 'f32' },
  uint8: { onnx: 2, bytes: 1, short: 'u8' },
  int32: { onnx: 6, bytes: 4, short: 'i32' },
  int64: { onnx: 7, bytes: 8, short: 'i64' },
  bool: { onnx: 9, bytes: 1, short: 'bool' },
  float16: { onnx: 10, bytes: 2, short: 'f16' },
  float64: { onnx: 11, bytes: 8, short: 'f64' },
  bfloat16: { onnx: 16, bytes: 2, short: 'bf16' },
};

/** Two values per byte; exists only in files. */
const uint4 = 21;

/** Element type of a constant that lies in a file. */
export type FileDType = DType | 'uint4';

/** ONNX's TensorProto.DataType of a type. */
export const onnxTypeOf = (dtype: FileDType): number =>
  dtype === 'uint4' ? uint4 : elementTypes[dtype].onnx;
