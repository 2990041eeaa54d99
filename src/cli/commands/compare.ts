/**
 * @file `promptune compare`: methods × seeds × sizes in one table; or two files of predictions, by a significance test.
 */

import { Command, Option } from 'commander';
import { comparePredictions, formatP, formatScore, UsageError } from '../../index.js';
import { say } from '../../say.js';
import {
  type ComparisonEvent,
  compareMethods,
  comparisonSchema,
  planCells,
  readComparisonFile,
  tableCells,
} from '../../workspace/index.js';
import { helpText, messages } from '../messages/index.js';
import { names } from '../options/arguments.js';
import {
  type DistributionFlags,
  distributionOptions,
  openDistribution,
} from '../options/distribution-options.js';
import { addOptions, modelOptions } from '../options/model-options.js';
import { formatDuration, shellWord } from '../terminal/format.js';
import { interruptSignal } from '../terminal/interrupt.js';
import { promptune } from '../terminal/invocation.js';
import { printTable } from '../terminal/text-table.js';
import { workProgress } from '../terminal/work-progress.js';

interface CompareFlags extends DistributionFlags {
  metrics?: string[];
  offline?: boolean;
  json?: boolean;
}

const introduction = `Finished cells are kept: the same command goes on where it was stopped. A configuration has the keys
of promptune train that all methods share, labels as in promptune eval, and besides:`;

function configurationHelp(): string {
  const keys = Object.entries(comparisonSchema.shape).map(
    ([key, { description }]) => `  ${key.padEnd(16)}${helpText(description!)}`,
  );
  return ['', helpText(introduction), ...keys].join('\n');
}

export const compareCommand = new Command('compare')
  .description(
    'train and score several methods, seeds and data sizes as configured in a YAML file; or compare the predictions of two runs',
  )
  .argument('<files...>', 'a configuration (.yaml), or two files that eval wrote with --predictions')
  .addHelpText('after', configurationHelp)
  .action(runCompare);

addOptions(compareCommand, 'Run:', [
  new Option(
    '--metrics <names>',
    'metrics to compare two files of predictions by, comma-separated (default: those that they have scores of)',
  ).argParser(names),
  modelOptions().offline,
  new Option('--json', 'print the results as JSON'),
]);
addOptions(compareCommand, 'Where it is computed:', distributionOptions());

async function runCompare(files: string[], flags: CompareFlags): Promise<void> {
  const isConfig = (file: string) => /\.ya?ml$/i.test(file);
  if (files.length === 1 && isConfig(files[0]!)) return compareByFile(files[0]!, flags);
  if (files.length === 2 && !files.some(isConfig)) return compareFiles([files[0]!, files[1]!], flags);
  throw new UsageError(
    say`expected one configuration (.yaml), or two files of predictions (.jsonl), got
      ${files.join(' ')}`,
  );
}

async function compareFiles(files: readonly [string, string], flags: CompareFlags): Promise<void> {
  const { rows, metrics } = await comparePredictions(files, flags.metrics);
  if (flags.json) return console.log(JSON.stringify({ files, rows, metrics }));
  console.log(messages().compare.rows(rows));
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
  printTable([['', ...files, messages().evaluation.difference, ''], ...lines]);
}

async function compareByFile(path: string, flags: CompareFlags): Promise<void> {
  const { metrics, offline, json } = flags;
  if (metrics) throw new UsageError(say`--metrics: the configuration has the metrics; leave it out`);
  const config = await readComparisonFile(path);
  const signal = interruptSignal();
  const progress = workProgress();
  const reported = new Set<string>();
  const warn = (message: string) => {
    if (reported.has(message)) return; // every cell has the same notes
    reported.add(message);
    progress.clear();
    console.error(message);
  };
  const onEvent = (event: ComparisonEvent) => {
    switch (event.type) {
      case 'cell event':
        if (event.event.type === 'warning') warn(event.event.message);
        else progress.event(event.id, event.event);
        return;
      case 'cell state':
        progress.state(event.id, event.state);
        if (event.state === 'lost') warn(messages().compare.lost(event.id, event.note));
        return;
      case 'warning':
        return warn(event.message);
      case 'cell failed':
        return warn(messages().compare.failed(event.id, event.error.message));
      case 'cell':
        progress.clear();
        if (!json) console.log(cellLine(event));
    }
  };
  const planned = planCells(config);
  const total = planned.length;
  progress.start(flags.part ? Math.ceil(total / flags.part.of) : total);
  const { threads, device } = planned[0]!.settings.reading;
  const where = await openDistribution(flags, { threads, device });
  try {
    const results = await compareMethods(config, {
      ...where.options,
      engine: where.engine?.isElsewhere ? where.engine : undefined,
      ...{ offline, signal, onEvent },
    });
    progress.clear();
    const { compare } = messages();
    if (!results) {
      console.error(compare.stopped(promptune('compare', shellWord(path))));
      process.exitCode = 130;
      return;
    }
    const { rows, cells, failed } = results;
    if (failed.length > 0) process.exitCode = 1;
    if (json) return console.log(JSON.stringify(results));
    console.log('');
    if (flags.part) {
      const { number, of } = flags.part;
      console.log(compare.part(number, of, cells.length, where.options.store!.url));
      console.log(compare.gather);
    } else {
      printTable(tableCells(rows));
      console.log(`\n${compare.output(config.output)}`);
    }
    if (failed.length === 0) return;
    console.error(compare.someFailed(failed.length, cells.length + failed.length));
    for (const { id, message } of failed) console.error(`  ${id}: ${message}`);
    console.error(compare.again);
  } finally {
    progress.clear();
    await where.close();
  }
}

function cellLine({ id, result, kept }: ComparisonEvent & { type: 'cell' }): string {
  const { scores, seconds } = result;
  const shown = Object.entries(scores).map(([name, value]) => `${name} ${formatScore(name, value)}`);
  const time = seconds > 0 ? `, ${formatDuration(seconds)}` : '';
  return `${id}: ${shown.join(', ')}${time}${kept ? messages().compare.kept : ''}`;
}
