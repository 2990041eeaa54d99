/**
 * @file Steps of rows whose learned prompts enter at later layers, each at its own. A row's cache has its prompt in
 *   every layer; below the one at which the prompt enters, a mask hides it, so the row has the hidden states of a text
 *   without a prompt there.
 */
import { input, less, reshape, scalar, type Value, where } from '../graph/index.js';
import { withoutFirst } from '../models/attention.js';
import type { LanguageModel, Stream, StreamOutput } from '../models/model.js';
import type { Weights } from '../models/weights.js';
import { forwardInParts } from './adapted-model.js';

/** The graph's inputs [batch]: the layer from which a row sees its prompt, and the prompt's length. */
export const lateLayersName = 'late_layers';
export const lateLengthsName = 'late_lengths';

export interface LateRows {
  /** The layers at which prompts enter, ascending, each once. */
  readonly layers: readonly number[];
  /** int64 [batch], or [1] if it is the same for all rows: the layer of each row, and the length of its prompt. */
  readonly ofRows: Value;
  readonly lengths: Value;
}

/** The rows of a graph that takes each row's layer and length as inputs. */
export const lateRowInputs = (layers: readonly number[]): LateRows => ({
  layers,
  ofRows: input(lateLayersName, 'int64', ['batch']),
  lengths: input(lateLengthsName, 'int64', ['batch']),
});

/** The layers at which prompts enter, of each prompt's layer; 0 is a prompt that all layers see. */
export const enteredLayers = (layers: Iterable<number>): number[] =>
  [...new Set(layers)].filter((layer) => layer > 0).sort((a, b) => a - b);

/** Runs a stream with a cache through all layers, in which each row sees its prompt from its own layer on. */
export function forwardLate(
  model: LanguageModel,
  weights: Weights,
  stream: Stream & Required<Pick<Stream, 'cache'>>,
  { layers, ofRows, lengths }: LateRows,
): StreamOutput {
  const { mask } = stream.cache;
  const last = layers.at(-1)!;
  const maskFrom = (layer: number) => {
    if (layer === last) return mask;
    const hidden = where(less(scalar(layer, 'int64'), ofRows), lengths, scalar(0, 'int64'));
    return withoutFirst(mask, reshape(hidden, [hidden.shape[0]!, 1, 1, 1]));
  };
  return forwardInParts(model, weights, stream, [0, ...layers], (from) => ({ mask: maskFrom(from) }));
}
