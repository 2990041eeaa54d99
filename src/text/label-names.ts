/** @file Labels among the fields of records: which names the completions of labeled texts have. */
import type { DataRecord } from '../records/records.js';
import { fieldText } from './fields.js';

/** The labels of labeled texts. */
export interface LabelNames {
  /** The field of the label. */
  readonly field: string;
  /** All that the records have, in alphabetical order. */
  readonly names: readonly string[];
}

/** More are answers of all kinds, or grades of a measure. */
export const mostLabels = 50;

/** Collects what records have in a field, as long as it can be a label. */
export function labelNames(field: string): {
  see(record: DataRecord): void;
  found(): LabelNames | undefined;
} {
  const names = new Set<string>();
  let count = 0;
  return {
    see(record) {
      count++;
      if (names.size <= mostLabels) names.add(fieldText(record, field));
    },
    /** Undefined if there is one name alone, or if names hardly occur twice. */
    found() {
      const areLabels = names.size > 1 && names.size <= mostLabels && 2 * names.size <= count;
      return areLabels ? { field, names: [...names].sort() } : undefined;
    },
  };
}

/** The labels of several data sets together, if all have labels, in a field of the same name. */
export function joinedLabels(sets: readonly (LabelNames | undefined)[]): LabelNames | undefined {
  const [first] = sets;
  if (!first || !sets.every((set) => set?.field === first.field)) return undefined;
  return { field: first.field, names: [...new Set(sets.flatMap((set) => set!.names))].sort() };
}
