/** @file Ranks tokens by their embeddings for a vector: the nearest for PEZ, the most promising for GCG. */
import {
  add,
  constant,
  divide,
  input,
  matmul,
  multiply,
  multiplyDims,
  reduceSum,
  reshape,
  scalar,
  sqrt,
  toOnnx,
  topK,
} from '../graph/index.js';
import type { ModelStepOptions } from '../loss/evaluator.js';
import type { LanguageModel } from '../models/model.js';
import { onnxOptionsFor } from '../runtime/device.js';
import { float32Output, Session } from '../runtime/index.js';
import { float32Tensor, type Tensor, tensorOf } from '../tensor.js';

export interface RankedTokens {
  /** The tokens of each vector, best first. */
  readonly ids: readonly (readonly number[])[];
  /** The tokens' embeddings [vectors · tokens, hidden]. */
  readonly embeddings: Float32Array;
}

export interface TokenRanker {
  /** Number of tokens per vector. */
  readonly count: number;
  /** @param vectors [n, hidden] */
  rank(vectors: Tensor<'float32'>): Promise<RankedTokens>;
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface TokenRankerOptions extends ModelStepOptions {
  model: LanguageModel;
  /** 1 for every id that may be chosen. */
  allowed: Uint8Array;
  /** Tokens per vector, or fewer if fewer are allowed. */
  count: number;
  /** Cosine similarity of vector and embedding, or their product. A family that scales embeddings scales both alike. */
  by: 'cosine' | 'product';
}

export async function createTokenRanker({
  model,
  allowed,
  by,
  device,
  threads,
  ...options
}: TokenRankerOptions): Promise<TokenRanker> {
  const { hiddenSize } = model.config;
  const count = Math.min(
    options.count,
    allowed.reduce((sum, flag) => sum + flag, 0),
  );
  const weights = model.weights();
  const vectors = input('vectors', 'float32', ['n', hiddenSize]);
  const table = weights.get(model.embeddingName);
  const products = matmul(vectors, table, { transposeB: true });
  const norms = add(sqrt(reduceSum(multiply(table, table), { axes: [-1] })), scalar(1e-12, 'float32'));
  const scores = by === 'cosine' ? divide(products, norms) : products;
  const mask = float32Tensor(
    [allowed.length],
    Array.from(allowed, (flag) => (flag ? 0 : -1e30)),
  );
  const { indices } = topK(add(scores, constant(mask)), count);
  const embeddings = model.embed(weights, reshape(indices, [multiplyDims('n', count)]));
  const graph = toOnnx({ indices, embeddings }, onnxOptionsFor(device));
  const session = await Session.create(graph.bytes, { weights: model.files, device, threads });
  return {
    count,
    async rank(tensor) {
      const outputs = await session.run({ vectors: tensor });
      const flat = Array.from(outputs.indices!.data, Number);
      const ids = Array.from({ length: tensor.shape[0]! }, (_, i) => flat.slice(i * count, (i + 1) * count));
      return { ids, embeddings: float32Output(outputs, 'embeddings') };
    },
    dispose: () => session.dispose(),
    [Symbol.asyncDispose]: () => session.dispose(),
  };
}

/** -x, as a new tensor. */
export function negated(shape: readonly number[], x: Float32Array): Tensor<'float32'> {
  return tensorOf(
    'float32',
    shape,
    x.map((value) => -value),
  );
}
