/** @file The graph of a training step: a batch of texts through a model with an adapter, the loss, and its gradients. */
import {
  add,
  concat,
  expand,
  gather,
  gradients,
  input,
  iota,
  logSumExp,
  multiply,
  multiplyDims,
  type OnnxGraph,
  reduceSum,
  reshape,
  scalar,
  scope,
  subtract,
  toOnnx,
  type Value,
} from '../graph/index.js';
import { adaptModel } from '../methods/adapted-model.js';
import type { Adapter } from '../methods/method.js';
import type { KeyValue } from '../models/attention.js';
import { type Head, logitsOf, logitsOfLabels } from '../models/head.js';
import type { CausalLM } from '../models/model.js';

/** The gradient of tensor `name` leaves the graph under this name. */
export const gradientName = (name: string) => `gradient.${name}`;

/**
 * The loss of a batch, summed over its label tokens.
 *
 * Inputs (see `batchFeeds`): `input_ids` [batch, length], `query_positions` [batch, queries], `label_rows` [labels] and
 * `labels` [labels], `first_labels` [firsts] where a learned prompt predicts the text's first tokens (and `first_prompts`
 * [firsts] which of several), with tasks `task_ids` [batch], `given_mask` [batch, length] where each text makes its own
 * prompt, and the adapter's tensors by name. Outputs: `loss`; with `differentiate` also, for an input `scale`, the gradient of scale · loss for
 * every tensor of the adapter.
 */
export function lossGraph(
  model: CausalLM,
  adapter: Adapter | undefined,
  { differentiate }: { differentiate: boolean },
): OnnxGraph {
  const ids = input('input_ids', 'int64', ['batch', 'length']);
  const adapted = adaptModel(model, adapter, ids);
  const rows = multiplyDims('batch', 'length');
  const positions = add(iota('length'), scalar(adapted.numVirtualTokens, 'int64'));
  const { hidden } = model.forward(adapted.weights, {
    embeddings: model.embed(adapted.weights, reshape(ids, [rows])),
    batch: 'batch',
    length: 'length',
    positions: reshape(positions, [1, 'length']),
    past: adapter?.tasks ? pastOfTasks(adapted.past, input('task_ids', 'int64', ['batch'])) : adapted.past,
    select: {
      queryPositions: input('query_positions', 'int64', ['batch', 'queries']),
      rows: input('label_rows', 'int64', ['labels']),
    },
  });
  const labels = input('labels', 'int64', ['labels']);
  const head = model.head(adapted.weights);
  const loss = scope('loss', () => {
    if (!adapted.promptEnd) return crossEntropy(hidden, labels, head);
    const firstLabels = input('first_labels', 'int64', ['firsts']);
    const isShared = adapted.promptEnd.shape[0] === 1;
    const firstHidden = isShared
      ? expand(adapted.promptEnd, ['firsts', model.config.hiddenSize])
      : gather(adapted.promptEnd, input('first_prompts', 'int64', ['firsts']));
    return crossEntropy(concat([firstHidden, hidden], 0), concat([firstLabels, labels], 0), head);
  });
  if (!differentiate || !adapter) return toOnnx({ loss });
  const names = [...adapter.tensors.keys()];
  const scaled = multiply(loss, input('scale', 'float32', []));
  const derivatives = gradients(
    scaled,
    names.map((name) => adapted.inputs.get(name)!),
  );
  return toOnnx({
    loss,
    ...Object.fromEntries(names.map((name, i) => [gradientName(name), derivatives[i]!])),
  });
}

/** Each row's keys and values, by its task. */
function pastOfTasks(past: readonly KeyValue[] | undefined, taskIds: Value): readonly KeyValue[] | undefined {
  return past?.map(({ key, value }) => ({ key: gather(key, taskIds), value: gather(value, taskIds) }));
}

/**
 * Σ -log p(label) over rows h of hidden states: log Σ exp(Wh + b) less the label's score. The score is computed from the
 * label's own row of W, so the gradient of h is softmax(Wh + b)·W - W[label], with no one-hot matrix anywhere.
 */
function crossEntropy(hidden: Value, labels: Value, head: Head): Value {
  return reduceSum(subtract(logSumExp(logitsOf(hidden, head)), logitsOfLabels(hidden, labels, head)));
}
