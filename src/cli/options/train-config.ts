/** @file What `promptune train` was asked to do: a configuration file and the flags put together, and checked. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { methodSeparator } from '../../attach/compose.js';
import { embeddedModel } from '../../embedded-model.js';
import { UsageError } from '../../errors.js';
import {
  type ConfigProblem,
  configProblems,
  type ResolvedRunConfig,
  resolveRunConfig,
  runSchema,
} from '../../runs/run-config.js';
import { type ConfigFile, readConfigFile } from './config-file.js';
import { readPreset } from './presets.js';
import { type ConfigFlag, configFlags } from './train-flags.js';

/** The keys of a configuration file: those of a run, and where its model and its folder are. */
const requestSchema = runSchema.extend({
  data: runSchema.shape.data.optional(),
  model: z.string().optional(),
  output: z.string().optional(),
});

export interface TrainRequest {
  readonly model: string;
  readonly output?: string;
  readonly config: ResolvedRunConfig;
}

/** The flags that say where a configuration comes from. */
export interface SourceFlags {
  config?: string;
  preset?: string;
  output?: string;
  resume?: boolean;
}

type Settings = Readonly<Record<string, unknown>>;

/**
 * @param values the values of all flags, by commander's names
 * @param isGiven whether a flag was on the command line
 * @param base settings that stand where neither a flag nor a file says otherwise
 * @throws UsageError with the flag, or the file and line, of everything that is wrong; FileError for the file itself
 */
export async function readTrainRequest(
  values: SourceFlags & Settings,
  isGiven: (name: string) => boolean,
  base: Settings = {},
): Promise<TrainRequest> {
  const file = await configFileFor(values);
  const flags = Object.values(configFlags).flat();
  const given = flags.filter(({ option }) => isGiven(option.attributeName()));
  const settings = mergeFlags(file?.values ?? base, given, values);
  const problems = configProblems(settings, requestSchema);
  if (problems.length > 0) {
    throw new UsageError(
      problems.map((problem) => `${placeOf(problem, given, file)}: ${problem.message}`).join('\n'),
    );
  }
  const { model = embeddedModel, output, data, ...rest } = requestSchema.parse(settings);
  if (data === undefined) throw new UsageError('no training data is given; add --data with a file');
  return { model, output, config: resolveRunConfig({ data, ...rest }) };
}

/** The file that --config names, or the preset; else, to resume a run, its own. */
async function configFileFor({
  config,
  preset,
  resume,
  output,
}: SourceFlags): Promise<ConfigFile | undefined> {
  if (config !== undefined) return readConfigFile(config);
  if (preset !== undefined) return readPreset(preset);
  if (!resume) return undefined;
  if (output === undefined) throw new UsageError('no run to resume is given; add --output with its folder');
  const path = join(output, 'config.yaml');
  if (!existsSync(path)) {
    throw new UsageError(
      `${output} holds no run to resume, as it has no config.yaml: start one without --resume`,
    );
  }
  return readConfigFile(path);
}

/** What belongs to a choice. A flag that changes the choice does away with what the file says of it. */
const choices: Readonly<Record<string, { belongings: string; byDefault: string }>> = {
  method: { belongings: 'methodOptions', byDefault: 'prompt-tuning' },
  'optimizer.name': { belongings: 'optimizer', byDefault: 'adamw' },
};

function mergeFlags(file: Settings, given: readonly ConfigFlag[], values: Settings): Settings {
  const settings: Record<string, unknown> = structuredClone(file);
  for (const { option, path } of given) {
    const value = values[option.attributeName()];
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
  // An optimizer's options without its name are the default one's.
  const { optimizer } = settings;
  if (typeof optimizer === 'object' && optimizer !== null && !('name' in optimizer)) {
    settings.optimizer = { name: 'adamw', ...optimizer };
  }
  return settings;
}

/** What the file says of an option of one of several methods, below its name, gives way to a flag. */
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

/** Where a problem was caused: by a flag, at a line of the file, or by what neither says. */
function placeOf(
  { path }: ConfigProblem,
  given: readonly ConfigFlag[],
  file: ConfigFile | undefined,
): string {
  const flag = given.find((candidate) => candidate.path.every((key, i) => key === path[i]));
  if (flag) return flag.option.long!;
  const key = path.join('.');
  const line = file?.lineOf(path);
  return file && line !== undefined ? `${file.path} (line ${line}): ${key}` : key;
}
