import { describe, expect, it } from 'vitest';
import { datasetOf } from '../text/dataset.js';
import type { EncodedExample } from '../text/encode.js';
import { rowLengthsOf } from './row-lengths.js';

/** Rows that differ from their first token on. */
const rows = (...counts: [tokens: number, labels: number][]) =>
  datasetOf(
    counts.map(([tokens, labels], row) => ({
      inputIds: new Int32Array(tokens).fill(row),
      lossMask: new Uint8Array(tokens).fill(1, tokens - labels),
    })),
  );

describe('rowLengthsOf', () => {
  const dataset = rows([9, 1], [5, 3]);
  const options = { batchSize: 2, seed: 1 };

  it('is of whole rows, those of validation included in the longest', async () => {
    const found = await rowLengthsOf(dataset, rows([11, 2]), { ...options, hasEncoder: false });
    expect(found).toEqual({ longest: 11, padding: 1 - 14 / 18, repetition: 0 });
  });

  it('is of what the encoder and the decoder read, if there is an encoder', async () => {
    const found = await rowLengthsOf(dataset, rows([11, 2]), { ...options, hasEncoder: true });
    // 8 and 2 tokens for the encoder, 1 and 3 for the decoder
    expect(found).toEqual({ longest: 9, padding: 1 - 14 / 22, repetition: 0 });
  });

  it('says how many tokens a row has in common with an earlier one of its batch, from its first on', async () => {
    const example = (...ids: number[]) => ({
      inputIds: Int32Array.from(ids),
      lossMask: Uint8Array.from(ids, () => 1),
    });
    const found = (...examples: EncodedExample[]) =>
      rowLengthsOf(datasetOf(examples), undefined, { batchSize: 3, seed: 1, hasEncoder: false });
    const texts = [example(1, 2, 3, 4), example(1, 2, 5), example(1, 6, 3, 4)];
    expect(await found(...texts)).toMatchObject({ repetition: 3 / 12 });
    expect(await found({ ...texts[0]!, rejected: texts[2] })).toMatchObject({ repetition: 1 / 8 });
  });
});
