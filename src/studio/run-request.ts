/** @file What the page asks a run to be, as a job: checked, and with paths of the studio's folder alone. */
import { pathOptions } from '../comparison/cell-contents.js';
import { optionError, UsageError } from '../errors.js';
import { isDatasetName } from '../formats/dataset-name.js';
import { isJsonObject } from '../formats/json.js';
import { type ResolvedRunConfig, resolveRunConfig } from '../runs/run-config.js';
import { say } from '../say.js';
import type { TrainJob } from '../workspace/index.js';
import type { NewJob } from './api/index.js';
import type { StudioContext } from './context.js';
import type { StudioFolder } from './folder.js';

type Values = Readonly<Record<string, unknown>>;

/**
 * The complete configuration of a run.
 * @throws UsageError with all problems, and for paths that are not in the studio's folder
 */
export async function runConfigOf(given: Values, folder: StudioFolder): Promise<ResolvedRunConfig> {
  if (given.data === undefined)
    throw optionError('data', say`expected a file of training data, such as pairs.jsonl`);
  return resolveRunConfig((await configIn(given, folder)) as Parameters<typeof resolveRunConfig>[0]);
}

/** Keys whose values are data. */
const dataKeys: readonly string[] = ['data', 'validation', 'test'];

/**
 * Keys of a run, or of a comparison of several `methods`, with the folder's names as paths.
 * @throws UsageError for paths that are not in the studio's folder
 */
export async function configIn(given: Values, folder: StudioFolder, place = ''): Promise<Values> {
  const entries = Object.entries(given).map(async ([key, value]) => {
    if (dataKeys.includes(key)) return [key, await dataIn(value, place + key, folder)];
    if (key === 'methodOptions') return [key, await withPaths(value, folder, place + key)];
    if (key !== 'methods' || !Array.isArray(value)) return [key, value];
    const each = (method: unknown, i: number) =>
      isJsonObject(method) ? configIn(method, folder, `methods.${i}.`) : method;
    return [key, await Promise.all(value.map(each))];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** @throws as `runConfigOf`, with places in the request, such as `config.learningRate` */
export async function trainJobOf(request: NewJob, context: StudioContext): Promise<TrainJob> {
  const { run, model = context.models.served.name, auto, overwrite } = request;
  const output = await context.folder.future(run);
  if (model !== context.models.served.name) await context.models.check(model);
  const { name, revision, dtype } = context.models.served;
  const served = model === name ? { ...(revision && { revision }), ...(dtype && { dtype }) } : {};
  const { device, threads, offline } = context;
  const given = { device, ...(threads && { threads }), ...served, ...request.config };
  const config = await underKey('config', () => runConfigOf(given, context.folder));
  return { type: 'train', model, output, config, offline, auto, overwrite };
}

/** Problems of options by their place in the request. */
export async function underKey<Result>(key: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof UsageError) || error.problems.length === 0) throw error;
    const problems = error.problems.map((problem) => ({ ...problem, path: [key, ...problem.path] }));
    throw new UsageError(problems, { code: error.code, cause: error });
  }
}

/** Paths in the folder as paths, in a source of data or a list of them. Whatever else there is stays. */
export async function dataIn(value: unknown, key: string, folder: StudioFolder): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((each) => dataIn(each, key, folder)));
  if (typeof value !== 'string' || isDatasetName(value)) return value;
  return pathOf(value, key, folder);
}

/** Options of a method, or of several under their names. */
async function withPaths(options: unknown, folder: StudioFolder, place: string): Promise<unknown> {
  if (!isJsonObject(options)) return options;
  const entries = Object.entries(options).map(async ([key, value]) => {
    if (pathOptions.includes(key) && typeof value === 'string')
      return [key, await pathOf(value, `${place}.${key}`, folder)];
    return [key, await withPaths(value, folder, place)];
  });
  return Object.fromEntries(await Promise.all(entries));
}

function pathOf(name: string, key: string, folder: StudioFolder): Promise<string> {
  return folder.existing(name).catch((error: UsageError) => {
    throw optionError(key, error.message, { code: 'not-found' });
  });
}
