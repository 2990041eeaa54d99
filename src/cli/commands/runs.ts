/** @file `promptune runs`: lists the runs in a folder, and draws the curves of some. */
import { relative } from 'node:path';
import { Command, Option } from 'commander';
import { PromptuneError, UsageError } from '../../index.js';
import { breakFolderLock, listRuns, type RunRecord, summarizeRun } from '../../workspace/index.js';
import { addOptions } from '../options/model-options.js';
import { type Curve, curveChart } from '../terminal/curve-chart.js';
import { formatDuration, formatLoss } from '../terminal/format.js';
import { printTable } from '../terminal/text-table.js';

interface RunsFlags {
  curves?: boolean;
  breakLock?: boolean;
  json?: boolean;
}

export const runsCommand = new Command('runs')
  .description('list the runs in a folder, or compare runs with their curves')
  .argument('[folders...]', 'folders of runs, or runs (default: runs)')
  .action(runRuns);

addOptions(runsCommand, 'Output:', [
  new Option('--curves', 'draw the loss of all runs (default: if the arguments are runs)'),
  new Option('--json', 'print one JSON object per run'),
]);

addOptions(runsCommand, 'Locks:', [
  new Option(
    '--break-lock',
    'unlock the named runs, if their process ran on another machine or in another container and is gone',
  ),
]);

/** Characters that draw the curves. */
const marks = 'abcdefghijklmnopqrstuvwxyz';

async function runRuns(folders: string[], { curves, json, breakLock }: RunsFlags): Promise<void> {
  if (breakLock) {
    if (folders.length === 0) throw new UsageError('--break-lock requires the folders of runs');
    for (const folder of folders) await breakFolderLock(folder);
    return;
  }
  const named = folders.length > 0 ? folders : ['runs'];
  const runs = await listRuns(named);
  if (runs.length === 0) throw new PromptuneError(`there are no runs in ${named.join(', ')}`);
  if (json) {
    for (const run of runs) console.log(JSON.stringify(summarizeRun(run)));
    return;
  }
  const areNamed = runs.every(({ folder }) => named.includes(folder));
  const isDrawn = curves ?? areNamed;
  if (isDrawn && runs.length > marks.length)
    throw new UsageError(
      `${runs.length} curves are too many to tell apart; name at most ${marks.length} runs`,
    );
  printRuns(runs, isDrawn);
  if (!isDrawn) return;
  printCurves('loss', runs, ({ loss }) => loss);
  printCurves('validation loss', runs, ({ validationLoss }) => validationLoss);
}

function printRuns(runs: readonly RunRecord[], areMarked: boolean): void {
  const lines = runs.map((run, i) => {
    const { method, state, steps, loss, bestValidationLoss, seconds } = summarizeRun(run);
    const folder = relative('.', run.folder) || '.';
    return [
      areMarked ? `${marks[i]}  ${folder}` : folder,
      String(method ?? ''),
      state,
      String(steps),
      loss === undefined ? '' : formatLoss(loss),
      bestValidationLoss === undefined ? '' : formatLoss(bestValidationLoss),
      seconds === undefined ? '' : formatDuration(seconds),
    ];
  });
  printTable([['run', 'method', 'state', 'steps', 'loss', 'best validation', 'time'], ...lines]);
}

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
