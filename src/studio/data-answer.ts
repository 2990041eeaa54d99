/** @file What the studio tells of data, from what the library finds in it. The page does it too, in a tab alone. */
import type { RunDataReport } from '../runs/check-run-data.js';
import type { DataReport } from './api/index.js';

export function dataAnswer(report: RunDataReport): DataReport {
  const { rows, shape, notes, tokens, labelTokens, maxLength = 0, truncated, dropped, duplicates } = report;
  const counted = <Name extends string>(name: Name, counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(
      ([key, count]) => ({ [name]: key, count }) as Record<Name, string> & { count: number },
    );
  return {
    ...{ rows, recognized: shape, notes: [...notes], fields: [...report.fields] },
    ...{ targetTokens: labelTokens, maxLength },
    ...(tokens && { lengths: { ...tokens, histogram: [...tokens.histogram] } }),
    ...{ truncated, dropped, duplicates },
    ...(report.labels && { labels: counted('label', report.labels) }),
    emptyFields: counted('field', report.emptyFields),
    faults: { count: report.faults, messages: [...report.messages] },
    examples: report.tokenized.map(({ tokens: own, ...example }) => ({ ...example, tokens: [...own] })),
  };
}
