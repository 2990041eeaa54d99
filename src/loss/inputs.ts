/** @file Inputs of loss graphs, besides those of the texts, and how examples feed them. */
import { feedsFor, type GraphInput, graphInput, type TextRow, textInputs } from '../attach/text-inputs.js';
import type { NamedTensors } from '../runtime/index.js';
import { float32Tensor, int64Tensor } from '../tensor.js';
import { countLabels } from './label-counts.js';
import type { SharedRow } from './shared-rows.js';

/** An example as a row of a batch. */
export interface LossRow extends TextRow {
  readonly taskId: number;
  /** The label of the text's first token, which a learned prompt predicts. */
  readonly firstLabel?: number;
  /** Positions in the row that predict the other labels. With `otherLabels`, they share one position. */
  readonly queries: readonly number[];
  readonly labels: readonly number[];
  /** Number of labels, a first one included. */
  readonly labelCount: number;
  /** First and last token of the answer in the text. */
  readonly answer: readonly [start: number, end: number];
  /** See EncodedExample. */
  readonly referenceMargin?: number;
  /** See SharedRow. */
  readonly states?: readonly Float32Array[];
}

export type LossInput = GraphInput<readonly LossRow[]>;
const integers = (name: string, shape: string, of: (rows: readonly LossRow[]) => number[]): LossInput =>
  graphInput(name, 'int64', [shape], (rows) => {
    const values = of(rows);
    return int64Tensor([values.length], values);
  });

/** No axis may be empty in attention, so there is at least one query per row. */
const queriesPerRow = (rows: readonly LossRow[]) => Math.max(1, ...rows.map(({ queries }) => queries.length));

/** [batch, queries]: the positions in each row that predict labels. */
export const queryPositions: LossInput = graphInput(
  'query_positions',
  'int64',
  ['batch', 'queries'],
  (rows) => {
    const width = queriesPerRow(rows);
    return int64Tensor(
      [rows.length, width],
      rows.flatMap(({ queries }) => Array.from({ length: width }, (_, i) => queries[i] ?? 0)),
    );
  },
);

/** [labels]: the query of each label, as an index into all queries of the batch. */
export const labelRows = integers('label_rows', 'labels', (rows) => {
  const width = queriesPerRow(rows);
  return rows.flatMap(({ queries }, row) => queries.map((_, i) => row * width + i));
});

/** [labels], row after row. */
export const labels = integers('labels', 'labels', (rows) => rows.flatMap((row) => row.labels));

/** [firsts]: the labels of first tokens. */
export const firstLabels = integers('first_labels', 'firsts', (rows) =>
  rows.flatMap(({ firstLabel }) => firstLabel ?? []),
);

/** [firsts]: their rows. */
export const firstRows = integers('first_rows', 'firsts', (rows) =>
  rows.flatMap(({ firstLabel }, row) => (firstLabel === undefined ? [] : row)),
);

/** [tasks]: those that the batch has, each once. */
export const batchTasks = integers('batch_tasks', 'tasks', tasksOf);

/** [firsts]: their tasks, as indices into those of the batch. */
export const firstTasks = integers('first_tasks', 'firsts', (rows) => {
  const tasks = tasksOf(rows);
  return rows.flatMap(({ firstLabel, taskId }) => (firstLabel === undefined ? [] : tasks.indexOf(taskId)));
});

/** [batch]: each text's task, as an index into those of the batch. */
export const taskIds = integers('task_ids', 'batch', (rows) => {
  const tasks = tasksOf(rows);
  return rows.map(({ taskId }) => tasks.indexOf(taskId));
});

/** float32 [batch]: number of labels of each text. */
export const labelCounts: LossInput = graphInput('label_counts', 'float32', ['batch'], (rows) =>
  float32Tensor(
    [rows.length],
    rows.map(({ labelCount }) => labelCount),
  ),
);

/** [batch]: the first and the last token of each text's answer. */
export const answerStarts = integers('answer_starts', 'batch', (rows) => rows.map(({ answer }) => answer[0]));
export const answerEnds = integers('answer_ends', 'batch', (rows) => rows.map(({ answer }) => answer[1]));

/**
 * float32 [pairs, labels]: which labels are of the pair's chosen answer. The rows of a batch of pairs are chosen and
 * rejected in turns.
 */
export const chosenLabels: LossInput = graphInput('chosen_labels', 'float32', ['pairs', 'labels'], (rows) =>
  labelsOfEvery(rows, 0),
);

/** The same for the rejected answers. */
export const rejectedLabels: LossInput = graphInput(
  'rejected_labels',
  'float32',
  ['pairs', 'labels'],
  (rows) => labelsOfEvery(rows, 1),
);

/** float32 [pairs]: the margins of the frozen model. */
export const referenceMargins: LossInput = graphInput('reference_margins', 'float32', ['pairs'], (rows) => {
  const ofPairs = rows.filter((_, row) => row % 2 === 0);
  return float32Tensor(
    [ofPairs.length],
    ofPairs.map(({ referenceMargin = 0 }) => referenceMargin),
  );
});

