/**
 * @file The graph of a training step: a batch of texts through a model with an adapter, the loss, and its gradients.
 */

import {
  type AdaptedModel,
  adaptModel,
  makesAlike,
  type TextOptions,
  textHidden,
} from '../attach/adapted-model.js';
import { withTasks } from '../attach/chosen-tasks.js';
import { findsSpans, type Head, headScores } from '../attach/head.js';
import type { Adapter } from '../attach/method.js';
import { inputIds } from '../attach/text-inputs.js';
import { optionError, UsageError } from '../errors.js';
import {
  add,
  concat,
  constant,
  type Dim,
  expand,
  gather,
  multiply,
  multiplyDims,
  type OnnxGraph,
  reachableNodes,
  recomputeLayers,
  reduceSum,
  reshape,
  scope,
  toOnnx,
  type Value,
} from '../graph/index.js';
import { queriesAtOnceFor } from '../models/attention.js';
import type { LanguageModel } from '../models/model.js';
import { mapsWeights, onnxOptionsFor } from '../runtime/device.js';
import type { NamedTensors } from '../runtime/index.js';
import { say } from '../say.js';
import { float32Tensor, int64Tensor } from '../tensor.js';
import { type CrossEntropyOptions, crossEntropies } from './cross-entropy.js';
import { gradientOutputs } from './gradient-outputs.js';
import { headLosses, spanLosses } from './head-loss.js';
import {
  batchTasks,
  firstLabels,
  firstRows,
  firstTasks,
  labelCounts,
  labelRows,
  labels,
  lossFeeds,
  queryPositions,
  type ReadingOptions,
  scale,
  taskIds as tasks,
} from './inputs.js';
import { type PreferenceLoss, preferenceLosses } from './preference.js';
import { paddingWorthSkipping, type RowLengths, repetitionWorthSharing } from './row-lengths.js';
import type { SharedRow } from './shared-rows.js';

/** Name of the graph's output of losses per label. */
export const labelLossesName = 'label_losses';

/** Name of the graph's output of how far each pair's chosen answer is ahead. */
export const marginsName = 'margins';

/** Name of the graph's output of a head's scores. */
export const scoresName = 'scores';

export interface LossGraph extends OnnxGraph {
  /** Whether the label of a text's first token counts, because a learned prompt or its own state predicts it. */
  readonly countsFirst: boolean;
  /** Labels of the prompt itself (see Sites) that each text adds to the training loss. */
  readonly promptLabels: number;
  /** See LossGraphOptions. */
  readonly recomputes: boolean;
  /** How examples become its rows. */
  readonly reading: ReadingOptions;
  /** The feeds for examples, besides the adapter's tensors and `scale`. */
  feeds(examples: readonly SharedRow[]): NamedTensors;
}

export interface LossGraphOptions {
  /** Of the rows that it is for. Default: as long as the model can read, and without padding. */
  readonly rowLengths?: RowLengths;
  readonly differentiate: boolean;
  /** A loss over pairs of answers. Default: the cross-entropy of label tokens. */
  readonly preference?: PreferenceLoss;
  /** Whether the backward pass computes layers again to save memory (see graph/recompute.ts). Default: false */
  readonly recomputes?: boolean;
  /** Where it is to run. Default 'cpu'. */
  readonly device?: string;
}

/**
 * The loss of a batch, summed over its label tokens. Inputs are those of inputs.ts that it needs, and the adapter's
 * tensors by name.
 *
 * Outputs: `loss`, `label_losses` [firsts + labels] (first labels before the others) and, with a head, `scores`
 * [labels, classes]. With `differentiate`: `loss` and, for an input `scale`, the gradient of scale · (loss + penalty)
 * for every tensor of the adapter. Each label token adds its text's penalty, so that the mean over labels is exact
 * however batches are split. That `loss` includes the labels of the prompt itself, `promptLabels` per text.
 *
 * With `preference`, the loss is summed over pairs, and `margins` [pairs] takes the place of `label_losses`.
 */
