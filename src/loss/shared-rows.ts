/**
 * @file Examples that are one row of a batch: the same text, of whose next token (or mask) each asks for another
 * label.
 */
import type { EncodedExample } from '../text/encode.js';

/** A row of a batch. */
export interface SharedRow extends EncodedExample {
  /** The labels of further examples that differ from this one in their only label alone. */
  readonly otherLabels?: readonly number[];
}

/**
 * Neighbors among `examples` that can be one row, in groups; the others each alone. The words that stand for labels
 * are such neighbors where each is one token: the last token of a text is seen by nothing but its own loss.
 */
export function groupRows(examples: readonly EncodedExample[]): EncodedExample[][] {
  const groups: EncodedExample[][] = [];
  for (const example of examples) {
    const group = groups.at(-1);
    if (group && areOneRow(group[0]!, example)) group.push(example);
    else groups.push([example]);
  }
  return groups;
}

export function asOneRow([first, ...others]: readonly EncodedExample[]): SharedRow {
  return { ...first!, otherLabels: others.map(labelOf) };
}

function areOneRow(a: EncodedExample, b: EncodedExample): boolean {
  const target = onlyTarget(a);
  if (target === undefined || target !== onlyTarget(b)) return false;
  if (a.inputIds.length !== b.inputIds.length || a.taskId !== b.taskId) return false;
  if (!a.labels !== !b.labels) return false;
  if (!a.labels && target !== a.inputIds.length - 1) return false;
  const seen = a.labels ? a.inputIds : a.inputIds.subarray(0, target);
  return seen.every((id, i) => id === b.inputIds[i]);
}

/** Where the only token stands that is asked for; undefined where there are several, or nothing stands before it. */
function onlyTarget({ lossMask }: EncodedExample): number | undefined {
  const first = lossMask.indexOf(1);
  return first > 0 && first === lossMask.lastIndexOf(1) ? first : undefined;
}

const labelOf = ({ inputIds, lossMask, labels = inputIds }: EncodedExample) => labels[lossMask.indexOf(1)]!;
