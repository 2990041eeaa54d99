/** @file The texts of a batch as methods see them that make a prompt of each. */
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
import { givenMask } from './text-inputs.js';

/** Only what a model is given counts, not what is asked of it. */
export interface GivenText {
  /** The frozen model's embeddings [batch, length, hidden]. */
  readonly embeddings: Value;
  /** float32 [batch, length]: 1 where a token is given, 0 for padding and for what is to be predicted. */
  readonly mask: Value;
  /**
   * The frozen model's last states [batch, length, hidden], for methods that pay for a pass through it. Those of given
   * tokens know nothing of what is asked for, which comes after them.
   */
  states(): Value;
}

/** A decoder's given text. @param ids [batch, length] */
export function givenText(model: LanguageModel, ids: Value): GivenText {
  return {
    ...readText(model, ids, (weights, stream) => model.forward(weights, stream)),
    mask: givenMask.value,
  };
}

/** The same where an encoder reads it: all that is in `ids`, up to `last` [batch]. Its states are the encoder's. */
export function encoderText({ model, encoder, ids, last }: EncoderText): GivenText {
  const [batch, length] = ids.shape as [Dim, Dim];
  const mask = paddingMask(length, last);
  return {
    ...readText(model, ids, (weights, stream) => encoder.read(weights, { ...stream, mask })),
    mask: reshape(exp(mask), [batch, length]), // 0 becomes 1, and minus infinity 0
  };
}

interface EncoderText {
  readonly model: LanguageModel;
  readonly encoder: Encoder;
  readonly ids: Value;
  readonly last: Value;
}

/** A text's embeddings, and its states by the frozen layers that `read` it. */
function readText(
  model: LanguageModel,
  ids: Value,
  read: (weights: Weights, stream: Stream) => StreamOutput,
): Omit<GivenText, 'mask'> {
  const [batch, length] = ids.shape as [Dim, Dim];
  const { hiddenSize } = model.config;
  const weights = model.weights();
  const rows = model.embed(weights, reshape(ids, [multiplyDims(batch, length)]));
  const positions = reshape(iota(length), [1, length]);
  return {
    embeddings: reshape(rows, [batch, length, hiddenSize]),
    states: () =>
      scope('given', () => {
        const { hidden } = read(weights, { embeddings: rows, batch, length, positions });
        return reshape(hidden, [batch, length, hiddenSize]);
      }),
  };
}

/** [batch, 1, 1, length]: minus infinity behind each row's last position. */
export function paddingMask(length: Dim, last: Value): Value {
  const isSeen = lessOrEqual(iota(length), reshape(last, [last.shape[0]!, 1, 1, 1]));
  return where(isSeen, scalar(0, 'float32'), scalar(Number.NEGATIVE_INFINITY, 'float32'));
}
