/** @file `promptune data check`: inspects a data file before training. */
import { Argument, Command, Option } from 'commander';
import type { DataConfig, DataReport, Segment } from '../../index.js';
import { say } from '../../say.js';
import { checkDataFile, fetchDatasets } from '../../workspace/index.js';
import { textHelp, wholeNumber } from '../options/arguments.js';
import { addOptions, type ModelFlags, modelOptions, openModel } from '../options/model-options.js';
import { exampleFlags, readingOf } from '../options/train-flags.js';
import { interruptSignal } from '../terminal/interrupt.js';
import { jobProgress } from '../terminal/job-progress.js';
import { padEnd } from '../terminal/text-width.js';

interface CheckFlags extends ModelFlags, Partial<DataConfig> {
  against?: string;
  examples?: number;
  json?: boolean;
}

const checkCommand = new Command('check')
  .description('show rows, token lengths, truncation, duplicates, labels, empty fields and example prompts')
  .addArgument(new Argument('<file>', 'a data file, or hf:owner/name'))
  .addHelpText('after', textHelp('In examples, trained tokens are colored or in ⟦ ⟧.'))
  .action(runCheck);

addOptions(checkCommand, 'Model (whose tokenizer and length count):', Object.values(modelOptions()));
addOptions(checkCommand, 'Data (as in training):', [
  new Option('--against <file>', 'another split, to count rows that are in both'),
  ...exampleFlags(),
]);
addOptions(checkCommand, 'Output:', [
  new Option('--examples <n>', 'examples to show (default: 5)').argParser(wholeNumber),
  new Option('--json', 'print a JSON object'),
]);

export const dataCommand = new Command('data')
  .description('inspect data before training')
  .addCommand(checkCommand);

async function runCheck(path: string, flags: CheckFlags): Promise<void> {
  const { model: name, revision, offline, against, examples, json } = flags;
  const signal = interruptSignal();
  const pretrained = await openModel({ model: name, revision, offline }, signal);
  const progress = jobProgress();
  await fetchDatasets([path, against], { offline, signal, onProgress: progress.download });
  progress.clear();
  const reading = readingOf({ ...flags });
  const report = await checkDataFile({ ...pretrained, data: path, reading, against, examples, signal });
  const { leakage } = report;
  if (json)
    console.log(JSON.stringify({ data: path, ...report, leakage: leakage && { against, ...leakage } }));
  else print(path, report, against);
}

const number = (value: number) => value.toLocaleString('en');

function print(path: string, report: DataReport, against: string | undefined): void {
  const { tokens, leakage, labels, emptyFields } = report;
  console.log(
    report.shape
      ? say`${path}: ${number(report.rows)} row|rows, read as ${report.shape}`
      : say`${path}: ${number(report.rows)} row|rows`,
  );
  for (const note of report.notes) console.log(`  ${note}`);
  const line = (title: string, text: string) => console.log(`  ${padEnd(title, 14)}${text}`);
  if (tokens) {
    const { min, median, p90, p99, max, histogram } = tokens;
    line(say`tokens`, say`${min} to ${max}; half have at most ${median}, 90 % ${p90}, 99 % ${p99}`);
    const most = Math.max(...histogram.map(({ count }) => count));
    for (const { upTo, count } of histogram)
      line(
        '',
        `≤ ${String(upTo).padEnd(6)}${'█'.repeat(Math.ceil((24 * count) / most)).padEnd(24)} ${number(count)}`,
      );
  }
  line(say`trained on`, say`${number(report.labelTokens)} token|tokens`);
  line(
    say`too long`,
    say`${number(report.truncated)} truncated, ${number(report.dropped)} skipped, at ${report.maxLength} tokens`,
  );
  line(say`duplicates`, number(report.duplicates));
  if (leakage)
    line(
      say`leakage`,
      say`${number(leakage.examples)} row|rows is|are also in ${against}, ${number(leakage.prompts)} shares|share a prompt with it`,
    );
  if (labels) line(say`labels`, listed(labels, report.rows));
  const empty = Object.keys(emptyFields).length > 0 ? listed(emptyFields, report.rows) : say`none`;
  line(say`empty fields`, empty);
  line(
    say`faults`,
    report.faults === 0 ? say`none` : say`${number(report.faults)} row|rows that training would refuse:`,
  );
  for (const message of report.messages) console.log(`    ${message}`);
  for (const [i, segments] of report.examples.entries())
    console.log(`\n${say`example ${i + 1}`}\n${rendered(segments)}`);
}

/** Names with counts and percentages, at most ten. */
function listed(counts: Readonly<Record<string, number>>, rows: number): string {
  const entries = Object.entries(counts);
  const shown = entries
    .slice(0, 10)
    .map(([name, count]) => `${name} ${number(count)} (${((100 * count) / rows).toFixed(1)} %)`);
  return [...shown, ...(entries.length > 10 ? [say`and ${number(entries.length - 10)} more`] : [])].join(
    ', ',
  );
}

function rendered(segments: readonly Segment[]): string {
  const isColored = process.stdout.isTTY && !process.env.NO_COLOR;
  const mark = (text: string) => (isColored ? `\x1b[32m${text}\x1b[0m` : `⟦${text}⟧`);
  return segments.map(({ text, isTarget }) => (isTarget ? mark(text) : text)).join('');
}
