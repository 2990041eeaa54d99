/** @file Packs short texts into rows of one length, so that training computes no padding. */
import { UsageError } from '../errors.js';
import { randomFor, shuffledIndices } from '../random.js';
import { say } from '../say.js';
import type { Dataset } from './dataset.js';

/** A part of an example that goes into one row as a whole. */
interface Piece {
  readonly example: number;
  readonly start: number;
  readonly end: number;
}

export interface PackingOptions {
  /** Maximum number of tokens per row. */
  length: number;
  /** The same seed gives the same rows. */
  seed: number;
}

/**
 * Packs the examples of `dataset` into rows of at most `length` tokens. An example that fits is never split; a longer
 * one is split into pieces of `length` and a rest. Each piece goes into the fullest row that has room for it, longest
 * pieces first (best-fit packing: Ding et al. 2024, arXiv:2404.10830). Later texts of a row see the earlier ones.
 *
 * The rows are read from `dataset`, which must outlive them; disposing of the rows does nothing.
 */
export function packDataset(dataset: Dataset, { length, seed }: PackingOptions): Dataset {
  if (!Number.isInteger(length) || length < 2)
    throw new UsageError(say`rows of ${length} tokens cannot be packed; expected an integer from 2`);
  const rows = bestFit(piecesOf(dataset, length, seed), length);
  const sum = (row: readonly Piece[], count: (piece: Piece) => number) =>
    row.reduce((total, piece) => total + count(piece), 0);
  return {
    length: rows.length,
    tokenCounts: Int32Array.from(rows, (row) => sum(row, sizeOf)),
    labelCounts: Int32Array.from(rows, (row) => sum(row, (piece) => labelsIn(piece, dataset))),
    async get(index) {
      const row = rows[index];
      if (!row) throw new RangeError(`row ${index} does not exist, expected 0 to ${rows.length - 1}`);
      const examples = await Promise.all(row.map(({ example }) => dataset.get(example)));
      const inputIds = new Int32Array(sum(row, sizeOf));
      const lossMask = new Uint8Array(inputIds.length);
      let at = 0;
      for (const [i, { start, end }] of row.entries()) {
        inputIds.set(examples[i]!.inputIds.subarray(start, end), at);
        lossMask.set(examples[i]!.lossMask.subarray(start, end), at);
        at += end - start;
      }
      return { inputIds, lossMask };
    },
    async dispose() {},
  };
}

const sizeOf = ({ start, end }: Piece) => end - start;

/** An example's labels are at its end. */
function labelsIn({ example, start, end }: Piece, { tokenCounts, labelCounts }: Dataset): number {
  const firstLabel = tokenCounts[example]! - labelCounts[example]!;
  return Math.max(0, end - Math.max(start, firstLabel));
}

/** In random order, so that pieces of the same length are combined independently of their order in the file. */
function piecesOf({ tokenCounts }: Dataset, length: number, seed: number): Piece[] {
  return shuffledIndices(tokenCounts.length, randomFor('packing', seed)).flatMap((example) => {
    const count = tokenCounts[example]!;
    return Array.from({ length: Math.ceil(count / length) }, (_, i) => ({
      example,
      start: i * length,
      end: Math.min(count, (i + 1) * length),
    }));
  });
}

function bestFit(pieces: readonly Piece[], length: number): Piece[][] {
  const rows: Piece[][] = [];
  /** Rows by their remaining room. */
  const withRoom = Array.from({ length: length + 1 }, (): Piece[][] => []);
  for (const piece of pieces.toSorted((a, b) => sizeOf(b) - sizeOf(a))) {
    let room = sizeOf(piece);
    while (room < length && withRoom[room]!.length === 0) room++;
    const row = withRoom[room]!.pop() ?? [];
    if (row.length === 0) rows.push(row);
    row.push(piece);
    withRoom[room - sizeOf(piece)]!.push(row);
  }
  return rows;
}
