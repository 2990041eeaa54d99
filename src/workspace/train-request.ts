/** @file The request of a run: a configuration file and single settings, merged and checked. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { methodSeparator } from '../attach/compose.js';
import { embeddedModel } from '../embedded-model.js';
import { optionError, type Problem, UsageError } from '../errors.js';
import { isNotedData, notedAdapters } from '../runs/noted-config.js';
import {
  configProblems,
  defaultMethod,
  type ResolvedRunConfig,
  resolveRunConfig,
  runSchema,
} from '../runs/run-config.js';
import { resumedSettings, settledSettings, withSettled } from '../runs/stored-settings.js';
import { say } from '../say.js';
import { defaultOptimizer } from '../training/config.js';
import { type ConfigFile, readConfigFile } from './config-file.js';
import { readPreset } from './presets.js';

/** The keys of a configuration file: those of a run, and where its model and its folder are. */
export const trainRequestSchema = runSchema.extend({
  data: runSchema.shape.data.optional().meta(runSchema.shape.data.meta() ?? {}),
  model: z
    .string()
    .optional()
    .meta({
      description: `a folder, or a model of the Hugging Face Hub (default: ${embeddedModel}, which is included in promptune)`,
      format: 'path',
    }),
  output: z.string().optional().meta({
    description: 'folder of the run, new or empty; the adapter goes into its adapter/',
    format: 'path',
  }),
});

export interface TrainRequest {
  readonly model: string;
  readonly output?: string;
  readonly config: ResolvedRunConfig;
}

/** A value for one key of a configuration, such as from a flag or a form's field. */
export interface Setting {
  /** The key's path, such as `['optimizer', 'weightDecay']`. */
  readonly path: readonly string[];
  readonly value: unknown;
}

/** Where a configuration comes from. */
export interface TrainSources {
  /** The path of a YAML file. */
  readonly config?: string;
  /** The name of a preset, in place of a file. */
  readonly preset?: string;
  /** Without either: resumes the run in `output` with its own configuration. */
  readonly resume?: boolean;
  /** Defaults, overridden by the file and the settings. */
  readonly defaults?: Settings;
}

type Settings = Readonly<Record<string, unknown>>;

/**
 * @param given settings, which override the file
 * @throws UsageError with all problems, by file and line if they are in the file; FileError for the file
 *   itself
 */
export async function readTrainRequest(
  { config, preset, resume, defaults = {} }: TrainSources,
  given: readonly Setting[] = [],
): Promise<TrainRequest> {
  const output = given.find(({ path }) => path[0] === 'output')?.value;
  const file =
    config !== undefined
      ? await readConfigFile(config)
      : preset !== undefined
        ? await readPreset(preset)
        : resume
          ? await readRunConfigFile(output)
          : undefined;
  const merged = merge(file?.values ?? defaults, given);
  const isOther = resume && (config !== undefined || preset !== undefined) && typeof output === 'string';
  const settings = isOther ? withSettled(merged, await settledSettings(output)) : merged;
  const missing = missingValues(settings);
  const others = configProblems(settings, trainRequestSchema).filter(
    ({ path }) => !missing.some((problem) => problem.path.every((key, i) => key === path[i])),
  );
  const problems = [...missing, ...others];
  if (problems.length > 0)
    throw new UsageError(
      problems.map((problem) => {
        const isGiven = given.some(({ path }) => path.every((key, i) => key === problem.path[i]));
        return isGiven ? problem : (file?.placed(problem) ?? problem);
      }),
    );
  const { model = embeddedModel, output: folder, data, ...rest } = trainRequestSchema.parse(settings);
  if (data === undefined)
    throw optionError('data', say`expected a file of training data, such as pairs.jsonl`);
  return { model, output: folder, config: resolveRunConfig({ data, ...rest }) };
}

/** Problems about values of the original run that were in memory, so are not in its folder. */
function missingValues(settings: Settings): Problem[] {
  const rows = say`the run started with rows in memory, which its folder does not have; resume it from code
      with the rows, or set a file that has them`;
  const adapter = say`the run started from an adapter in memory, which its folder does not have; resume it from
      code with the adapter, or set its folder`;
  return [
    ...['data', 'validation']
      .filter((key) => isNotedData(settings[key]))
      .map((key) => ({ path: [key], message: rows })),
    ...notedAdapters(settings).map((path) => ({ path, message: adapter })),
  ];
}

/** The configuration in a run's folder. */
async function readRunConfigFile(output: unknown): Promise<ConfigFile> {
  if (typeof output !== 'string')
    throw optionError('output', say`expected the folder of the run to resume`, { code: 'not-found' });
  const path = join(output, 'config.yaml');
  if (existsSync(path)) {
    const file = await readConfigFile(path);
    return { ...file, values: resumedSettings(file.values) };
  }
  const message = say`${output} has no run to resume, since it has no config.yaml; start one`;
  throw optionError('resume', message, { code: 'not-found' });
}

/** Options of a choice. A setting that changes the choice drops its options in the file. */
const choices: Readonly<Record<string, { belongings: string; byDefault: string }>> = {
  method: { belongings: 'methodOptions', byDefault: defaultMethod },
  'optimizer.name': { belongings: 'optimizer', byDefault: defaultOptimizer },
};

function merge(file: Settings, given: readonly Setting[]): Settings {
  const settings: Record<string, unknown> = structuredClone(file);
  const sets = (key: string) => given.some(({ path }) => path[0] === key);
  if (sets('epochs') && !sets('maxSteps')) delete settings.maxSteps; // the length is then by epochs
  for (const { path, value } of given) {
    const choice = choices[path.join('.')];
    if (choice && value !== (valueAt(settings, path) ?? choice.byDefault)) delete settings[choice.belongings];
    if (path[0] === 'methodOptions') removeFromParts(settings, path[1]!);
    let part = settings;
    for (const outer of path.slice(0, -1)) {
      part[outer] = { ...(part[outer] as object | undefined) };
      part = part[outer] as Record<string, unknown>;
    }
    part[path.at(-1)!] = value;
  }
  // Options of an unnamed optimizer are those of the default one.
  const { optimizer } = settings;
  if (typeof optimizer === 'object' && optimizer !== null && !('name' in optimizer)) {
    settings.optimizer = { name: defaultOptimizer, ...optimizer };
  }
  return settings;
}

/** Removes an option under methods' names in the file, which a setting overrides. */
function removeFromParts(settings: Record<string, unknown>, option: string): void {
  const all = { ...(settings.methodOptions as Record<string, unknown> | undefined) };
  for (const name of String(settings.method).split(methodSeparator)) {
    if (typeof all[name] !== 'object' || all[name] === null) continue;
    const { [option]: _, ...others } = all[name] as Record<string, unknown>;
    all[name] = others;
  }
  settings.methodOptions = all;
}

function valueAt(settings: unknown, path: readonly string[]): unknown {
  return path.reduce((part, key) => (part as Record<string, unknown> | undefined)?.[key], settings);
}
