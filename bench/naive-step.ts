/**
 * @file The same step in the straightforward way of common frameworks: every row contains the prompt, all positions go
 *   through the last layer, and all of them get logits. Loss and gradient are the same.
 */

import type { Learner } from '../src/attach/method.js';
import {
  concat,
  constant,
  expand,
  gather,
  gradients,
  input,
  iota,
  logSumExp,
  matmul,
  multiply,
  reduceSum,
  reshape,
  subtract,
  toOnnx,
} from '../src/graph/index.js';
import type { LanguageModel } from '../src/models/model.js';
import { float32Output, Session } from '../src/runtime/index.js';
import { int64Tensor } from '../src/tensor.js';
import type { EncodedExample } from '../src/text/encode.js';

/** Loads the step for rows of one length. `run` returns the loss, summed over the label tokens. */
export async function createNaiveStep(
  model: LanguageModel,
  learner: Learner,
  examples: readonly EncodedExample[],
): Promise<{ run(): Promise<number>; dispose(): Promise<void> }> {
  const { hiddenSize } = model.config;
  const { numVirtualTokens } = learner;
  const batch = examples.length;
  const length = examples[0]!.inputIds.length;
  const total = numVirtualTokens + length;

  const targets = examples
    .flatMap(({ inputIds, lossMask }, row) =>
      Array.from(inputIds, (id, i) => ({
        id,
        from: row * total + numVirtualTokens + i - 1,
        counts: lossMask[i],
      })),
    )
    .filter(({ counts }) => counts);
  const labels = constant(
    int64Tensor(
      [targets.length],
      targets.map(({ id }) => id),
    ),
  );
  const labelRows = constant(
    int64Tensor(
      [targets.length],
      targets.map(({ from }) => from),
    ),
  );
  const ids = constant(
    int64Tensor(
      [batch * length],
      examples.flatMap(({ inputIds }) => [...inputIds]),
    ),
  );

  const inputs = new Map(
    [...learner.tensors].map(([name, { shape }]) => [name, input(name, 'float32', shape)]),
  );
  const prompt = reshape(learner.attach(inputs).prompt!, [1, numVirtualTokens, hiddenSize]);
  const weights = model.weights();
  const text = reshape(model.embed(weights, ids), [batch, length, hiddenSize]);
  const rows = concat([expand(prompt, [batch, numVirtualTokens, hiddenSize]), text], 1);
  const { hidden } = model.forward(weights, {
    embeddings: reshape(rows, [batch * total, hiddenSize]),
    batch,
    length: total,
    positions: reshape(iota(total), [1, total]),
  });
  const { weight } = model.head(weights);
  const logits = gather(matmul(hidden, weight, { transposeB: true }), labelRows);
  const scores = reduceSum(multiply(gather(hidden, labelRows), gather(weight, labels)), { axes: [-1] });
  const loss = reduceSum(subtract(logSumExp(logits), scores));
  const outputs = gradients(loss, [...inputs.values()]).map((value, i) => [`gradient_${i}`, value]);

  const graph = toOnnx({ loss, ...Object.fromEntries(outputs) });
  const session = await Session.create(graph.bytes, { weights: model.files });
  return {
    run: async () => float32Output(await session.run(Object.fromEntries(learner.tensors)), 'loss')[0]!,
    dispose: () => session.dispose(),
  };
}
