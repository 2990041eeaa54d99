/** @file A model with an adapter in a graph: its weights, and what the learned prompt leaves behind for the text to see. */

import { UsageError } from '../errors.js';
import {
  add,
  constant,
  expand,
  input,
  iota,
  multiplyDims,
  reshape,
  scalar,
  scope,
  type Value,
} from '../graph/index.js';
import type { KeyValue } from '../models/attention.js';
import type { CausalLM } from '../models/model.js';
import type { Weights } from '../models/weights.js';
import { int64Tensor } from '../tensor.js';
import { joinPasts } from './compose.js';
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
 * @throws UsageError where the virtual tokens take all of the model's positions
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
  const { maxPositions } = model.config;
  if (numVirtualTokens >= maxPositions)
    throw new UsageError(
      `${numVirtualTokens} virtual tokens leave no room in the model's ${maxPositions} positions`,
    );
  const embed = (of: Value) =>
    softTokens ? embedWithSoftTokens(model, weights, of, softTokens) : model.embed(weights, of);
  const adapted = { inputs, weights, numVirtualTokens, embed, penalty };
  if (!prompt) return { ...adapted, past };
  const batch = prompt.shape.length === 3 ? prompt.shape[0]! : 1;
  // A soft prompt goes through the layers as a text does: after a prefix, where there is one, which it sees.
  const length = prompt.shape.at(-2) as number;
  const first = numVirtualTokens - length;
  const last = constant(int64Tensor([1, 1], [length - 1]));
  const { keyValues, hidden } = scope('prompt', () =>
    model.forward(weights, {
      embeddings: reshape(prompt, [multiplyDims(batch, length), model.config.hiddenSize]),
      batch,
      length,
      positions: reshape(add(iota(length), scalar(first, 'int64')), [1, length]),
      past,
      select: { queryPositions: expand(last, [batch, 1]), rows: iota(batch) },
    }),
  );
  return { ...adapted, past: past ? joinPasts(past, keyValues) : keyValues, promptEnd: hidden };
}
