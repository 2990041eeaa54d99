/** @file Examples of unequal lengths as the tensors of one batch: right-padded ids, and which positions predict which labels. */
import { encoderFeeds } from '../attach/encoder-feeds.js';
import { givenMask } from '../attach/given-text.js';
import type { NamedTensors } from '../runtime/index.js';
import { float32Tensor, int64Tensor } from '../tensor.js';
import { countLabels } from './label-counts.js';
import type { SharedRow } from './shared-rows.js';

/** What a step of `lossGraph` takes besides token ids and labels. */
export interface FeedOptions {
  /** Whether a learned prompt predicts each text's first token; without one, those labels do not count. */
  readonly predictsFirst: boolean;
  /** Whether each text belongs to a task. */
  readonly hasTasks: boolean;
  /** Whether each text makes its own prompt, of its tokens before the first label, or of all where labels are not tokens. */
  readonly readsText: boolean;
  /** Whether the model would see the padding, and must be told where texts end. */
  readonly seesBothWays?: boolean;
  /** Whether labels count for a penalty. Default: false. */
  readonly hasPenalty?: boolean;
  /** Whether a head scores all tokens, for the first and the last one of an answer. Default: false. */
  readonly findsSpans?: boolean;
  /** Of a model with an encoder, the token that the decoder's texts begin with. */
  readonly startTokenId?: number;
}

/** The inputs of `lossGraph` for some examples. An encoder reads what is given, and the decoder's text is what is asked for. */
export function batchFeeds(examples: readonly SharedRow[], options: FeedOptions): NamedTensors {
  const { startTokenId } = options;
  if (startTokenId === undefined) return textFeeds(examples, options);
  const given = examples.map(({ inputIds, lossMask }) => inputIds.subarray(0, givenCount(lossMask)));
  const asked = examples.map(({ inputIds, lossMask, ...example }) => ({
    ...example,
    inputIds: Int32Array.of(startTokenId, ...inputIds.subarray(givenCount(lossMask))),
    lossMask: Uint8Array.of(0, ...lossMask.subarray(givenCount(lossMask))),
  }));
  return { ...textFeeds(asked, options), ...encoderFeeds(given) };
}

/** How many tokens are given before the first that is asked for. */
const givenCount = (lossMask: Uint8Array) => (lossMask.includes(1) ? lossMask.indexOf(1) : lossMask.length);

/** Padding is never seen by a real token (attention is causal, or masked) and never predicted, so any id serves for it; 0 is used. */
function textFeeds(
  examples: readonly SharedRow[],
  { predictsFirst, hasTasks, readsText, hasPenalty, seesBothWays, findsSpans }: FeedOptions,
): NamedTensors {
  const length = Math.max(...examples.map(({ inputIds }) => inputIds.length));
  const ids = new Array<number>(examples.length * length).fill(0);
  const firstLabels: number[] = [];
  const firstPrompts: number[] = [];
  const labels: number[] = [];
  const queries: number[][] = examples.map((example, row) => {
    const { inputIds, lossMask, labels: own, otherLabels = [], taskId = 0 } = example;
    inputIds.forEach((id, i) => {
      ids[row * length + i] = id;
    });
    if (lossMask[0] && !own) {
      firstLabels.push(inputIds[0]!);
      firstPrompts.push(hasTasks ? taskId : row);
    }
    const positions: number[] = [];
    for (let i = own ? 0 : 1; i < inputIds.length; i++) {
      if (!lossMask[i]) continue;
      labels.push((own ?? inputIds)[i]!);
      positions.push(own ? i : i - 1);
    }
    for (const label of otherLabels) {
      labels.push(label);
      positions.push(positions[0]!);
    }
    return positions;
  });
  const width = Math.max(1, ...queries.map((positions) => positions.length));
  const queryPositions = queries.flatMap((positions) =>
    Array.from({ length: width }, (_, i) => positions[i] ?? 0),
  );
  const labelRows = queries.flatMap((positions, row) => positions.map((_, i) => row * width + i));
  return {
    input_ids: int64Tensor([examples.length, length], ids),
    ...(findsSpans
      ? answerFeeds(examples)
      : {
          query_positions: int64Tensor([examples.length, width], queryPositions),
          label_rows: int64Tensor([labelRows.length], labelRows),
          labels: int64Tensor([labels.length], labels),
        }),
    ...(predictsFirst && { first_labels: int64Tensor([firstLabels.length], firstLabels) }),
    ...(hasTasks && {
      task_ids: int64Tensor(
        [examples.length],
        examples.map(({ taskId = 0 }) => taskId),
      ),
    }),
    ...((hasTasks || readsText) &&
      predictsFirst && { first_prompts: int64Tensor([firstPrompts.length], firstPrompts) }),
    ...(hasPenalty && {
      label_counts: float32Tensor(
        [examples.length],
        examples.map((example) =>
          countLabels([example], { predictsFirst: predictsFirst || example.labels !== undefined }),
        ),
      ),
    }),
    ...(readsText && {
      given_mask: givenMask(
        examples.map(({ lossMask, labels }) => (labels ? lossMask.length : givenCount(lossMask))),
        length,
      ),
    }),
    ...(seesBothWays && {
      last_positions: int64Tensor(
        [examples.length],
        examples.map(({ inputIds }) => inputIds.length - 1),
      ),
    }),
  };
}

/** The label of the token that an answer begins with is the place of its last. */
function answerFeeds(examples: readonly SharedRow[]): NamedTensors {
  const starts = examples.map(({ lossMask }) => lossMask.indexOf(1));
  return {
    answer_starts: int64Tensor([examples.length], starts),
    answer_ends: int64Tensor(
      [examples.length],
      examples.map(({ labels }, row) => labels![starts[row]!]!),
    ),
  };
}
