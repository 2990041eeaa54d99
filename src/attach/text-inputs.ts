/**
 * @file Inputs of graphs: each has a name, a shape, and the tensor it gets for some rows. A graph asks for an input's
 *   value, and a run feeds the inputs that the graph used. The inputs for texts are here.
 */

import { input, type Shape, type Value } from '../graph/index.js';
import type { NamedTensors } from '../runtime/index.js';
import { type DType, float32Tensor, int64Tensor, type Tensor } from '../tensor.js';

export interface GraphInput<Rows> {
  readonly name: string;
  readonly value: Value;
  feed(rows: Rows): Tensor;
}

export function graphInput<Rows>(
  name: string,
  dtype: DType,
  shape: Shape,
  feed: (rows: Rows) => Tensor,
): GraphInput<Rows> {
  return { name, value: input(name, dtype, shape), feed };
}

/** The tensors of `rows` for those of `entries` that a graph uses. @param used the graph's inputs by name */
export function feedsFor<Rows>(
  entries: Iterable<GraphInput<Rows>>,
  used: { has(name: string): boolean },
  rows: Rows,
): NamedTensors {
  const feeds: NamedTensors = {};
  for (const { name, feed } of entries) if (used.has(name)) feeds[name] = feed(rows);
  return feeds;
}

/** A row of a batch of texts. */
export interface TextRow {
  /** The tokens. For a model with an encoder: the decoder's. */
  readonly ids: ArrayLike<number>;
  /** How many of them are input, as opposed to predicted. Default: all. */
  readonly inputCount?: number;
  /** Tokens of the model's encoder, if it has one. */
  readonly encoderIds?: ArrayLike<number>;
  /** How many vectors of a learned prompt precede the tokens in the row. Default: 0. */
  readonly promptLength?: number;
  /** The same in the encoder's row. */
  readonly encoderPromptLength?: number;
}

type TextInput = GraphInput<readonly TextRow[]>;

/** In generation, the number of tokens of each row whose scores are computed (see `decodeGraph`). */
export const queriesDim = 'queries';

const encoderIdsOf = ({ encoderIds = [] }: TextRow) => encoderIds;

/** The tokens [batch, length]. */
export const inputIds: TextInput = graphInput('input_ids', 'int64', ['batch', 'length'], (rows) =>
  paddedIds(rows.map(({ ids }) => ids)),
);

/** [batch]: the position of each text's last token in its row. */
export const lastPositions: TextInput = graphInput('last_positions', 'int64', ['batch'], (rows) =>
  lastOnes(rows.map(({ ids }) => ids)),
);

/** The vectors of a row without padding: those of its prompt and of its tokens, which are one at least. */
const vectorCount = ({ ids, promptLength = 0 }: Pick<TextRow, 'ids' | 'promptLength'>) =>
  promptLength + Math.max(1, ids.length);

const inEncoder = ({ encoderPromptLength, ...row }: TextRow) => ({
  ids: encoderIdsOf(row),
  promptLength: encoderPromptLength,
});

/** [tokens]: the places of the rows' vectors among all positions of the batch, padding included. */
export const tokenPlaces: TextInput = graphInput('token_places', 'int64', ['tokens'], (rows) =>
  placesOf(rows.map(vectorCount)),
);

/** [batch]: the index of each row's first vector among the vectors of all. */
export const tokenStarts: TextInput = graphInput('token_starts', 'int64', ['batch'], (rows) => {
  let end = 0;
  const starts = rows.map((row) => {
    const start = end;
    end += vectorCount(row);
    return start;
  });
  return int64Tensor([rows.length], starts);
});

/** [vectors]: the places of the vectors that differ, where rows that begin alike have the first ones in common. */
export const vectorPlaces: TextInput = graphInput('vector_places', 'int64', ['vectors'], (rows) => {
  const { places } = sharedVectors(rows.map(({ ids }) => ids));
  return int64Tensor([places.length], places);
});

/** [batch, length]: which of these vectors stands at each position; at padding the first. */
export const vectorIndices: TextInput = graphInput('vector_indices', 'int64', ['batch', 'length'], (rows) =>
  paddedIds(sharedVectors(rows.map(({ ids }) => ids)).indices),
);

