/** @file Prints the labels of rows, and the accuracy where the rows have labels of their own. */
import { type Classification, type Fields, majorityOf, writeJson } from '../../index.js';
import { messages } from '../messages/index.js';
import { majorityLines } from './evaluation-figures.js';

/** @param expected the labels of the rows, or none */
export function printLabeledRows(
  rows: readonly (Fields | string)[],
  results: readonly Classification[],
  { labelField, expected, json }: { labelField: string; expected: readonly string[]; json?: boolean },
): void {
  const hasLabels = expected.length > 0;
  for (const [i, { label, probabilities }] of results.entries()) {
    const row = rows[i]!;
    const fields = typeof row === 'string' ? { text: row } : row;
    if (json)
      console.log(
        writeJson({ ...fields, label, probabilities, ...(hasLabels && { expected: expected[i] }) }),
      );
    else console.log(`${label} ${probabilities[label]!.toFixed(3)}  ${shown(fields, labelField)}`);
  }
  const majority = majorityOf(expected);
  if (json || !majority) return;
  const correct = results.filter(({ label }, i) => label === expected[i]).length;
  const accuracy = correct / results.length;
  console.log(messages().evaluation.correct(accuracy.toFixed(4), correct, results.length));
  for (const line of majorityLines(majority, accuracy)) console.log(line);
}

/** The first field of a row that is not its label. */
function shown(fields: Fields, labelField: string): unknown {
  const [name] = Object.keys(fields).filter((field) => field !== labelField);
  return name === undefined ? '' : fields[name];
}
