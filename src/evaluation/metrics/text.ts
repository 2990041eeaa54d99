/** @file Splits texts like the Python implementations that metrics are checked against. */

/** Space in Python's `str.split()` and `\s`. JavaScript's `\s` differs in control characters. */
const space = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const spaces = new RegExp(`[${space}]+`, 'g');

/** The words between spaces. */
export function words(text: string): string[] {
  return text.split(spaces).filter((word) => word !== '');
}

/** The characters of a text without its spaces. */
export function charactersOf(text: string): string[] {
  return [...text.replace(spaces, '')];
}

/** The count of each n-gram. A key is its parts, joined by a character that no part contains. */
export function countNgrams(parts: readonly string[], n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= parts.length; i++) {
    const gram = parts.slice(i, i + n).join('\u0000');
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

/** The number of n-grams that two counts have in common. */
export function countCommon(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let common = 0;
  for (const [gram, count] of a) common += Math.min(count, b.get(gram) ?? 0);
  return common;
}

/** The highest count of each n-gram among several texts. */
export function highestCounts(counts: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const highest = new Map<string, number>();
  for (const one of counts)
    for (const [gram, count] of one) highest.set(gram, Math.max(count, highest.get(gram) ?? 0));
  return highest;
}

/** The harmonic mean of precision and recall. */
export function fMeasure(precision: number, recall: number): number {
  return precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
}
