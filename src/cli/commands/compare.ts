/**
 * @file `promptune compare`: methods × seeds × sizes in one table; or two files of predictions, by a significance test.
 */
import { Command, Option } from 'commander';
import { comparePredictions, formatP, formatScore, UsageError } from '../../index.js';
import {
  type CellResult,
  type ComparisonEvent,
  compareMethods,
  comparisonSchema,
  readComparisonFile,
  tableCells,
} from '../../workspace/index.js';
import { names } from '../options/arguments.js';
import { addOptions, modelOptions } from '../options/model-options.js';
import { formatDuration } from '../terminal/format.js';
import { interruptSignal } from '../terminal/interrupt.js';
import { jobProgress } from '../terminal/job-progress.js';
import { printTable } from '../terminal/text-table.js';

interface CompareFlags {
  metrics?: string[];
  offline?: boolean;
  json?: boolean;
}

const keyLines = Object.entries(comparisonSchema.shape).map(
  ([key, { description }]) => `  ${key.padEnd(16)}${description}`,
);

export const compareCommand = new Command('compare')
  .description(
    'train and score several methods, seeds and data sizes as configured in a YAML file; or compare the predictions of two runs',
  )
  .argument('<files...>', 'a configuration (.yaml), or two files that eval wrote with --predictions')
  .addHelpText(
    'after',
    `
Finished cells are kept: the same command goes on where it was stopped. A configuration has the keys of promptune train
that all methods share, labels as in promptune eval, and besides:
${keyLines.join('\n')}`,
  )
  .action(runCompare);

addOptions(compareCommand, 'Run:', [
  new Option(
    '--metrics <names>',
    'metrics to compare two files of predictions by, comma-separated (default: those that they have scores of)',
  ).argParser(names),
  modelOptions().offline,
  new Option('--json', 'print the results as JSON'),
]);

async function runCompare(files: string[], flags: CompareFlags): Promise<void> {
  const isConfig = (file: string) => /\.ya?ml$/i.test(file);
  if (files.length === 1 && isConfig(files[0]!)) return compareByFile(files[0]!, flags);
  if (files.length === 2 && !files.some(isConfig)) return compareFiles([files[0]!, files[1]!], flags);
  throw new UsageError(
    `expected one configuration (.yaml), or two files of predictions (.jsonl), got ${files.join(' ')}`,
  );
}

async function compareFiles(files: readonly [string, string], flags: CompareFlags): Promise<void> {
  const { rows, metrics } = await comparePredictions(files, flags.metrics);
  if (flags.json) return console.log(JSON.stringify({ files, rows, metrics }));
  console.log(`${rows} rows of the same data; difference: second minus first, with its 95 % interval`);
  const lines = metrics.map(({ name, first, second, difference, interval, pValue }) => {
    const shown = (value: number) => formatScore(name, value);
    const between = interval ? ` [${shown(interval.low)}, ${shown(interval.high)}]` : '';
    const sign = difference > 0 ? '+' : '';
    return [
      name,
      shown(first),
      shown(second),
      `${sign}${shown(difference)}${between}`,
      pValue === undefined ? '' : formatP(pValue),
    ];
  });
  printTable([['', ...files, 'difference', ''], ...lines]);
}

async function compareByFile(path: string, { metrics, offline, json }: CompareFlags): Promise<void> {
  if (metrics) throw new UsageError('--metrics: the configuration has the metrics; leave it out');
  const config = await readComparisonFile(path);
  const signal = interruptSignal();
  const progress = jobProgress();
  const told = new Set<string>();
  const onEvent = (event: ComparisonEvent) => {
    if (event.type === 'cell event') {
      const { id, number, count, event: inner } = event;
      if (inner.type === 'warning') {
        if (told.has(inner.message)) return; // what is read past is the same in every cell
        told.add(inner.message);
      }
      const what = inner.type === 'progress' && inner.stage === 'training' ? 'training' : 'scoring';
      return progress.event(inner, `${number} of ${count}, ${id}: ${what}`);
    }
    progress.clear();
    if (!json) console.log(cellLine(event));
  };
  try {
    const results = await compareMethods(config, { offline, signal, onEvent });
    progress.clear();
    if (!results) {
      console.error(`Stopped. Resume with the same command: promptune compare ${path}`);
      process.exitCode = 130;
      return;
    }
    if (json) return console.log(JSON.stringify(results));
    console.log('');
    printTable(tableCells(results.rows));
    console.log(`\nThe table, all results and a report with charts are in ${config.output}`);
  } finally {
    progress.clear();
  }
}

function cellLine({ id, result, kept }: { id: string; result: CellResult; kept: boolean }): string {
  const { scores, seconds } = result;
  const shown = Object.entries(scores).map(([name, value]) => `${name} ${formatScore(name, value)}`);
  const time = seconds > 0 ? `, ${formatDuration(seconds)}` : '';
  return `${id}: ${shown.join(', ')}${time}${kept ? ' (kept)' : ''}`;
}
