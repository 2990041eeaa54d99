/** @file The given texts of a batch as a model's encoder takes them: the inputs of `readGiven`. */
import type { NamedTensors } from '../runtime/index.js';
import { int64Tensor } from '../tensor.js';

/** `encoder_ids` [texts, length of the longest] and `encoder_last_positions` [texts]. Padding is masked, so any id serves. */
export function encoderFeeds(texts: readonly ArrayLike<number>[]): NamedTensors {
  const length = Math.max(...texts.map((text) => text.length));
  const ids = texts.flatMap((text) => Array.from({ length }, (_, i) => text[i] ?? 0));
  return {
    encoder_ids: int64Tensor([texts.length, length], ids),
    encoder_last_positions: int64Tensor(
      [texts.length],
      texts.map((text) => text.length - 1),
    ),
  };
}