/** float32 [batch, length]: 1 for input tokens, 0 for padding and tokens to predict. */
export const inputMask: TextInput = graphInput('input_mask', 'float32', ['batch', 'length'], (rows) =>
  countMask(
    rows.map(({ ids, inputCount = ids.length }) => inputCount),
    longest(rows.map(({ ids }) => ids)),
  ),
);

/** The tokens [batch, encoder length] that the model's encoder reads. */
export const encoderIds: TextInput = graphInput('encoder_ids', 'int64', ['batch', 'encoder_length'], (rows) =>
  paddedIds(rows.map(encoderIdsOf)),
);

/** [batch]: the position of the last token in its row of the encoder. */
export const encoderLastPositions: TextInput = graphInput(
  'encoder_last_positions',
  'int64',
  ['batch'],
  (rows) => lastOnes(rows.map(encoderIdsOf)),
);

/** [encoder tokens]: the same places in the encoder's rows. */
export const encoderTokenPlaces: TextInput = graphInput(
  'encoder_token_places',
  'int64',
  ['encoder_tokens'],
  (rows) => placesOf(rows.map((row) => vectorCount(inEncoder(row)))),
);

export const textInputs: readonly TextInput[] = [
  inputIds,
  lastPositions,
  tokenPlaces,
  tokenStarts,
  vectorPlaces,
  vectorIndices,
  inputMask,
  encoderIds,
  encoderLastPositions,
  encoderTokenPlaces,
];

/**
 * Texts as int64 [texts, length of the longest], padded on the right. No token sees the padding (attention is causal,
 * or masked) and none is predicted there, so any id serves: 0.
 */
export function paddedIds(texts: readonly ArrayLike<number>[]): Tensor<'int64'> {
  const length = longest(texts);
  const ids = new Array<number>(texts.length * length).fill(0);
  for (const [row, text] of texts.entries())
    for (let i = 0; i < text.length; i++) ids[row * length + i] = text[i]!;
  return int64Tensor([texts.length, length], ids);
}

/** The places of the first `counts[r]` vectors of each row among the positions of all. */
function placesOf(counts: readonly number[]): Tensor<'int64'> {
  const length = Math.max(...counts);
  const places = counts.flatMap((count, row) => Array.from({ length: count }, (_, i) => row * length + i));
  return int64Tensor([places.length], places);
}

/**
 * The vectors of texts that have one in common at each position up to which two of them are the same.
 * @returns the place of each vector among all positions of the padded batch, and the vector of each token
 */
export function sharedVectors(texts: readonly ArrayLike<number>[]): {
  readonly places: readonly number[];
  readonly indices: readonly (readonly number[])[];
} {
  const length = longest(texts);
  const places: number[] = [];
  const indices: number[][] = [];
  for (const [row, text] of texts.entries()) {
    let own: number[] = [];
    for (const [earlier, known] of indices.entries()) {
      const count = commonLength(text, texts[earlier]!);
      if (count > own.length) own = known.slice(0, count);
    }
    while (own.length < Math.max(1, text.length)) own.push(places.push(row * length + own.length) - 1);
    indices.push(own);
  }
  return { places, indices };
}

/** How many tokens two texts begin with alike. */
function commonLength(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const most = Math.min(a.length, b.length);
  let count = 0;
  while (count < most && a[count] === b[count]) count++;
  return count;
}

/** float32 [rows, length]: 1 for the first `counts[r]` tokens of row r. */
export function countMask(counts: readonly number[], length: number): Tensor<'float32'> {
  const mask = float32Tensor([counts.length, length]);
  for (const [row, count] of counts.entries()) mask.data.fill(1, row * length, row * length + count);
  return mask;
}

const lastOnes = (texts: readonly ArrayLike<number>[]) =>
  int64Tensor(
    [texts.length],
    texts.map((text) => text.length - 1),
  );

/** No axis may be empty, even if all texts are. */
const longest = (texts: readonly ArrayLike<number>[]) => Math.max(1, ...texts.map(({ length }) => length));
