/** @file `promptune benchmark`: prompts of text and learned prompts on the same rows. */

import { writeFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import {
  type BenchmarkConfig,
  type BenchmarkEvent,
  benchmarkPrompts,
  benchmarkReport,
  benchmarkSchema,
  benchmarkTable,
  UsageError,
} from '../../index.js';
import { said, say } from '../../say.js';
import { messages } from '../messages/index.js';
import { textHelp } from '../options/arguments.js';
import { addOptions, type ModelFlags, modelOptions, openModel } from '../options/model-options.js';
import { flagsOf } from '../options/schema-flags.js';
import { interruptSignal } from '../terminal/interrupt.js';
import { printTable } from '../terminal/text-table.js';

interface BenchmarkFlags extends ModelFlags, Partial<BenchmarkConfig> {
  report?: string;
  json?: boolean;
}

export const benchmarkCommand = new Command('benchmark')
  .description(
    'compare prompts on labeled rows: written by hand, with examples, searched and learned; with what each costs',
  )
  .addHelpText('after', textHelp())
  .action(runBenchmark);

const shown = [
  'data',
  'test',
  'labelField',
  'verbalizer',
  'template',
  'completionTemplate',
  'layoutLanguage',
  'referenceField',
] as const;
const compared = [
  'metrics',
  'maxNewTokens',
  'prompts',
  'shots',
  'methods',
  'searchSteps',
  'maxSteps',
  'batchSize',
  'seed',
] as const;

addOptions(benchmarkCommand, 'Model:', Object.values(modelOptions()));
addOptions(benchmarkCommand, 'Rows:', flagsOf(benchmarkSchema, { only: shown }));
addOptions(benchmarkCommand, 'What is compared:', flagsOf(benchmarkSchema, { only: compared }));
addOptions(benchmarkCommand, 'Output:', [
  new Option('--report <file>', 'write a page with the table'),
  new Option('--json', 'print the result as a JSON object'),
]);
addOptions(benchmarkCommand, 'Device:', flagsOf(benchmarkSchema, { only: ['device', 'threads'] }));

async function runBenchmark({ report, json, model: name, ...flags }: BenchmarkFlags): Promise<void> {
  const { revision, offline, dtype, data, test, ...config } = flags;
  if (!data || !test)
    throw new UsageError(say`there are no rows; add --data with rows to learn from, and --test with others`);
  const signal = interruptSignal();
  const { model, tokenizer } = await openModel({ model: name, revision, offline, dtype }, signal);
  const result = await benchmarkPrompts({ ...config, data, test, model, tokenizer, signal, onEvent: tell });
  if (report !== undefined) await writeFile(report, benchmarkReport(result));
  if (json) return console.log(JSON.stringify(result));
  const { benchmark, common } = messages();
  const [heading, ...rows] = benchmarkTable(result) as [string[], ...string[][]];
  printTable([heading.map((name) => said(name)), ...rows]);
  console.log('');
  if (result.majority) {
    const { label, share } = result.majority;
    console.log(benchmark.majority(JSON.stringify(label), (100 * share).toFixed(1), result.measured));
  }
  console.log(result.advice);
  if (report !== undefined) console.log(`\n${common.report(report)}`);
}

function tell(event: BenchmarkEvent): void {
  if (event.type === 'contender') console.error(`${event.number}/${event.count} ${event.name}`);
}
