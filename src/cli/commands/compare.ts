/** @file `promptune compare`: methods × seeds × sizes in one table; or two files of predictions, by a significance test. */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import {
  type Cell,
  type CellResult,
  finishedResult,
  planCells,
  writeSamples,
} from '../../comparison/cells.js';
import { type ComparisonConfig, readComparison } from '../../comparison/config.js';
import { comparisonReport } from '../../comparison/report.js';
import {
  type ComparisonRow,
  comparisonRows,
  type FinishedCell,
  markdownTable,
  tableCells,
} from '../../comparison/table.js';
import { PromptuneError, UsageError } from '../../errors.js';
import { comparePredictions } from '../../evaluation/predictions.js';
import { formatP, formatScore } from '../../evaluation/report/evaluation-report.js';
import { writeFileAtomic, writeJsonAtomic } from '../../formats/files.js';
import { names } from '../options/arguments.js';
import { readConfigFile } from '../options/config-file.js';
import { addOptions, modelOptions } from '../options/model-options.js';
import { formatDuration } from '../terminal/format.js';
import { interruptSignal } from '../terminal/interrupt.js';
import { counted, type ProgressLine, progressLine } from '../terminal/progress-line.js';
import { printTable } from '../terminal/text-table.js';
import type { CellMessage, CellRequest } from './compare-cell.js';

interface CompareFlags {
  metrics?: string[];
  offline?: boolean;
  json?: boolean;
}

export const compareCommand = new Command('compare')
  .description(
    'train and score several methods with several seeds and sizes of data, as a YAML file says; or compare the predictions of two runs',
  )
  .argument('<files...>', 'a configuration (.yaml), or two files that eval wrote with --predictions')
  .addHelpText(
    'after',
    `
Finished cells are kept: the same command goes on where it was stopped. A configuration has the keys of promptune train
that all methods share, and besides:
  methods      what is compared: names of methods, or name, method and settings of their own
  seeds        such as [1, 2, 3] (default: [0])
  sizes        how many training examples, such as [50, 200, all] (default: [all])
  test         the file that all are scored on
  metrics      such as [accuracy, macro-f1]; labels, referenceField, generation as in promptune eval
  untuned      false leaves out the model as it is, which is scored first
  output       the folder of all runs and of table.md, results.json and report.html`,
  )
  .action(runCompare);

addOptions(compareCommand, 'Run:', [
  new Option(
    '--metrics <names>',
    'of two files of predictions: what to compare by, with commas between (default: what they have scores of)',
  ).argParser(names),
  modelOptions().offline,
  new Option('--json', 'print the results as JSON'),
]);

async function runCompare(files: string[], flags: CompareFlags): Promise<void> {
  const isConfig = (file: string) => /\.ya?ml$/i.test(file);
  if (files.length === 1 && isConfig(files[0]!)) return compareMethods(files[0]!, flags);
  if (files.length === 2 && !files.some(isConfig)) return compareFiles([files[0]!, files[1]!], flags);
  throw new UsageError(
    `expected one configuration (.yaml), or two files of predictions (.jsonl), got ${files.join(' ')}`,
  );
}

