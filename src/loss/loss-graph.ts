/** @file The graph of a training step: a batch of texts through a model with an adapter, the loss, and its gradients. */

import { type AdaptedModel, adaptModel, textHidden } from '../attach/adapted-model.js';
import { findsSpans, type Head, headScores } from '../attach/head.js';
import type { Adapter } from '../attach/method.js';
import { UsageError } from '../errors.js';
import {
  add,
  concat,
  constant,
  type Dim,
  expand,
  gather,
  gradients,
  input,
  logSumExp,
  multiply,
  multiplyDims,
  type OnnxGraph,
  reduceSum,
  reshape,
  scope,
  subtract,
  toOnnx,
  type Value,
} from '../graph/index.js';
import { logitsWithLabels, type VocabularyHead } from '../models/head.js';
import type { LanguageModel } from '../models/model.js';
import { float32Tensor, int64Tensor } from '../tensor.js';
import { headLosses, spanLosses } from './head-loss.js';

/** The gradient of tensor `name` leaves the graph under this name. */
export const gradientName = (name: string) => `gradient.${name}`;

/** The losses of single labels leave the graph under this name. */
export const labelLossesName = 'label_losses';

/** A head's scores leave the graph under this name. */
export const scoresName = 'scores';

export interface LossGraph extends OnnxGraph {
  /** How many labels of the prompt itself (see Sites) each text adds to those of the training loss. */
  readonly promptLabels: number;
}

/**
 * The loss of a batch, summed over its label tokens.
 *
 * Inputs (see `batchFeeds`): `input_ids` [batch, length], `query_positions` [batch, queries], `label_rows` [labels] and
 * `labels` [labels], `first_labels` [firsts] where a learned prompt predicts the text's first tokens (and `first_prompts`
 * [firsts] which of several), with tasks `task_ids` [batch], `given_mask` [batch, length] where each text makes its own
 * prompt, for models that see both ways `last_positions` [batch], with an encoder `encoder_ids` [batch, given length] and
 * `encoder_last_positions` [batch], `label_counts` [batch] where the adapter has a penalty, and the
 * adapter's tensors by name. With a head, `labels` are those of the tokens selected, and there is no first label; a head that finds answers
 * has `answer_starts`, `answer_ends` and `last_positions`, all [batch], in the place of queries and labels. Outputs: `loss`, and
 * `label_losses` [firsts + labels], of first labels before the others, and with a head its `scores` [labels, classes]; with
 * `differentiate` the `loss` and, for an input `scale`, the gradient of scale · (loss + penalty) for every tensor of the adapter: each
 * label token adds its text's penalty, so that the mean over labels is exact however batches are cut. There, `loss` has the labels of the
 * prompt itself, too, `promptLabels` for each text.
 */
export function lossGraph(
  model: LanguageModel,
  adapter: Adapter | undefined,
  { differentiate }: { differentiate: boolean },
): LossGraph {
  const ids = input('input_ids', 'int64', ['batch', 'length']);
  const adapted = adaptModel(model, adapter, ids);
  const head = adapter?.head;
  if (head && adapted.promptLabels)
    throw new UsageError(
      `${adapter.method} learns from examples of texts to go on from, and no head (${head.task}); use another method`,
    );
  const taskIds = adapter?.tasks && input('task_ids', 'int64', ['batch']);
  const lastPositions = input('last_positions', 'int64', ['batch']);
  const hidden = textHidden(model, adapted, ids, {
    taskIds,
    lastPositions,
    countsPrompt: head?.poolsPrompt,
    select: findsSpans(head)
      ? undefined
      : {
          queryPositions: input('query_positions', 'int64', ['batch', 'queries']),
          rows: input('label_rows', 'int64', ['labels']),
        },
  });
  const scores = head && scope('loss', () => headScores(head, adapted.inputs, adapted.weights, hidden));
  const labelLosses = scope('loss', () =>
    scores ? lossesOfHead(head, scores, lastPositions) : tokenLosses(model, adapted, hidden),
  );
  const ofTexts = scope('loss', () => reduceSum(labelLosses));
  const promptLabels = adapted.promptLabels?.labels.length ?? 0;
  if (!differentiate || !adapter) {
    const ofHead = scores && { [scoresName]: scores };
    return { ...toOnnx({ loss: ofTexts, [labelLossesName]: labelLosses, ...ofHead }), promptLabels };
  }
  const loss =
    promptLabels > 0 ? scope('loss', () => add(ofTexts, promptLoss(model, adapted, taskIds))) : ofTexts;
  const names = [...adapter.tensors.keys()];
  const { penalty } = adapted;
  const ofLabels = penalty && reduceSum(multiply(penalty, input('label_counts', 'float32', ['batch'])));
  const scaled = multiply(ofLabels ? add(loss, ofLabels) : loss, input('scale', 'float32', []));
  const derivatives = gradients(
    scaled,
    names.map((name) => adapted.inputs.get(name)!),
  );
  const ofTensors = Object.fromEntries(names.map((name, i) => [gradientName(name), derivatives[i]!]));
  return { ...toOnnx({ loss, ...ofTensors }), promptLabels };
}

/** The loss of the prompt's own labels, once for each text of the batch that has the prompt. */
function promptLoss(model: LanguageModel, { weights, promptLabels }: AdaptedModel, taskIds?: Value): Value {
  const { labels, hidden } = promptLabels!;
  const [prompts, count] = hidden.shape as [Dim, number];
  const rows = multiplyDims(prompts, count);
  const ids = expand(
    constant(
      int64Tensor(
        [1, count],
        labels.map(({ id }) => id),
      ),
    ),
    [prompts, count],
  );
  const factors = constant(
    float32Tensor(
      [count],
      labels.map(({ weight }) => weight),
    ),
  );
  const losses = crossEntropies(
    reshape(hidden, [rows, model.config.hiddenSize]),
    reshape(ids, [rows]),
    model.head(weights),
  );
  const ofPrompts = reduceSum(multiply(reshape(losses, [prompts, count]), factors), { axes: [1] });
  const ofTexts = taskIds ? gather(ofPrompts, taskIds) : expand(ofPrompts, ['batch']);
  return reduceSum(ofTexts);
}

const lossesOfHead = (head: Head, scores: Value, lastPositions: Value): Value =>
  findsSpans(head) ? spanLosses(scores, lastPositions, 'length') : headLosses(scores);

/** Cross-entropies over the vocabulary: of first tokens where a learned prompt predicts them, then of the label tokens. */
function tokenLosses(model: LanguageModel, { weights, promptEnd }: AdaptedModel, hidden: Value): Value {
  const labels = input('labels', 'int64', ['labels']);
  const head = model.head(weights);
  if (!promptEnd) return crossEntropies(hidden, labels, head);
  const firstLabels = input('first_labels', 'int64', ['firsts']);
  const isShared = promptEnd.shape[0] === 1;
  const firstHidden = isShared
    ? expand(promptEnd, ['firsts', model.config.hiddenSize])
    : gather(promptEnd, input('first_prompts', 'int64', ['firsts']));
  return crossEntropies(concat([firstHidden, hidden], 0), concat([firstLabels, labels], 0), head);
}

/**
 * -log p(label) for each row h of hidden states: log Σ exp(Wh + b) less the label's score. The score is computed from the
 * label's own row of W, so the gradient of h is softmax(Wh + b)·W - W[label], with no one-hot matrix anywhere.
 */
function crossEntropies(hidden: Value, labels: Value, head: VocabularyHead): Value {
  const { logits, ofLabels } = logitsWithLabels(hidden, labels, head);
  return subtract(logSumExp(logits), ofLabels);
}
