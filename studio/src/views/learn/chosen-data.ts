/** @file Rows that were chosen on the page. */
export interface ChosenData {
  /** A path in the studio's folder, or a data set of the Hub. */
  readonly path: string;
  /** What to call it. */
  readonly name: string;
  /** The preset that it is from. */
  readonly preset?: string;
}

/** What a run or report over it would be called: the name without what tells its format. */
export function stemOf({ name }: ChosenData): string {
  const stem = name.replace(/\.(gz|jsonl|json|csv|tsv|txt|parquet)\b/gi, '');
  return stem.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[-.]+|-+$/g, '');
}

/** A name that is not taken. */
export function freeName(proposed: string, taken: ReadonlySet<string>): string {
  let free = proposed;
  for (let i = 2; taken.has(free); i++) free = `${proposed}-${i}`;
  return free;
}
