/** @file The graph of a training step: a batch of texts through a model with an adapter, the loss, and its gradients. */
import {
  add,
  concat,
  expand,
  gather,
  gradients,
  input,
  logSumExp,
  matmul,
  multiply,
  type OnnxGraph,
  reduceSum,
  scope,
  subtract,
  toOnnx,
  type Value,
} from '../graph/index.js';
import { type AdaptedModel, adaptModel, textHidden } from '../methods/adapted-model.js';
import { headScores } from '../methods/head.js';
import type { Adapter } from '../methods/method.js';
import type { CausalLM, VocabularyHead } from '../models/model.js';
import { headLoss } from './head-loss.js';

/** The gradient of tensor `name` leaves the graph under this name. */
export const gradientName = (name: string) => `gradient.${name}`;

/**
 * The loss of a batch, summed over its label tokens.
 *
 * Inputs (see `batchFeeds`): `input_ids` [batch, length], `query_positions` [batch, queries], `label_rows` [labels] and
 * `labels` [labels], `first_labels` [firsts] where a learned prompt predicts the text's first tokens (and `first_prompts`
 * [firsts] which of several), with tasks `task_ids` [batch], `given_mask` [batch, length] where each text makes its own
 * prompt, for models that see both ways `last_positions` [batch], and the adapter's tensors by name. With a head, `labels`
 * are those of the tokens selected, and there is no first label. Outputs: `loss`, and with a head, where nothing is
 * differentiated, its `scores` [labels, classes]; with `differentiate` also, for an input `scale`, the gradient of scale · loss for
 * every tensor of the adapter.
 */
export function lossGraph(
  model: CausalLM,
  adapter: Adapter | undefined,
  { differentiate }: { differentiate: boolean },
): OnnxGraph {
  const ids = input('input_ids', 'int64', ['batch', 'length']);
  const adapted = adaptModel(model, adapter, ids);
  const head = adapter?.head;
  const hidden = textHidden(model, adapted, ids, {
    taskIds: adapter?.tasks && input('task_ids', 'int64', ['batch']),
    countsPrompt: head?.poolsPrompt,
    select: {
      queryPositions: input('query_positions', 'int64', ['batch', 'queries']),
      rows: input('label_rows', 'int64', ['labels']),
    },
  });
  const { loss, scores } = scope('loss', () =>
    head
      ? headLoss(headScores(head, adapted.inputs, adapted.weights, hidden))
      : { loss: tokenLoss(model, adapted, hidden), scores: undefined },
  );
  if (!differentiate || !adapter) return toOnnx({ loss, ...(scores && { scores }) });
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

/** Cross-entropy over the vocabulary: of the label tokens, and of first ones where a learned prompt predicts them. */
function tokenLoss(model: CausalLM, { weights, promptEnd }: AdaptedModel, hidden: Value): Value {
  const labels = input('labels', 'int64', ['labels']);
  const head = model.head(weights);
  if (!promptEnd) return crossEntropy(hidden, labels, head);
  const firstLabels = input('first_labels', 'int64', ['firsts']);
  const isShared = promptEnd.shape[0] === 1;
  const firstHidden = isShared
    ? expand(promptEnd, ['firsts', model.config.hiddenSize])
    : gather(promptEnd, input('first_prompts', 'int64', ['firsts']));
  return crossEntropy(concat([firstHidden, hidden], 0), concat([firstLabels, labels], 0), head);
}

/**
 * Σ -log p(label) over rows h of hidden states: log Σ exp(Wh + b) less the label's score. The score is computed from the
 * label's own row of W, so the gradient of h is softmax(Wh + b)·W - W[label], with no one-hot matrix anywhere.
 */
function crossEntropy(states: Value, labels: Value, { weight, bias, transform }: VocabularyHead): Value {
  const hidden = transform ? transform(states) : states;
  const products = matmul(hidden, weight, { transposeB: true });
  const logits = bias ? add(products, bias) : products;
  const ofLabel = reduceSum(multiply(hidden, gather(weight, labels)), { axes: [-1] });
  const scores = bias ? add(ofLabel, gather(bias, labels)) : ofLabel;
  return reduceSum(subtract(logSumExp(logits), scores));
}
