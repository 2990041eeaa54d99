/** @file A model with an adapter in a graph: its weights, and what the learned prompt leaves behind for the text to see. */
import { constant, input, iota, reshape, scope, type Value } from '../graph/index.js';
import type { KeyValue } from '../models/attention.js';
import type { CausalLM } from '../models/model.js';
import type { Weights } from '../models/weights.js';
import { int64Tensor } from '../tensor.js';
import type { Adapter } from './method.js';

export interface AdaptedModel {
  /** The adapter's tensors as the graph's inputs, by name: what gradients are taken of. */
  readonly inputs: ReadonlyMap<string, Value>;
  readonly weights: Weights;
  readonly numVirtualTokens: number;
  /** Keys and values of the learned prompt, one a layer: [1, …], the same for every row, or [tasks, …]. */
  readonly past?: readonly KeyValue[];
  /** The hidden state at the prompt's end, from which a text's first token is predicted: [1 or tasks, hidden]. */
  readonly promptEnd?: Value;
}

/**
 * Puts the model's parameters and the adapter into the graph under construction.
 *
 * A soft prompt goes through the layers once, as a batch of one (or of one a task), and its keys and values are what all
 * rows see: causal attention gives virtual tokens no sight of the text, so they are the same in every row. A batch then
 * costs its text's rows and P more, not P more a row, forward and backward. A prefix is keys and values from the start.
 */
export function adaptModel(model: CausalLM, adapter: Adapter | undefined): AdaptedModel {
  const inputs = new Map(
    [...(adapter?.tensors ?? [])].map(([name, { shape }]) => [name, input(name, 'float32', shape)]),
  );
  const { prompt, past, ...changes } = adapter?.attach(inputs) ?? {};
  const weights = model.weights(changes);
  const numVirtualTokens = adapter?.numVirtualTokens ?? 0;
  if (!prompt) return { inputs, weights, numVirtualTokens, past };
  const batch = adapter?.tasks?.count ?? 1;
  const last = new Array<number>(batch).fill(numVirtualTokens - 1);
  const { keyValues, hidden } = scope('prompt', () =>
    model.forward(weights, {
      embeddings: reshape(prompt, [batch * numVirtualTokens, model.config.hiddenSize]),
      batch,
      length: numVirtualTokens,
      positions: reshape(iota(numVirtualTokens), [1, numVirtualTokens]),
      select: {
        queryPositions: constant(int64Tensor([batch, 1], last)),
        rows: constant(int64Tensor([batch], [...last.keys()])),
      },
    }),
  );
  return { inputs, weights, numVirtualTokens, past: keyValues, promptEnd: hidden };
}
