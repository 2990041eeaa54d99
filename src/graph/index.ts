/** @file `promptune/graph`: expression graphs, their gradients, and writing both as ONNX. */
export { type Cut, type CutOptions, cheapestCut, replaceValues } from './cut.js';
export {
  addDims,
  broadcastShapes,
  type Dim,
  multiplyDims,
  type Shape,
  ShapeError,
  subtractDims,
} from './dims.js';
export type { FileDType } from './element-types.js';
export {
  type Emitter,
  type Expression,
  type OnnxAttributes,
  type OnnxGraph,
  type OnnxOptions,
  reachableNodes,
  type Scan,
  toOnnx,
} from './emitter.js';
export { gradients, MissingGradientError } from './gradient.js';
export * from './operators/activations.js';
export { type AttentionOptions, attention } from './operators/attention.js';
export { type Operand, operatorTable } from './operators/define.js';
export * from './operators/elementwise.js';
export * from './operators/indexing.js';
export * from './operators/normalization.js';
export {
  type BlockFormat,
  blockSize,
  isFrozen,
  type PackedMatrix,
  packedWeight,
} from './operators/packed.js';
export type { Product } from './operators/products.js';
export * from './operators/products.js';
export * from './operators/reductions.js';
export * from './operators/rotation.js';
export * from './operators/shaping.js';
export type { Sizes } from './peak-memory.js';
export type { ProtobufWriter } from './protobuf.js';
export { recomputeLayers } from './recompute.js';
export { toText } from './text.js';
export {
  constant,
  type FileRange,
  type GradientRule,
  type GradientThunk,
  input,
  isInput,
  type Node,
  type Operator,
  scalar,
  scope,
  type Value,
  type ValueType,
  weight,
} from './value.js';
