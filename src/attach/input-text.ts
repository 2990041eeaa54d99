/** @file The input texts of a batch, for methods that make a prompt from each text. */
import {
  type Dim,
  exp,
  iota,
  lessOrEqual,
  multiplyDims,
  reshape,
  scalar,
  scope,
  type Value,
  where,
} from '../graph/index.js';
import type { Encoder, LanguageModel, Stream, StreamOutput } from '../models/model.js';
import type { Weights } from '../models/weights.js';
import { inputMask } from './text-inputs.js';

/** Input texts, without the tokens to predict. */
export interface InputText {
  /** The frozen model's embeddings [batch, length, hidden]. */
  readonly embeddings: Value;
  /** float32 [batch, length]: 1 for input tokens, 0 for padding and tokens to predict. */
  readonly mask: Value;
  /**
   * The frozen model's hidden states [batch, length, hidden] that enter layer `layer`, or the last ones, at the cost of
   * one more pass through the layers below. Those of input tokens do not depend on the tokens to predict, which come
   * later.
   */
  states(layer?: number): Value;
}

/** The input text of a decoder. @param ids [batch, length] */
export function inputText(model: LanguageModel, ids: Value): InputText {
  return {
    ...readText(model, ids, (weights, stream) => model.forward(weights, stream)),
    mask: inputMask.value,
  };
}

/** The input text of an encoder: all of `ids` up to `last` [batch]. Its states are the encoder's. */
export function encoderText({ model, encoder, ids, last }: EncoderText): InputText {
  const [batch, length] = ids.shape as [Dim, Dim];
  const mask = paddingMask(length, last);
  return {
    ...readText(model, ids, (weights, stream) => encoder.read(weights, { ...stream, mask })),
    mask: reshape(exp(mask), [batch, length]), // maps 0 to 1, and minus infinity to 0
  };
}

interface EncoderText {
  readonly model: LanguageModel;
  readonly encoder: Encoder;
  readonly ids: Value;
  readonly last: Value;
}

/** A text's embeddings, and its states from the frozen layers, run by `read`. */
function readText(
  model: LanguageModel,
  ids: Value,
  read: (weights: Weights, stream: Stream) => StreamOutput,
): Omit<InputText, 'mask'> {
  const [batch, length] = ids.shape as [Dim, Dim];
  const { hiddenSize } = model.config;
  const weights = model.weights();
  const rows = model.embed(weights, reshape(ids, [multiplyDims(batch, length)]));
  const positions = reshape(iota(length), [1, length]);
  return {
    embeddings: reshape(rows, [batch, length, hiddenSize]),
    states: (layer) =>
      scope('input', () => {
        const layers = layer === undefined ? undefined : ([0, layer] as const);
        const { hidden } = read(weights, { embeddings: rows, batch, length, positions, layers });
        return reshape(hidden, [batch, length, hiddenSize]);
      }),
  };
}

/** [batch, 1, 1, length]: minus infinity after each row's last position, else 0. */
export function paddingMask(length: Dim, last: Value): Value {
  const isSeen = lessOrEqual(iota(length), reshape(last, [last.shape[0]!, 1, 1, 1]));
  return where(isSeen, scalar(0, 'float32'), scalar(Number.NEGATIVE_INFINITY, 'float32'));
}
