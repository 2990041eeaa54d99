/** @file The name that was probably meant, for "did you mean". */
import { say } from './say.js';

/** The candidate with the smallest edit distance to `name`, or undefined if none is close enough to be a typo. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let smallest = Math.max(1, Math.floor(name.length / 2)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < smallest) {
      smallest = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

/** What should be in place of `name`, which is none of `known`, for the end of a message: the probable one, or all. */
export function expectedName(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  if (nearest !== undefined) return say`did you mean "${nearest}"?`;
  return say`expected one of ${known.join(', ') || say`none`}`;
}

/** The same for the value of an option, as a message of its own. */
export function wrongName(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  if (nearest !== undefined) return say`${JSON.stringify(name)} is unknown; did you mean "${nearest}"?`;
  return say`expected one of ${known.join(', ')}, got ${JSON.stringify(name)}`;
}

/** Levenshtein distance: the fewest insertions, deletions and substitutions that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
