/**
 * @file Decoding in tests: a batch that begins anew, and its next step, with the scores of all tokens unless fewer are
 * asked for.
 */
import type { Candidates, Decoder } from '../../src/generation/decoder.js';

export async function startBatch(
  decoder: Decoder,
  texts: readonly (readonly number[])[],
  {
    candidates = 'all',
    adapters = [],
  }: { candidates?: Candidates; adapters?: readonly (string | undefined)[] } = {},
) {
  await decoder.reorder([]);
  return decoder.admit(
    texts.map((ids, row) => ({ ids, adapter: adapters[row] })),
    candidates,
  );
}

export async function nextStep(
  decoder: Decoder,
  tokens: readonly number[],
  { parents, candidates = 'all' }: { parents?: readonly number[]; candidates?: Candidates } = {},
) {
  if (parents) await decoder.reorder(parents);
  return decoder.step(tokens, candidates);
}
