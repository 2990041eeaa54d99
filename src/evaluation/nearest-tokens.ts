/** @file The vocabulary tokens nearest to the vectors of a learned prompt: a hint at what it means. */
import { divide, input, matmul, multiply, reduceSum, sqrt, toOnnx, topK } from '../graph/index.js';
import type { LanguageModel } from '../models/model.js';
import { Session } from '../runtime/index.js';
import type { Tensor } from '../tensor.js';

export interface NearestToken {
  readonly id: number;
  /** Cosine similarity of the vector and the token's embedding. */
  readonly similarity: number;
}

/** The `count` nearest tokens of each row of `vectors` [n, hidden], by cosine similarity, nearest first. */
export async function nearestTokens(
  model: LanguageModel,
  vectors: Tensor<'float32'>,
  count = 5,
): Promise<NearestToken[][]> {
  const rows = input('vectors', 'float32', vectors.shape);
  const embeddings = model.weights().get(model.embeddingName);
  const norm = (x: typeof rows) => sqrt(reduceSum(multiply(x, x), { axes: [-1] }));
  const products = divide(matmul(rows, embeddings, { transposeB: true }), norm(embeddings));
  const { values, indices } = topK(products, count);
  const graph = toOnnx({ values, indices, norms: norm(rows) });
  const session = await Session.create(graph.bytes, { weights: model.files });
  try {
    const outputs = await session.run({ vectors });
    return Array.from({ length: vectors.shape[0]! }, (_, row) =>
      Array.from({ length: count }, (_, i) => ({
        id: Number(outputs.indices!.data[row * count + i]),
        similarity: Number(outputs.values!.data[row * count + i]) / Number(outputs.norms!.data[row]),
      })),
    );
  } finally {
    await session.dispose();
  }
}
