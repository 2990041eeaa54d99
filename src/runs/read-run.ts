/** @file Reads a run's folder: configuration, progress and curves. */
import { fileSystem, join } from '#platform';
import { FileError } from '../errors.js';
import { readTextIfPresent, withFileErrors } from '../formats/files.js';
import { isJsonObject } from '../formats/json.js';
import { say } from '../say.js';
import { isHeld } from './lock.js';
import { NOTE_NAME } from './run-folder.js';
import { readSamples, type SampledStep } from './samples.js';
import { runConfigIn } from './stored-settings.js';

/**
 * `running`: a live process works on it. `done`: all steps are done. `stopped early`: its validation loss no longer
 * improved. `stopped`: it can be resumed.
 */
export type RunState = 'running' | 'done' | 'stopped early' | 'stopped';

export interface CurvePoint {
  readonly step: number;
  readonly value: number;
}

export interface RunRecord {
  readonly folder: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly state: RunState;
  readonly steps: number;
  /** Total duration of steps, without validation and loading. Undefined for runs that did not record it. */
  readonly seconds: number | undefined;
  readonly loss: readonly CurvePoint[];
  readonly validationLoss: readonly CurvePoint[];
  readonly learningRate: readonly CurvePoint[];
  readonly gradNorm: readonly CurvePoint[];
  readonly tokensPerSecond: readonly CurvePoint[];
  /** What it wrote while it learned. */
  readonly samples: readonly SampledStep[];
  /** What somebody noted about it. */
  readonly note?: string;
}

/** Reads a run's folder; undefined if it is not one. Throws a FileError for unreadable files. */
export async function readRun(folder: string): Promise<RunRecord | undefined> {
  const [settings, written] = [
    await readTextIfPresent(join(folder, 'config.yaml')),
    await readTextIfPresent(join(folder, 'metrics.jsonl')),
  ];
  if (settings === undefined || written === undefined) return undefined;
  const config = runConfigIn(settings, join(folder, 'config.yaml'));
  const lines = metricLines(written, join(folder, 'metrics.jsonl'));
  const curve = (name: string): CurvePoint[] =>
    lines.flatMap(({ step, [name]: value }) => (typeof value === 'number' ? [{ step, value }] : []));
  const [loss, validationLoss, seconds] = [curve('loss'), curve('validationLoss'), curve('seconds')];
  return {
    folder,
    config,
    state: (await isHeld(folder)) ? 'running' : stateOf(config, lines, validationLoss),
    steps: loss.at(-1)?.step ?? 0,
    seconds: seconds.length === 0 ? undefined : seconds.reduce((sum, { value }) => sum + value, 0),
    loss,
    validationLoss,
    learningRate: curve('learningRate'),
    gradNorm: curve('gradNorm'),
    tokensPerSecond: curve('tokensPerSecond'),
    samples: await readSamples(folder),
    note: (await readTextIfPresent(join(folder, NOTE_NAME)))?.trim() || undefined,
  };
}

/** A loss that was not finite is null. */
type MetricLine = Readonly<Record<string, number | null>> & { readonly step: number };

/** Parses metrics.jsonl. The last line of a running or killed run may be incomplete. */
function metricLines(text: string, path: string): MetricLine[] {
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1)
    .map((line, i) => {
      const refuse = (cause?: unknown) => {
        throw new FileError(path, `line ${i + 1}`, say`expected numbers by name, as JSON; remove the line`, {
          cause,
        });
      };
      try {
        const values: unknown = JSON.parse(line);
        return isMetricLine(values) ? values : refuse();
      } catch (cause) {
        return refuse(cause);
      }
    });
}

const isMetricLine = (values: unknown): values is MetricLine =>
  isJsonObject(values) &&
  typeof values.step === 'number' &&
  Object.values(values).every((value) => typeof value === 'number' || value === null);

function stateOf(
  { maxSteps, epochs, earlyStoppingPatience }: Readonly<Record<string, unknown>>,
  lines: readonly MetricLine[],
  validations: readonly CurvePoint[],
): RunState {
  const { step, epoch } = lines.findLast(({ epoch }) => epoch !== undefined) ?? { step: 0, epoch: 0 };
  const isDone = typeof maxSteps === 'number' ? step >= maxSteps : Number(epoch) >= Number(epochs) - 1e-9;
  if (isDone) return 'done';
  const best = validations.reduce((at, { value }, i) => (value < validations[at]!.value ? i : at), 0);
  const patience = Number(earlyStoppingPatience) || Number.POSITIVE_INFINITY;
  return validations.length - 1 - best >= patience ? 'stopped early' : 'stopped';
}

/** The folders of runs in `folder`, itself included, sorted by name, without those inside runs. */
export async function findRuns(folder: string, around: readonly string[] = []): Promise<string[]> {
  const real = await fileSystem.realpath(folder);
  if (around.includes(real)) return []; // a link to a parent folder
  const names = await withFileErrors(folder, 'read', () => fileSystem.list(folder));
  if (names.includes('config.yaml') && names.includes('metrics.jsonl')) return [folder];
  const inner: string[] = [];
  for (const name of names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))) {
    if (name.startsWith('.') || name === 'node_modules') continue;
    const path = join(folder, name);
    if (await isFolder(path)) inner.push(...(await findRuns(path, [...around, real])));
  }
  return inner;
}

const isFolder = (path: string) =>
  fileSystem.stat(path).then(
    (found) => found?.kind === 'folder',
    () => false,
  );
