/** @file `promptune runs`: lists the runs in a folder, and draws the curves of some. */

import { relative } from 'node:path';
import { Command, Option } from 'commander';
import { PromptuneError, UsageError } from '../../index.js';
import { said, say } from '../../say.js';
import {
  breakFolderLock,
  deleteRun,
  filterRuns,
  listRuns,
  noteRun,
  type RunRecord,
  runValue,
  sortRuns,
  summarizeRun,
} from '../../workspace/index.js';
import { messages } from '../messages/index.js';
import { texts } from '../options/arguments.js';
import { addOptions } from '../options/model-options.js';
import { type Curve, curveChart } from '../terminal/curve-chart.js';
import { formatDuration, formatLoss } from '../terminal/format.js';
import { printTable } from '../terminal/text-table.js';

interface RunsFlags {
  sort?: string;
  filter?: string[];
  columns?: string[];
  curves?: boolean;
  json?: boolean;
  note?: string;
  delete?: boolean;
  breakLock?: boolean;
}

export const runsCommand = new Command('runs')
  .description('list the runs in a folder, or compare runs with their curves')
  .argument('[folders...]', 'folders of runs, or runs (default: runs)')
  .action(runRuns);

addOptions(runsCommand, 'Runs:', [
  new Option(
    '--sort <key>',
    'order by a column, such as validation, or a key of the configuration, such as learningRate; -key: descending',
  ),
  new Option('--filter <condition>', 'list only such runs, as in method=lora; may be repeated').argParser(
    texts,
  ),
]);

addOptions(runsCommand, 'Output:', [
  new Option(
    '--columns <keys>',
    'also show these keys of the configuration, comma-separated, such as learningRate,seed',
  ).argParser((keys) => keys.split(',')),
  new Option('--curves', 'draw the loss of all runs (default: if the arguments are runs)'),
  new Option('--json', 'print one JSON object per run'),
]);

addOptions(runsCommand, 'Changes:', [
  new Option('--note <text>', 'keep a note with the named runs; an empty one removes it'),
  new Option('--delete', 'delete the named runs, with their adapters and checkpoints'),
  new Option(
    '--break-lock',
    'unlock the named runs, if their process ran on another machine or in another container and is gone',
  ),
]);

/** Characters that draw the curves. */
const marks = 'abcdefghijklmnopqrstuvwxyz';

async function runRuns(folders: string[], flags: RunsFlags): Promise<void> {
  const { curves, json, columns = [] } = flags;
  const change = changeOf(flags);
  if (change) {
    if (folders.length === 0) throw new UsageError(say`a change requires the folders of runs`);
    for (const folder of folders) await change(folder);
    return;
  }
  const named = folders.length > 0 ? folders : ['runs'];
  const found = await listRuns(named);
  if (found.length === 0) throw new PromptuneError(say`there are no runs in ${named.join(', ')}`);
  const filtered = filterRuns(found, flags.filter ?? []);
  const runs = flags.sort === undefined ? filtered : sortRuns(filtered, flags.sort);
  if (json) {
    for (const run of runs) console.log(JSON.stringify(summarizeRun(run)));
    return;
  }
  const areNamed = runs.every(({ folder }) => named.includes(folder));
  const isDrawn = curves ?? areNamed;
  if (isDrawn && runs.length > marks.length)
    throw new UsageError(
      say`${runs.length} curves are too many to tell apart; name at most ${marks.length} runs`,
    );
  printRuns(runs, { areMarked: isDrawn, columns });
  if (!isDrawn) return;
  printCurves(messages().runs.loss, runs, ({ loss }) => loss);
  printCurves(messages().runs.validationLoss, runs, ({ validationLoss }) => validationLoss);
}

/** The action on each named run, instead of listing them. */
function changeOf({ breakLock, note, delete: isDeleted }: RunsFlags) {
  if (breakLock) return breakFolderLock;
  if (note !== undefined) return (folder: string) => noteRun(folder, note);
  if (!isDeleted) return undefined;
  return async (folder: string) => {
    const left = await deleteRun(folder);
    if (left.length > 0) console.error(messages().runs.stays(folder, left));
  };
}

function printRuns(
  runs: readonly RunRecord[],
  { areMarked, columns }: { areMarked: boolean; columns: readonly string[] },
): void {
  const { runs: words } = messages();
  const haveNotes = runs.some(({ note }) => note !== undefined);
  const lines = runs.map((run, i) => {
    const { method, state, steps, loss, bestValidationLoss, seconds } = summarizeRun(run);
    const folder = relative('.', run.folder) || '.';
    return [
      areMarked ? `${marks[i]}  ${folder}` : folder,
      String(method ?? ''),
      said(state),
      String(steps),
      loss === undefined ? '' : formatLoss(loss),
      bestValidationLoss === undefined ? '' : formatLoss(bestValidationLoss),
      seconds === undefined ? '' : formatDuration(seconds),
      ...columns.map((key) => valueText(runValue(run, key))),
      ...(haveNotes ? [run.note ?? ''] : []),
    ];
  });
  printTable([[...words.columns, ...columns, ...(haveNotes ? [words.note] : [])], ...lines]);
}

const valueText = (value: unknown): string =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);

function printCurves(
  title: string,
  runs: readonly RunRecord[],
  pointsOf: (run: RunRecord) => Curve['points'],
): void {
  const lines = curveChart(runs.map((run, i) => ({ mark: marks[i]!, points: pointsOf(run) })));
  if (lines.length === 0) return;
  console.log(`\n${title}`);
  for (const line of lines) console.log(line);
}
