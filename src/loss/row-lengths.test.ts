import { describe, expect, it } from 'vitest';
import { datasetOf } from '../text/dataset.js';
import { rowLengthsOf } from './row-lengths.js';

const rows = (...counts: [tokens: number, labels: number][]) =>
  datasetOf(
    counts.map(([tokens, labels]) => ({
      inputIds: new Int32Array(tokens),
      lossMask: new Uint8Array(tokens).fill(1, tokens - labels),
    })),
  );

describe('rowLengthsOf', () => {
  const dataset = rows([9, 1], [5, 3]);
  const options = { batchSize: 2, seed: 1 };

  it('is of whole rows, those of validation included in the longest', () => {
    const found = rowLengthsOf(dataset, rows([11, 2]), { ...options, hasEncoder: false });
    expect(found).toEqual({ longest: 11, padding: 1 - 14 / 18 });
  });

  it('is of what the encoder and the decoder read, if there is an encoder', () => {
    const found = rowLengthsOf(dataset, rows([11, 2]), { ...options, hasEncoder: true });
    // 8 and 2 tokens for the encoder, 1 and 3 for the decoder
    expect(found).toEqual({ longest: 9, padding: 1 - 14 / 22 });
  });
});
