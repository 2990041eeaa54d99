/** @file All that can happen to the rows of a batch, once. */
import type { Decoder } from '../../src/generation/decoder.js';

/**
 * Rows that join, are dropped, repeated and exchanged, take several tokens at once and give some back.
 * @returns the scores after every step, of all tokens
 */
export async function decodingScript(decoder: Decoder, longest = 6): Promise<number[]> {
  const scores: number[] = [];
  const note = ({ logits }: { logits: Float32Array }) => scores.push(...logits);
  const long = Array.from({ length: longest }, (_, i) => (7 * i) % 30);
  note(await decoder.admit([{ ids: long }, { ids: [9, 2] }], 'all'));
  note(await decoder.step([1, 2], 'all'));
  note(await decoder.admit([{ ids: [4, 8, 5] }], 'all'));
  note(await decoder.step([3, 4, 5], 'all'));
  await decoder.reorder([2, 0]);
  note(await decoder.stepSeveral([[6], [7, 8, 9, 10, 11, 12, 13, 14]], 'all'));
  await decoder.takeBack([0, 7]);
  note(await decoder.step([15, 16], 'all'));
  await decoder.reorder([1, 0, 1]);
  note(await decoder.step([17, 18, 19], 'all'));
  await decoder.reorder([0]);
  note(await decoder.step([20], 'all'));
  await decoder.reorder([]);
  note(await decoder.admit([{ ids: [3, 1] }], 'all'));
  return scores;
}
