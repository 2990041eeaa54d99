/** @file The folder of a run: config.yaml, metrics.jsonl, checkpoints/step-000120/ and adapter/. */

import { stringify } from 'yaml';
import { fileSystem, join, type OpenFile } from '#platform';
import { FileError, PromptuneError, UsageError } from '../errors.js';
import type { AdapterContent } from '../formats/adapter-content.js';
import { writeAdapter } from '../formats/adapter-folder.js';
import {
  isTemporaryName,
  removeAllLeftovers,
  systemErrorCode,
  temporaryName,
  withFileErrors,
  writeFileAtomic,
  writeJsonAtomic,
} from '../formats/files.js';
import { isSameJson, readJsonObjectIfPresent } from '../formats/json.js';
import { say } from '../say.js';
import type { Checkpoint, RunStore } from '../training/run-store.js';
import { readCheckpoint, writeCheckpoint } from './checkpoint.js';
import { LOCK_NAME, lockFolder, refuseHeldFolder } from './lock.js';
import { refuseOtherValues } from './noted-config.js';
import { traceName } from './prompt-trace.js';
import { referenceFile } from './reference-data.js';
import { differentInputs, type InputDigests } from './run-inputs.js';
import { samplesName } from './samples.js';
import { differences, readConfig } from './stored-settings.js';
import { eventFilePrefix } from './tensorboard.js';

/** Folder of the model before training, in runs that create a model: see `makeStart`. */
export const START_NAME = 'start';
/** Folder of kept states (see kept-states.ts), which go when the run ends. */
export const statesName = 'states';
/** What somebody noted about the run. */
export const NOTE_NAME = 'note.txt';
/** Number of newest checkpoints to keep, besides the best one. */
const KEEP_CHECKPOINTS = 2;

export interface RunFolder extends RunStore {
  readonly path: string;
  /** Path of the adapter, which may not exist yet. */
  readonly adapterPath: string;
  saveCheckpoint(checkpoint: Checkpoint): Promise<string>;
  saveAdapter(content: AdapterContent): Promise<void>;
  /** Removes the states that were kept between epochs. */
  removeStates(): Promise<void>;
}

export interface OpenRunFolderOptions {
  /** The run's configuration, stored as config.yaml. */
  config: Record<string, unknown>;
  /** Resume the run in this folder. */
  resume?: boolean;
  /** Delete the run in this folder. */
  overwrite?: boolean;
  /** Of what the run reads, kept as inputs.json. Default: it is not known whether that changes. */
  inputs?: InputDigests;
  /** Go on with other inputs than the run began with. */
  allowChangedInputs?: boolean;
}

/**
 * Opens `path` for one run, which holds it until `close`.
 *
 * @throws UsageError if the folder is in use; is not a run's; has checkpoints, without `resume` or `overwrite`; has no
 *   run, with `resume`; or has a run that started with different rows in memory
 */
