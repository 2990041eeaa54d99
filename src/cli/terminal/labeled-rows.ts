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
    else console.log(`${labelsOf({ label, probabilities })}  ${shown(fields, labelField)}`);
  }
  const majority = majorityOf(expected);
  if (json || !majority) return;
  const correct = results.filter(({ label }, i) => label === expected[i]).length;
  const accuracy = correct / results.length;
  console.log(messages().evaluation.correct(accuracy.toFixed(4), correct, results.length));
  for (const line of majorityLines(majority, accuracy)) console.log(line);
}

/** Other labels that a line has. `--json` has all. */
const mostOthers = 3;

/** The label and its probability, and the likeliest others'. */
export function labelsOf({ label, probabilities }: Classification): string {
  const share = (name: string) => `${name} ${probabilities[name]!.toFixed(3)}`;
  const others = Object.keys(probabilities).filter((name) => name !== label);
  const likeliest = others.sort((a, b) => probabilities[b]! - probabilities[a]!).slice(0, mostOthers);
  const more = others.length > mostOthers ? ', …' : '';
  return `${share(label)}  (${likeliest.map(share).join(', ')}${more})`;
}

/** The first field of a row that is not its label. */
function shown(fields: Fields, labelField: string): unknown {
  const [name] = Object.keys(fields).filter((field) => field !== labelField);
  return name === undefined ? '' : fields[name];
}
