/** @file How the texts of rows that join a batch are read: in pieces, so that memory grows with their length only. */

/** Consecutive rows that are read together, and how many tokens of each. */
export interface PrefillPiece {
  /** The first of the rows, and the tokens of each that have been read before. */
  readonly first: number;
  readonly done: number;
  /** Tokens of each row, from `done` on. */
  readonly counts: readonly number[];
}

/**
 * Tokens of a row that are read at once. As measured, 128 to 512 take the same time; longer pieces take more, since
 * they score tokens that are hidden from all of them, and more memory.
 */
const widest = 256;
/** Tokens of all rows that are read at once, unless that leaves a row fewer than `narrowest`. */
const mostTokens = 4096;
const narrowest = 32;

/**
 * The pieces of texts of these lengths, in order. The scores of n tokens for one another are n² numbers per head; in
 * pieces of w they are w · n. Rows whose text is over are left out of the pieces behind it.
 * @param isWhole whether a row is read at once, for models in which earlier tokens depend on how many follow
 */
export function* prefillPieces(
  lengths: readonly number[],
  { isWhole = false } = {},
): Generator<PrefillPiece> {
  const fair = Math.max(narrowest, Math.min(widest, Math.floor(mostTokens / lengths.length)));
  const width = isWhole ? Number.POSITIVE_INFINITY : fair;
  const longest = Math.max(...lengths);
  for (let done = 0; done < longest; done += width) {
    for (let first = 0; first < lengths.length; first++) {
      const counts: number[] = [];
      while (lengths[first + counts.length]! > done)
        counts.push(Math.min(width, lengths[first + counts.length]! - done));
      if (counts.length > 0) yield { first, done, counts };
      first += counts.length;
    }
  }
}