export async function openRunFolder(path: string, options: OpenRunFolderOptions): Promise<RunFolder> {
  const { config, inputs, resume = false, overwrite = false, allowChangedInputs = false } = options;
  const configPath = join(path, 'config.yaml');
  const metricsPath = join(path, 'metrics.jsonl');
  const checkpointsPath = join(path, 'checkpoints');
  const inputsPath = join(path, 'inputs.json');
  const adapterPath = join(path, 'adapter');
  const statesPath = join(path, statesName);

  await checkRunFolder(path, options);
  await withFileErrors(path, 'written', () => fileSystem.makeFolder(path));
  const lock = await lockFolder(path);
  let metrics: OpenFile;
  let changedSettings: string[] = [];
  try {
    if (!resume && !overwrite) await refuseEarlierRun(path); // again: from here on nobody else can create one
    await removeAllLeftovers(path); // restores an adapter that was moved aside
    if (!resume) await removeResults(path);
    // By this the folder is a run's, even if the disk is full from here on.
    await fileSystem.makeFolder(checkpointsPath);
    if (resume) {
      const before = await readConfig(configPath);
      refuseOtherValues(before, config);
      changedSettings = differences(before, config);
    }
    const began = resume ? await readInputs(inputsPath) : undefined;
    const others = differentInputs(began, inputs);
    if (others.length > 0 && !allowChangedInputs) throw changedInputs(path, others);
    changedSettings.push(...others.map((name) => say`${name}: the content is another`));
    if (!resume || changedSettings.length > 0) await writeFileAtomic(configPath, stringify(config));
    if (inputs && !isSameJson(began, inputs)) await writeJsonAtomic(inputsPath, inputs);
    await removeAllLeftovers(checkpointsPath);
    for (const part of [statesPath, join(path, traceName)]) await removeAllLeftovers(part);
    metrics = await fileSystem.open(metricsPath, 'append');
  } catch (error) {
    if (!(await entriesOf(path)).includes('config.yaml'))
      await fileSystem.removeEmptyFolder(checkpointsPath).catch(() => {});
    await lock.release();
    throw error;
  }
  let metricsLines = 0;
  /** Steps of the readable checkpoints, in order. */
  let good: number[] = [];
  /** Keeps the newest checkpoints of `good` and that of the best step. */
  async function removeOthers(best: number | undefined): Promise<void> {
    good = good.filter((step, i) => step === best || i >= good.length - KEEP_CHECKPOINTS);
    for (const step of await listCheckpoints(checkpointsPath))
      if (!good.includes(step)) await fileSystem.remove(checkpointPath(step));
  }
  const checkpointPath = (step: number) => join(checkpointsPath, `step-${String(step).padStart(6, '0')}`);

  return {
    path,
    adapterPath,
    changedSettings,

    async loadCheckpoint(restore, onNote) {
      const steps = await listCheckpoints(checkpointsPath);
      let firstError: PromptuneError | undefined;
      while (steps.length > 0) {
        const folder = checkpointPath(steps.at(-1)!);
        try {
          const checkpoint = await readCheckpoint(folder, steps.at(-1)!);
          restore(checkpoint);
          metricsLines = await keepLines(metricsPath, metrics, checkpoint.metricsLines);
          if (metricsLines < checkpoint.metricsLines)
            onNote(
              say`metrics.jsonl has ${metricsLines} of the ${checkpoint.metricsLines} lines up to
                this checkpoint`,
            );
          good = steps;
          // A run that was killed after its last checkpoint saves none that would remove those before it.
          if (firstError === undefined) await removeOthers(checkpoint.state.best?.step);
          return checkpoint;
        } catch (error) {
          if (!(error instanceof PromptuneError)) throw error;
          firstError ??= error;
          steps.pop();
          if (steps.length > 0) onNote(say`going back to step ${steps.at(-1)}: ${error.message}`);
        }
      }
      if (firstError) {
        const advice = say`no checkpoint of this run can be used; start again with overwrite`;
        throw new FileError(checkpointsPath, undefined, `${advice}. ${firstError.message}`, {
          cause: firstError,
        });
      }
      metricsLines = await keepLines(metricsPath, metrics, 0);
      return undefined;
    },

    async appendMetrics(record) {
      if (lock.isLost) await lock.check();
      const line = `${JSON.stringify(record)}\n`;
      await withFileErrors(metricsPath, 'written', () => metrics.append(line));
      metricsLines++;
    },

    async saveCheckpoint(checkpoint) {
      await lock.check();
      const { step, best } = checkpoint.state;
      const folder = checkpointPath(step);
      // The lines that the checkpoint counts must be on disk before it is.
      await withFileErrors(metricsPath, 'written', () => metrics.sync());
      await writeCheckpoint(folder, checkpoint, metricsLines);
      good = [...good.filter((other) => other !== step), step];
      await removeOthers(best?.step);
      return folder;
    },

    removeStates: () => withFileErrors(statesPath, 'written', () => fileSystem.remove(statesPath)),

    async saveAdapter(content) {
      await lock.check();
      await writeAdapter(adapterPath, content);
    },

    bestTensors: async (step) => (await readCheckpoint(checkpointPath(step), step)).trainable,

    async close() {
      await metrics.close();
      await lock.release();
    },
  };
}

/**
 * Puts a model that was created for a run into the run's folder, as `start/`, before the run is opened. An earlier run,
 * which started from another model, is deleted only once the new model is complete.
 *
 * @param make writes the model to a folder that does not exist yet
 * @returns a function that removes the model again, unless a run has started with it
 * @throws UsageError if the folder is in use, or has checkpoints without `overwrite`; and what `make` throws. Then
 *   nothing has changed
 */
export async function makeStart(
  path: string,
  { overwrite = false }: Pick<OpenRunFolderOptions, 'overwrite'>,
  make: (folder: string) => Promise<void>,
): Promise<() => Promise<void>> {
  const start = join(path, START_NAME);
  const configPath = join(path, 'config.yaml');
  const isNew = await withFileErrors(path, 'written', () => fileSystem.makeFolder(path));
  // unless something has been put into it
  const removeIfNew = () => isNew && fileSystem.removeEmptyFolder(path).catch(() => {});
  const lock = await lockFolder(path);
  try {
    if (!overwrite) await refuseEarlierRun(path);
    await removeAllLeftovers(path);
    const made = temporaryName(start);
    await make(made);
    await removeResults(path);
    await fileSystem.remove(configPath);
    await fileSystem.remove(start);
    await fileSystem.rename(made, start);
  } catch (error) {
    await lock.release();
    await removeIfNew();
    throw error;
  }
  await lock.release();
  return async () => {
    if ((await entriesOf(path)).includes('config.yaml')) return;
    await fileSystem.remove(start);
    await removeIfNew();
  };
}

/** Removes a run's results. Checkpoints go first: without them there is nothing to resume from. */
async function removeResults(path: string): Promise<void> {
  const files = ['metrics.jsonl', 'inputs.json', referenceFile, samplesName, NOTE_NAME];
  for (const part of ['checkpoints', 'adapter', statesName, traceName, ...files])
    await fileSystem.remove(join(path, part));
  for (const name of await entriesOf(path))
    if (name.startsWith(eventFilePrefix)) await fileSystem.remove(join(path, name));
}