async function compareFiles(files: readonly [string, string], flags: CompareFlags): Promise<void> {
  const { rows, metrics } = await comparePredictions(files, flags.metrics);
  if (flags.json) return console.log(JSON.stringify({ files, rows, metrics }));
  console.log(`${rows} rows of the same data; difference: the second less the first, with its 95 % interval`);
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

async function compareMethods(path: string, flags: CompareFlags): Promise<void> {
  if (flags.metrics) throw new UsageError('--metrics: the configuration says what methods are scored by');
  const file = await readConfigFile(path);
  const config = readComparison(file.values);
  if (Array.isArray(config)) {
    const place = (keys: readonly PropertyKey[]) => {
      const line = file.lineOf(keys);
      return `${path}${line === undefined ? '' : ` (line ${line})`}: ${keys.join('.')}`;
    };
    throw new UsageError(config.map((problem) => `${place(problem.path)}: ${problem.message}`).join('\n'));
  }
  const comparison = config as ComparisonConfig;
  const signal = interruptSignal();
  const cells = planCells(comparison);
  await writeSamples(comparison);
  const line = progressLine();
  const finished: FinishedCell[] = [];
  for (const [i, cell] of cells.entries()) {
    const kept = await finishedResult(cell);
    const result =
      kept ?? (await computeCell(cell, `${i + 1} of ${cells.length}, ${cell.id}`, line, flags, signal));
    line.clear();
    if (!result) {
      console.error(`Stopped. The same command goes on: promptune compare ${path}`);
      process.exitCode = 130;
      return;
    }
    finished.push({ ...cell, result });
    if (!flags.json) console.log(cellLine(cell, result, kept !== undefined));
    await writeOutputs(comparison, finished);
    signal.throwIfAborted();
  }
  const rows = comparisonRows(finished);
  if (flags.json) return console.log(JSON.stringify(resultsOf(comparison, finished, rows)));
  console.log('');
  printTable(tableCells(rows));
  console.log(`\nThe table, all results and a report with charts are in ${comparison.output}`);
}

/** Computes a cell in a process of its own, whose memory is the cell's. Undefined where it was stopped. */
async function computeCell(
  cell: Cell,
  title: string,
  line: ProgressLine,
  { offline }: CompareFlags,
  signal: AbortSignal,
): Promise<CellResult | undefined> {
  const isSource = import.meta.url.endsWith('.ts');
  const child = fork(new URL(`./compare-cell.${isSource ? 'ts' : 'js'}`, import.meta.url));
  const revision = cell.settings.run?.revision;
  let end: CellMessage | undefined;
  child.on('message', (message: CellMessage) => {
    if (message.type !== 'progress') end = message;
    else line.show(counted(`${title}: ${message.what === 'step' ? 'training' : 'scoring'}`, message));
  });
  const stop = () => child.send('stop');
  signal.addEventListener('abort', stop, { once: true });
  child.send({ cell, revision, offline } satisfies CellRequest);
  const [code, killedBy] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.once('close', (...how) => resolve(how)),
  );
  signal.removeEventListener('abort', stop);
  line.clear();
  if (end?.type === 'end') return end.stopped ? undefined : finishedResult(cell);
  if (end?.type === 'error')
    throw new (end.isUsage ? UsageError : PromptuneError)(`${cell.id}: ${end.message}`);
  throw new PromptuneError(
    `${cell.id}: its process ended with ${killedBy ?? code}; the same command goes on`,
  );
}

function cellLine({ id }: Cell, { scores, seconds }: CellResult, wasKept: boolean): string {
  const shown = Object.entries(scores).map(([name, value]) => `${name} ${formatScore(name, value)}`);
  const time = seconds > 0 ? `, ${formatDuration(seconds)}` : '';
  return `${id}: ${shown.join(', ')}${time}${wasKept ? ' (kept)' : ''}`;
}

function resultsOf(config: ComparisonConfig, cells: readonly FinishedCell[], rows: readonly ComparisonRow[]) {
  const { model, test } = config;
  return {
    model,
    test,
    rows,
    cells: cells.map(({ method, size, seed, result }) => ({ method, size, seed, ...result })),
  };
}

async function writeOutputs(config: ComparisonConfig, cells: readonly FinishedCell[]): Promise<void> {
  const { model, output, test } = config;
  const rows = comparisonRows(cells);
  await writeFileAtomic(join(output, 'table.md'), markdownTable(rows));
  await writeJsonAtomic(join(output, 'results.json'), resultsOf(config, cells, rows));
  const facts = {
    model,
    data: [config.methods[0]!.config.data].flat().join(', '),
    test: `${test}, ${cells[0]!.result.rows} rows`,
    seeds: config.seeds.join(', '),
  };
  const report = comparisonReport({ title: `Methods on ${test}`, facts, rows, cells });
  await writeFileAtomic(join(output, 'report.html'), report);
}