export function lossGraph(
  model: LanguageModel,
  adapter: Adapter | undefined,
  {
    differentiate,
    preference,
    rowLengths = { longest: model.config.maxPositions, padding: 0 },
    recomputes = false,
    device,
  }: LossGraphOptions,
): LossGraph {
  const losses = lossValues(model, adapter, {
    differentiate,
    tokensAtOnce: mapsWeights(device) ? 8192 : Number.POSITIVE_INFINITY,
    preference,
    // WebGPU has no kernels for what runs by pieces.
    queriesAtOnce: device === 'webgpu' ? undefined : queriesAtOnceFor(rowLengths.longest),
    skipsPadding: rowLengths.padding >= paddingWorthSkipping,
    sharesBeginnings: sharesBeginnings(model, adapter, { rowLengths, device }),
  });
  const outputs = differentiate && adapter ? trainingOutputs(adapter, losses) : losses.outputs;
  const graph = toOnnx(recomputes ? recomputeLayers(outputs) : outputs, onnxOptionsFor(device));
  const { promptEnd, promptLabels } = losses.adapted;
  // The frozen model, which a preference compares with, does not predict the first token of a text.
  const countsFirst =
    !preference && (promptEnd !== undefined || model.bidirectional === true || adapter?.head !== undefined);
  const reading: ReadingOptions = {
    countsFirst,
    startTokenId: model.encoder?.startTokenId,
    readsWholeTexts: model.bidirectional || model.config.dependsOnLength,
    promptLength: vectorCount(losses.adapted.prompt),
    encoderPromptLength: vectorCount(losses.adapted.encoderPrompt),
  };
  return {
    ...graph,
    countsFirst,
    promptLabels: promptLabels?.labels.length ?? 0,
    recomputes,
    reading,
    feeds: (examples) => lossFeeds(graph.inputs, examples, reading),
  };
}

/** Whether the loss of such rows computes what they begin with alike once. It has been measured on CPUs alone. */
export const sharesBeginnings = (
  model: LanguageModel,
  adapter: Adapter | undefined,
  { rowLengths, device = 'cpu' }: Pick<LossGraphOptions, 'rowLengths' | 'device'>,
): boolean =>
  device === 'cpu' && (rowLengths?.repetition ?? 0) >= repetitionWorthSharing && makesAlike(model, adapter);

/** How many vectors a learned prompt [.., P, hidden] has that stands in rows. */
const vectorCount = (prompt: Value | undefined) => prompt?.shape.at(-2) as number | undefined;

/**
 * The names of the adapter's tensors that its loss depends on. Full fine-tuning with a head has others too: those that
 * only vocabulary scores need.
 */
export function neededTensors(model: LanguageModel, adapter: Adapter): Set<string> {
  const { outputs, adapted } = lossValues(model, adapter, {
    differentiate: false,
    tokensAtOnce: Number.POSITIVE_INFINITY,
  });
  const needed = new Set(reachableNodes([outputs.loss!]));
  return new Set([...adapter.tensors.keys()].filter((name) => needed.has(adapted.inputs.get(name)!.node)));
}

interface LossValues {
  readonly adapted: AdaptedModel;
  readonly taskIds: Value | undefined;
  /** Outputs of a graph of the loss without gradients. */
  readonly outputs: Readonly<Record<string, Value>>;
  readonly crossEntropies: CrossEntropies;
}

type LossValuesOptions = CrossEntropyOptions &
  Pick<LossGraphOptions, 'preference'> &
  Pick<TextOptions, 'queriesAtOnce' | 'skipsPadding' | 'sharesBeginnings'>;

/** The cross-entropies [n] of labels [n] after hidden states [n, hidden]. */
type CrossEntropies = (hidden: Value, labels: Value) => Value;