function tasksOf(rows: readonly LossRow[]): number[] {
  return [...new Set(rows.map(({ taskId }) => taskId))].sort((a, b) => a - b);
}

/** The labels of every second row, from `first` on. */
function labelsOfEvery(rows: readonly LossRow[], first: 0 | 1) {
  const total = rows.reduce((sum, row) => sum + row.labels.length, 0);
  const ofPairs = float32Tensor([rows.length / 2, total]);
  let at = 0;
  for (const [row, { labels }] of rows.entries()) {
    const from = (row >> 1) * total + at;
    if (row % 2 === first) ofPairs.data.fill(1, from, from + labels.length);
    at += labels.length;
  }
  return ofPairs;
}

const entries: readonly LossInput[] = [
  ...textInputs,
  queryPositions,
  labelRows,
  labels,
  firstLabels,
  firstRows,
  batchTasks,
  firstTasks,
  taskIds,
  labelCounts,
  answerStarts,
  answerEnds,
  chosenLabels,
  rejectedLabels,
  referenceMargins,
];

/** Factor of the gradients: the loss is a sum over a micro-batch, but a step uses the mean over several. */
export const scale = graphInput<number>('scale', 'float32', [], (factor) => float32Tensor([], [factor]));

export interface ReadingOptions {
  /** See LossGraph. */
  readonly countsFirst: boolean;
  /** In an encoder-decoder, the token that starts the decoder's text. */
  readonly startTokenId?: number;
  /** Whether states depend on the tokens after them, so that rows need all of their tokens. */
  readonly readsWholeTexts?: boolean;
  /** See TextRow. */
  readonly promptLength?: number;
  readonly encoderPromptLength?: number;
}

/** Whether an input of a loss graph is a function of the examples: not a trained tensor, nor the scale. */
export const isOfExamples = (name: string): boolean => entries.some((entry) => entry.name === name);

/**
 * The feeds of a loss graph for `examples`.
 * @param used the graph's inputs by name
 * @param own inputs of the graph besides those of all
 */
export function lossFeeds(
  used: { has(name: string): boolean },
  examples: readonly SharedRow[],
  options: ReadingOptions,
  own: readonly LossInput[] = [],
): NamedTensors {
  return feedsFor([...entries, ...own], used, rowsOf(examples, options));
}

/** Examples as rows of a batch; behind the chosen answer of a pair the rejected one. */
export const rowsOf = (examples: readonly SharedRow[], options: ReadingOptions): LossRow[] =>
  examples
    .flatMap((example) =>
      example.rejected ? [example, { ...example.rejected, taskId: example.taskId }] : [example],
    )
    .map((example) => rowOf(example, options));

function rowOf(example: SharedRow, options: ReadingOptions): LossRow {
  const { startTokenId } = options;
  if (startTokenId === undefined) return textRow(example, options);
  // The encoder reads the input, and the decoder's text is the output.
  const { inputIds, lossMask } = example;
  const inputCount = inputCountOf(lossMask);
  const answer = {
    ...example,
    inputIds: Int32Array.of(startTokenId, ...inputIds.subarray(inputCount)),
    lossMask: Uint8Array.of(0, ...lossMask.subarray(inputCount)),
  };
  const { encoderPromptLength } = options;
  return { ...textRow(answer, options), encoderIds: inputIds.subarray(0, inputCount), encoderPromptLength };
}

/**
 * A row for a text. If the example has `labels`, a token's own state predicts its label, else the state before it does;
 * tokens behind the last of these states are left out, since no state that counts sees them.
 */
function textRow(
  example: SharedRow,
  { countsFirst, readsWholeTexts, promptLength }: ReadingOptions,
): LossRow {
  const { inputIds, lossMask, labels: own, otherLabels = [], taskId = 0, states } = example;
  const targets = [...lossMask.keys()].filter((i) => lossMask[i] && (own || i > 0));
  const queries = targets.map((i) => (own ? i : i - 1));
  const [start = 0] = targets;
  const isWhole = readsWholeTexts || own || queries.length === 0;
  return {
    ids: isWhole ? inputIds : inputIds.subarray(0, queries.at(-1)! + 1),
    inputCount: own ? inputIds.length : inputCountOf(lossMask),
    promptLength,
    taskId,
    firstLabel: lossMask[0] && !own ? inputIds[0] : undefined,
    queries: [...queries, ...otherLabels.map(() => queries[0]!)],
    labels: [...targets.map((i) => (own ?? inputIds)[i]!), ...otherLabels],
    labelCount: countLabels([example], { countsFirst }),
    referenceMargin: example.referenceMargin,
    states,
    answer: [start, own?.[start] ?? 0], // the label of an answer's first token is the position of its last
  };
}

/** Number of tokens before the first one to predict. */
const inputCountOf = (lossMask: Uint8Array) => (lossMask.includes(1) ? lossMask.indexOf(1) : lossMask.length);
