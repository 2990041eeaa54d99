/** @file Examples that share a row of a batch: the same text with different labels for its next token or mask. */
import type { EncodedExample } from '../text/encode.js';

/** A row of a batch. */
export interface SharedRow extends EncodedExample {
  /** Labels of further examples that differ from this one only in their single label. */
  readonly otherLabels?: readonly number[];
  readonly rejected?: SharedRow;
  /** What the frozen part of a divided graph makes of it (see frozen-states.ts), one list per value at the cut. */
  readonly states?: readonly Float32Array[];
}

/**
 * Groups consecutive examples that can share a row. The words of labels (verbalizers) are such examples if each is one
 * token, since only its own loss depends on a text's last token.
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

/** Position of the only token to predict; undefined if there are several, or none before it. */
function onlyTarget({ lossMask }: EncodedExample): number | undefined {
  const first = lossMask.indexOf(1);
  return first > 0 && first === lossMask.lastIndexOf(1) ? first : undefined;
}

const labelOf = ({ inputIds, lossMask, labels = inputIds }: EncodedExample) => labels[lossMask.indexOf(1)]!;
