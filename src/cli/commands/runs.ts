/** @file `promptune runs`: the runs in a folder, and the curves of chosen ones. */
import { stat } from 'node:fs/promises';
import { relative } from 'node:path';
import { Command, Option } from 'commander';
import { PromptuneError, UsageError } from '../../errors.js';
import { findRuns, type RunRecord, readRun } from '../../runs/read-run.js';
import { addOptions } from '../options/model-options.js';
import { type Curve, curveChart } from '../terminal/curve-chart.js';
import { formatDuration, formatLoss } from '../terminal/format.js';
import { printTable } from '../terminal/text-table.js';

interface RunsFlags {
  curves?: boolean;
  json?: boolean;
}

export const runsCommand = new Command('runs')
  .description('list the runs in a folder, or compare chosen ones with their curves')
  .argument('[folders...]', 'folders with runs in them, or runs (default: runs)')
  .action(runRuns);

addOptions(runsCommand, 'Output:', [
  new Option(
    '--curves',
    'draw the loss of all of them (default: where runs are named, and not a folder of runs)',
  ),
  new Option('--json', 'print a JSON object a run'),
]);

/** Curves are drawn with these. */
const marks = 'abcdefghijklmnopqrstuvwxyz';
/** The loss of a run is the mean over so many of its last steps, since each step is of other examples. */
const lastSteps = 10;

async function runRuns(folders: string[], { curves, json }: RunsFlags): Promise<void> {
  const named = folders.length > 0 ? folders : ['runs'];
  const runs: RunRecord[] = [];
  for (const folder of named) {
    const found = await stat(folder).catch(() => undefined);
    if (!found?.isDirectory())
      throw new UsageError(`${folder}: there is no such folder; give one with runs in it`);
    for (const path of await findRuns(folder)) {
      const run = await readRun(path);
      if (run) runs.push(run);
    }
  }
  if (runs.length === 0) throw new PromptuneError(`there are no runs in ${named.join(', ')}`);
  if (json) {
    for (const run of runs) console.log(JSON.stringify(summaryOf(run)));
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

function summaryOf({ folder, config, state, steps, seconds, loss, validationLoss }: RunRecord) {
  const last = loss.slice(-lastSteps);
  const best = validationLoss.reduce<number | undefined>(
    (lowest, { value }) => (lowest === undefined || value < lowest ? value : lowest),
    undefined,
  );
  return {
    run: folder,
    model: config.model,
    method: config.method,
    state,
    steps,
    ...(last.length > 0 && { loss: last.reduce((sum, { value }) => sum + value, 0) / last.length }),
    ...(best !== undefined && { bestValidationLoss: best }),
    ...(seconds !== undefined && { seconds }),
  };
}

function printRuns(runs: readonly RunRecord[], areMarked: boolean): void {
  const lines = runs.map((run, i) => {
    const { folder, method, state, steps, loss, bestValidationLoss, seconds } = {
      ...{ loss: undefined, bestValidationLoss: undefined, seconds: undefined },
      ...summaryOf(run),
      folder: relative('.', run.folder) || '.',
    };
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
