/** @file The share of the most frequent label, which always giving that label has as its accuracy. */

export interface Majority {
  readonly label: string;
  /** Of the rows. */
  readonly share: number;
}

/** Undefined without labels. Of labels that are equally frequent, the first. */
export function majorityOf(labels: readonly string[]): Majority | undefined {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most && { label: most[0], share: most[1] / labels.length };
}