/**
 * Deletes a run: its files, and its folder if there is nothing else in it.
 * @returns the names of what else there is, which stays
 * @throws UsageError if the folder is not a run's, or a live process holds it
 */
export async function deleteRun(path: string): Promise<string[]> {
  if (!isRun(await entriesOf(path)))
    throw new UsageError(say`${path} is not a run's folder`, { code: 'not-found' });
  const lock = await lockFolder(path);
  try {
    await withFileErrors(path, 'written', async () => {
      await removeResults(path);
      for (const part of [START_NAME, 'config.yaml']) await fileSystem.remove(join(path, part));
      await removeAllLeftovers(path);
    });
  } finally {
    await lock.release();
  }
  const left = await entriesOf(path);
  if (left.length === 0) await fileSystem.removeEmptyFolder(path);
  return left;
}

/** Throws like `openRunFolder` without opening it, to refuse a run before any work is done. */
export async function checkRunFolder(
  path: string,
  { resume = false, overwrite = false }: Pick<OpenRunFolderOptions, 'resume' | 'overwrite'>,
): Promise<void> {
  if (resume && overwrite) throw new UsageError(say`resume and overwrite exclude each other`);
  await refuseOtherFolder(path, resume);
  await refuseHeldFolder(path);
  if (!resume && !overwrite) await refuseEarlierRun(path);
}

/** Refuses a folder with checkpoints. Without them there is nothing to lose. */
async function refuseEarlierRun(path: string): Promise<void> {
  if ((await listCheckpoints(join(path, 'checkpoints'))).length === 0) return;
  throw new UsageError(
    say`${path} already holds a run: set resume to continue it or overwrite to delete it, or choose
      another folder`,
    { code: 'already-exists' },
  );
}

/** Refuses a folder that is not a run's, or has no run to resume. */
async function refuseOtherFolder(path: string, resume: boolean): Promise<void> {
  const names = await entriesOf(path);
  const entries = new Set(names.filter((name) => name !== START_NAME && !isTemporaryName(name)));
  if (resume && !(isRun(names) && entries.has('config.yaml'))) {
    throw new UsageError(say`${path} holds no run to resume: start one without resume`, {
      code: 'not-found',
    });
  }
  if (!isRun(names) && entries.size > 0) {
    throw new UsageError(
      say`${path} is not empty and not a run's folder (it holds "${[...entries][0]}"): choose
        another output folder`,
      { code: 'already-exists' },
    );
  }
}

/** A run writes its lock first, so even a killed run leaves it behind, whatever else is missing. */
const isRun = (names: readonly string[]) =>
  names.includes(LOCK_NAME) || (names.includes('config.yaml') && names.includes('checkpoints'));

/** The names in a folder; none if it does not exist. */
async function entriesOf(folder: string): Promise<string[]> {
  return withFileErrors(folder, 'read', async () => {
    try {
      return await fileSystem.list(folder);
    } catch (error) {
      const code = systemErrorCode(error);
      if (code === 'ENOENT') return [];
      if (code === 'ENOTDIR')
        throw new UsageError(say`${folder} is a file, expected a folder for the run's output`, {
          code: 'already-exists',
        });
      throw error;
    }
  });
}

/** Undefined for a run of an earlier version, or one that was killed before it began. */
async function readInputs(path: string): Promise<InputDigests | undefined> {
  const found = await readJsonObjectIfPresent(path);
  if (found && !Object.values(found).every((digest) => typeof digest === 'string'))
    throw new FileError(
      path,
      undefined,
      say`expected digests by what they are of; it was not written by a run`,
    );
  return found as InputDigests | undefined;
}

function changedInputs(path: string, others: readonly string[]): UsageError {
  const what = others.map((name) => `the ${name}`).join(' and ');
  return new UsageError([
    {
      path: ['allowChangedInputs'],
      message: say`${what} of the run in ${path} changed since it began, so that it would not end as it
          would have; give what it began with, or allow it`,
    },
  ]);
}

/** The steps of the checkpoints, in order. */
async function listCheckpoints(folder: string): Promise<number[]> {
  const steps = (await entriesOf(folder)).flatMap((name) => /^step-(\d{6,})$/.exec(name)?.[1] ?? []);
  return steps.map(Number).sort((a, b) => a - b);
}

/**
 * Truncates a file to its first `count` lines, which also drops an incomplete one. Returns the number of lines left.
 */
async function keepLines(path: string, handle: OpenFile, count: number): Promise<number> {
  const bytes = await fileSystem.readBytes(path);
  let kept = 0;
  let end = 0;
  while (kept < count) {
    const newline = bytes.indexOf(10, end);
    if (newline < 0) break;
    end = newline + 1;
    kept++;
  }
  await handle.truncate(end);
  return kept;
}
