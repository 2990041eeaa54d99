/**
 * @file How long a soft prompt must be, and how to initialize it (Lester, Al-Rfou and Constant 2021, figure 3): P
 *   vectors, initialized randomly, from the vocabulary or from the labels, on reviews with their sentiment. A stopped
 *   study continues with the same command: `npx tsx bench/studies/prompt-lengths.ts --task sst2 --train train.tsv
 *   --test dev.tsv --output FOLDER`. Results: prompt-lengths.md.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { predictionsName } from '../../src/comparison/cells.js';
import { readPredictions } from '../../src/evaluation/predictions.js';
import { writeFileAtomic } from '../../src/formats/files.js';
import { randomFor, shuffledIndices } from '../../src/random.js';
import { openRecords } from '../../src/records/records.js';
import { fieldText } from '../../src/text/fields.js';
import { intervalOfMean, lengthTable, type Outcome } from './length-table.js';
import { fail, jsonl, list, runCompare, spread, wholeNumber } from './run-compare.js';

const usage = `npx tsx bench/studies/prompt-lengths.ts --task sst2|hotel --train FILE [--test FILE] [--output FOLDER]
  [--model NAME] [--lengths 1,5,20,100] [--inits random,sample-vocab,labels] [--seeds 1,2,3] [--steps N]
  [--train-rows N] [--test-rows N] [--learning-rate RATE]`;

/** The fields of each data set, and words for its labels 1 and 0 from the corpus of the bundled model. */
const tasks = {
  sst2: { field: 'sentence', labels: ['Positive', 'Negative'] },
  hotel: { field: 'review', labels: ['好评', '差评'] },
} as const;

const { values } = parseArgs({
  options: {
    task: { type: 'string', default: '' },
    train: { type: 'string' },
    test: { type: 'string' },
    output: { type: 'string' },
    model: { type: 'string' },
    lengths: { type: 'string', default: '1,5,20,100' },
    inits: { type: 'string', default: 'random,sample-vocab,labels' },
    seeds: { type: 'string', default: '1' },
    steps: { type: 'string', default: '150' },
    'train-rows': { type: 'string', default: '1000' },
    'test-rows': { type: 'string', default: '300' },
    'learning-rate': { type: 'string', default: '0.03' },
  },
});
const task = Object.hasOwn(tasks, values.task) ? tasks[values.task as keyof typeof tasks] : undefined;
if (!task || !values.train) fail(`give --task and --train\n${usage}`);
const { output = `prompt-lengths-${values.task}`, model } = values;
const testRows = wholeNumber('test-rows', values['test-rows']);
const inits = list(values.inits);
const lengths = list(values.lengths).map((length) => wholeNumber('lengths', length));
const seeds = list(values.seeds).map((seed) => wholeNumber('seeds', seed));
const learningRate = Number(values['learning-rate']);
if (!(learningRate > 0)) fail(`--learning-rate: expected a number above 0, got "${values['learning-rate']}"`);

async function rowsOf(path: string, { field, labels }: NonNullable<typeof task>) {
  const rows: { text: string; label: string }[] = [];
  const records = await openRecords(path);
  for await (const record of records) {
    const text = fieldText(record, field).trim();
    const label = fieldText(record, 'label') === '1' ? labels[0] : labels[1];
    rows.push({ text, label });
  }
  await records.close();
  return rows;
}

/** The training and test rows: from two files, or from one that is split, always in the same way. */
async function dividedRows(path: string, known: NonNullable<typeof task>) {
  const train = await rowsOf(path, known);
  if (values.test) return { train, test: spread(await rowsOf(values.test, known), testRows) };
  const order = shuffledIndices(train.length, randomFor('sample', 0)).map((index) => train[index]!);
  return { test: order.slice(0, testRows), train: order.slice(testRows) };
}

const { train, test } = await dividedRows(values.train, task);
// The count is in the names, so that cells computed from other rows are not reused.
const [trainFile, testFile] = [
  join(output, `train-${train.length}.jsonl`),
  join(output, `test-${test.length}.jsonl`),
];
await mkdir(output, { recursive: true });
await writeFileAtomic(trainFile, jsonl(train));
await writeFileAtomic(testFile, jsonl(test));

const combinations = inits.flatMap((init) => lengths.map((length) => ({ init, length })));
const nameOf = ({ init, length }: { init: string; length: number }) => `${init}-${length}`;
console.log(
  `${combinations.length} combinations × ${seeds.length} seeds; ${test.length} rows to test on, of which ` +
    `${test.filter(({ label }) => label === task.labels[0]).length} are ${task.labels[0]}.`,
);
const trainRows = wholeNumber('train-rows', values['train-rows']);
const cells = await runCompare(output, {
  ...(model && { model }),
  data: trainFile,
  test: testFile,
  template: '{text}\n',
  completionTemplate: '{label}',
  appendEos: false,
  maxLength: 96, // the same for all lengths: the bundled model has 256 positions, and the longest prompt takes 100
  labels: task.labels,
  metrics: ['accuracy'],
  seeds,
  sizes: [trainRows],
  maxSteps: wholeNumber('steps', values.steps),
  learningRate,
  methods: combinations.map((combination) => ({
    name: nameOf(combination),
    method: 'prompt-tuning',
    methodOptions: {
      numVirtualTokens: combination.length,
      init: combination.init,
      ...(combination.init === 'labels' && { initLabels: task.labels }),
    },
  })),
});
if (cells) {
  const outcomes: Outcome[] = [];
  for (const { init, length } of combinations) {
    const name = nameOf({ init, length });
    const own = cells.filter(({ method }) => method === name);
    const runs = own.map(({ seed }) =>
      join(output, 'runs', `${name}-${trainRows}-seed-${seed}`, predictionsName),
    );
    outcomes.push({
      init,
      length,
      accuracies: own.map(({ result }) => result.scores.accuracy!),
      interval: intervalOfMean(await Promise.all(runs.map(readPredictions))),
    });
  }
  const table = lengthTable(outcomes);
  await writeFileAtomic(join(output, 'table.md'), `${table}\n`);
  console.log(`\n${table}\n\nThe table is also in ${join(output, 'table.md')}`);
}
