import { describe, expect, it } from 'vitest';
import { prefillPieces } from './prefill-pieces.js';

describe('the pieces of texts that are read', () => {
  it('are whole texts where these are short', () => {
    expect([...prefillPieces([3, 256, 7])]).toEqual([{ first: 0, done: 0, counts: [3, 256, 7] }]);
  });

  it('take 256 tokens of a row at once, and leave rows out whose text is over', () => {
    expect([...prefillPieces([300, 10, 600, 257])]).toEqual([
      { first: 0, done: 0, counts: [256, 10, 256, 256] },
      { first: 0, done: 256, counts: [44] },
      { first: 2, done: 256, counts: [256, 1] },
      { first: 2, done: 512, counts: [88] },
    ]);
  });

  it('are whole texts where the model depends on their length', () => {
    expect([...prefillPieces([300, 10], { isWhole: true })]).toEqual([
      { first: 0, done: 0, counts: [300, 10] },
    ]);
  });

  it('take fewer of each of many rows, and no row without a text', () => {
    const lengths = Array.from({ length: 64 }, (_, row) => (row === 0 ? 0 : row === 63 ? 70 : 64));
    expect([...prefillPieces(lengths)]).toEqual([
      { first: 1, done: 0, counts: Array.from({ length: 63 }, () => 64) },
      { first: 63, done: 64, counts: [6] },
    ]);
    expect([...prefillPieces(Array.from({ length: 256 }, () => 40))].map(({ counts }) => counts[0])).toEqual([
      32, 8,
    ]);
  });
});
