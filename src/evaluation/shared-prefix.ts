/**
 * @file Losses of alternative answers to a text: the tokens that all have in common are read once, and the rest of each
 *   goes on from there, in one batch.
 */
import type { Decoder, NextTokenScores } from '../generation/decoder.js';
import type { EncodedExample } from '../text/encode.js';

/** The tokens at the start of all `examples`. What any of them has to predict may be among them. */
export function sharedLength(examples: readonly EncodedExample[]): number {
  const [first, ...others] = examples.map(({ inputIds }) => inputIds);
  const end = Math.min(...examples.map(({ inputIds }) => inputIds.length)) - 1; // each keeps a token of its own
  const differs = (at: number) => others.some((ids) => ids[at] !== first![at]);
  let length = 0;
  while (length < end && !differs(length)) length++;
  return length;
}

interface Alternative {
  readonly example: EncodedExample;
  readonly text: number;
  /** Its place among the text's alternatives. */
  readonly index: number;
}

/**
 * The loss sum of each alternative of each text, as a loss evaluator has it. What they share must have a token or more,
 * and no target but those behind its first token.
 */
export async function lossesFromPrefixes(
  decoder: Decoder,
  texts: readonly (readonly EncodedExample[])[],
): Promise<number[][]> {
  const shared = texts.map(sharedLength);
  const losses = texts.map((alternatives) => alternatives.map(() => 0));
  const prefixes = texts.map(([one], i) => ({ ids: Array.from(one!.inputIds.subarray(0, shared[i]!)) }));
  let scores = await decoder.admit(prefixes, 'all');
  try {
    let rows: Alternative[] = texts.flatMap((alternatives, text) =>
      alternatives.map((example, index) => ({ example, text, index })),
    );
    /** The row of the scores, and of the decoder, that each of `rows` goes on from. */
    let parents = rows.map(({ text }) => text);
    for (let at = 0; rows.length > 0; at++) {
      for (const [i, { example, text, index }] of rows.entries()) {
        const position = shared[text]! + at;
        if (example.lossMask[position])
          losses[text]![index]! += lossOf(scores, parents[i]!, example.inputIds[position]!);
      }
      const goesOn = ({ example, text }: Alternative) => shared[text]! + at + 1 < example.inputIds.length;
      parents = parents.filter((_, i) => goesOn(rows[i]!));
      rows = rows.filter(goesOn);
      if (rows.length === 0) break;
      await decoder.reorder(parents);
      const tokens = rows.map(({ example, text }) => example.inputIds[shared[text]! + at]!);
      scores = await decoder.step(tokens, 'all');
      parents = rows.map((_, i) => i);
    }
    return losses;
  } finally {
    await decoder.reorder([]);
  }
}

/** −log p(token) by a row of scores of all tokens. */
const lossOf = ({ logits, logSumExp, candidates }: NextTokenScores, row: number, token: number): number =>
  logSumExp[row]! - logits[row * candidates + token]!;
