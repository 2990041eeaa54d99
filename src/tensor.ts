/** @file A tensor outside a graph: a shape and numbers in row-major order, for files, sessions and optimizers. */
import { PromptuneError } from './errors.js';
import { say } from './say.js';

interface ArrayOf {
  float32: Float32Array;
  float64: Float64Array;
  float16: Uint16Array;
  bfloat16: Uint16Array;
  int64: BigInt64Array;
  int32: Int32Array;
  uint8: Uint8Array;
  bool: Uint8Array;
}

/** Element types, by their ONNX names. float16 and bfloat16 are held as their bit patterns. */
export type DType = keyof ArrayOf;

export interface Tensor<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: readonly number[];
  /** Row-major; its length is the product of `shape`. */
  readonly data: ArrayOf[D];
}

/** Trained tensors by name, separate from the frozen model. Optimizers, checkpoints and exports work on this map. */
export type TrainableTensors = Map<string, Tensor<'float32'>>;

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Of a new tensor: 4 GiB. Models need far less at once; a larger one comes from a wrong option. */
const maxElements = 2 ** 30;

/**
 * A tensor of the given numbers, or of zeros.
 * @throws PromptuneError for a shape that no memory holds
 */
export function float32Tensor(shape: readonly number[], data?: ArrayLike<number>): Tensor<'float32'> {
  const count = elementCount(shape);
  if (!data && !(count <= maxElements))
    throw new PromptuneError(
      say`a tensor of shape [${shape}] has ${count} elements, at most ${maxElements} are supported;
        choose smaller sizes (virtual tokens, rank, hidden size)`,
      { code: 'unsupported' },
    );
  return tensorOf('float32', shape, data ? Float32Array.from(data) : new Float32Array(count));
}

export function int64Tensor(shape: readonly number[], data: ArrayLike<number>): Tensor<'int64'> {
  return tensorOf('int64', shape, BigInt64Array.from(Array.from(data), BigInt));
}

/** A tensor over `data` itself, without a copy. Throws a RangeError if the length does not fit the shape. */
export function tensorOf<D extends DType>(dtype: D, shape: readonly number[], data: ArrayOf[D]): Tensor<D> {
  if (data.length !== elementCount(shape)) {
    throw new RangeError(
      `a ${dtype} tensor of shape [${shape}] needs ${elementCount(shape)} numbers, got ${data.length}`,
    );
  }
  return { dtype, shape, data };
}