function lossValues(
  model: LanguageModel,
  adapter: Adapter | undefined,
  { preference, queriesAtOnce, skipsPadding, sharesBeginnings, ...options }: LossValuesOptions,
): LossValues {
  const ids = inputIds.value;
  const adapted = adaptModel(model, adapter?.tasks ? withTasks(adapter, batchTasks.value) : adapter, ids);
  const ofVocabulary: CrossEntropies = (hidden, labels) =>
    crossEntropies(hidden, labels, model.head(adapted.weights), options);
  const head = adapter?.head;
  if (head && adapted.promptLabels)
    throw new UsageError(
      say`${adapter.method} learns from examples of texts to go on from, and no head
        (${head.taskType}); use another method`,
      { code: 'unsupported' },
    );
  if (preference) refusePreference(adapter, adapted);
  const taskIds = adapter?.tasks && tasks.value;
  const hidden = textHidden(model, adapted, ids, {
    taskIds,
    ...{ queriesAtOnce, skipsPadding, sharesBeginnings },
    countsPrompt: head?.poolsPrompt,
    outputs: findsSpans(head) ? undefined : { queryPositions: queryPositions.value, rows: labelRows.value },
  });
  const scores = head && scope('loss', () => headScores(head, adapted.inputs, adapted.weights, hidden));
  const labelLosses = scope('loss', () =>
    scores
      ? lossesOfHead(head, scores)
      : tokenLosses(adapted, hidden, ofVocabulary, {
          hasTasks: taskIds !== undefined,
          skipsFirsts: !!preference,
        }),
  );
  if (preference) {
    const { losses, margins } = scope('loss', () => preferenceLosses(labelLosses, preference));
    return {
      adapted,
      taskIds,
      crossEntropies: ofVocabulary,
      outputs: { loss: scope('loss', () => reduceSum(losses)), [marginsName]: margins },
    };
  }
  const loss = scope('loss', () => reduceSum(labelLosses));
  return {
    adapted,
    taskIds,
    crossEntropies: ofVocabulary,
    outputs: { loss, [labelLossesName]: labelLosses, ...(scores && { [scoresName]: scores }) },
  };
}

function refusePreference(adapter: Adapter | undefined, { promptLabels, penalty }: AdaptedModel): void {
  if (adapter?.head)
    throw optionError(
      'loss',
      say`pairs of answers are for text, and a head scores labels; use cross-entropy`,
    );
  if (promptLabels || penalty)
    throw optionError(
      'loss',
      say`${adapter?.method} has a loss of its own beside the answers'; use cross-entropy`,
    );
}

function trainingOutputs(
  { tensors }: Adapter,
  { adapted, taskIds, outputs, crossEntropies }: LossValues,
): Record<string, Value> {
  const { penalty, promptLabels, inputs } = adapted;
  const ofTexts = outputs.loss!;
  const loss = promptLabels
    ? scope('loss', () => add(ofTexts, promptLoss(promptLabels, crossEntropies, taskIds)))
    : ofTexts;
  const ofLabels = penalty && reduceSum(multiply(penalty, labelCounts.value));
  const scaled = multiply(ofLabels ? add(loss, ofLabels) : loss, scale.value);
  return { loss, ...gradientOutputs(scaled, inputs, tensors.keys()) };
}

/** The loss of the prompt's own labels, once per text of the batch that has the prompt. */
function promptLoss(
  { labels, hidden }: NonNullable<AdaptedModel['promptLabels']>,
  crossEntropies: CrossEntropies,
  taskIds?: Value,
): Value {
  const [prompts, count, width] = hidden.shape as [Dim, number, number];
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
  const losses = crossEntropies(reshape(hidden, [rows, width]), reshape(ids, [rows]));
  const ofPrompts = reduceSum(multiply(reshape(losses, [prompts, count]), factors), { axes: [1] });
  const ofTexts = taskIds ? gather(ofPrompts, taskIds) : expand(ofPrompts, ['batch']);
  return reduceSum(ofTexts);
}

const lossesOfHead = (head: Head, scores: Value): Value =>
  findsSpans(head) ? spanLosses(scores, 'length') : headLosses(scores);

/** Cross-entropies over the vocabulary: of first tokens that a learned prompt predicts, then of the label tokens. */
function tokenLosses(
  { promptEnd }: AdaptedModel,
  hidden: Value,
  crossEntropies: CrossEntropies,
  { hasTasks, skipsFirsts }: { hasTasks: boolean; skipsFirsts: boolean },
): Value {
  if (!promptEnd || skipsFirsts) return crossEntropies(hidden, labels.value);
  const isShared = promptEnd.shape[0] === 1;
  const firstHidden = isShared
    ? expand(promptEnd, ['firsts', promptEnd.shape[1]!])
    : gather(promptEnd, (hasTasks ? firstTasks : firstRows).value);
  return crossEntropies(concat([firstHidden, hidden], 0), concat([firstLabels.value, labels.value], 0));
}
