/** @file A model with an adapter in a graph: its weights, and what the learned prompt leaves behind for the text to see. */
import { constant, expand, input, iota, multiplyDims, reshape, scope, type Value } from '../graph/index.js';
import type { KeyValue } from '../models/attention.js';
import type { CausalLM } from '../models/model.js';
import type { Weights } from '../models/weights.js';
import { int64Tensor } from '../tensor.js';
import { givenText } from './given-text.js';
import type { Adapter } from './method.js';
import { embedWithSoftTokens } from './placed-prompt.js';

export interface AdaptedModel {
  /** The adapter's tensors as the graph's inputs, by name: what gradients are taken of. */
  readonly inputs: ReadonlyMap<string, Value>;
  readonly weights: Weights;
  readonly numVirtualTokens: number;
  /** Vectors [n, hidden] of the ids [n] of texts, soft tokens among them. */
  embed(ids: Value): Value;
  /** Keys and values of the learned prompt, one a layer: [1, …], the same for every row, [tasks, …] or [batch, …]. */
  readonly past?: readonly KeyValue[];
  /** The hidden state at the prompt's end, from which a text's first token is predicted: [1, tasks or batch, hidden]. */
  readonly promptEnd?: Value;
  /** See Sites. */
  readonly penalty?: Value;
}

/**
 * Puts the model's parameters and the adapter into the graph under construction.
 *
 * A soft prompt goes through the layers once, as a batch of one (or of one a task), and its keys and values are what all
 * rows see: causal attention gives virtual tokens no sight of the text, so they are the same in every row. A batch then
 * costs its text's rows and P more, not P more a row, forward and backward. A prefix is keys and values from the start.
 *
 * @param ids the batch's tokens, for methods that make a prompt of each text
 */
export function adaptModel(
  model: CausalLM,
  adapter: Adapter | undefined,
  ids: Value = input('input_ids', 'int64', ['batch', 'length']),
): AdaptedModel {
  const inputs = new Map(
    [...(adapter?.tensors ?? [])].map(([name, { shape }]) => [name, input(name, 'float32', shape)]),
  );
  const text = adapter?.readsText ? givenText(model, ids) : undefined;
  const { prompt, softTokens, past, penalty, ...changes } = adapter?.attach(inputs, text) ?? {};
  const weights = model.weights(changes);
  const numVirtualTokens = adapter?.numVirtualTokens ?? 0;
  const embed = (of: Value) =>
    softTokens ? embedWithSoftTokens(model, weights, of, softTokens) : model.embed(weights, of);
  const adapted = { inputs, weights, numVirtualTokens, embed, penalty };
  if (!prompt) return { ...adapted, past };
  const batch = prompt.shape.length === 3 ? prompt.shape[0]! : 1;
  const last = constant(int64Tensor([1, 1], [numVirtualTokens - 1]));
  const { keyValues, hidden } = scope('prompt', () =>
    model.forward(weights, {
      embeddings: reshape(prompt, [multiplyDims(batch, numVirtualTokens), model.config.hiddenSize]),
      batch,
      length: numVirtualTokens,
      positions: reshape(iota(numVirtualTokens), [1, numVirtualTokens]),
      select: { queryPositions: expand(last, [batch, 1]), rows: iota(batch) },
    }),
  );
  return { ...adapted, past: keyValues, promptEnd: hidden };
}
