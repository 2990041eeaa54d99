/** @file The settings in a run's config.yaml, as this and earlier versions wrote them, and of a run that goes on. */
import { parse, stringify } from 'yaml';
import { fileSystem, join } from '#platform';
import { FileError } from '../errors.js';
import { readTextIfPresent, withFileErrors } from '../formats/files.js';
import { isSameJson } from '../formats/json.js';
import { parseYaml } from '../formats/yaml.js';
import { say } from '../say.js';
import { isNotedData } from './noted-config.js';

/** The settings in a run's config.yaml. @throws FileError if there are none */
export async function readConfig(path: string): Promise<Record<string, unknown>> {
  return runConfigIn(await withFileErrors(path, 'read', () => fileSystem.readText(path)), path);
}

/** The settings in the text of a run's config.yaml. Throws a FileError if there are none. */
export function runConfigIn(text: string, path: string): Record<string, unknown> {
  const config = parseYaml(text, path).values;
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw new FileError(
      path,
      undefined,
      say`expected the settings of a run by name; it is not a run's config.yaml`,
    );
  }
  return withPresentKeys(config as Record<string, unknown>);
}

/** Keys that earlier versions wrote into config.yaml, and their present names. */
const earlierKeys: Readonly<Record<string, string>> = { verbaliser: 'verbalizer' };

/** The settings of a run under their present keys. */
const withPresentKeys = (config: Settings): Record<string, unknown> =>
  Object.fromEntries(Object.entries(config).map(([key, value]) => [earlierKeys[key] ?? key, value]));

/** What a run without these settings does, as earlier versions wrote it. */
const earlierDefaults: Settings = { validation: 0, earlyStoppingPatience: 0, layoutLanguage: 'en' };

/** The settings of a run, by which it goes on as it began. */
export const resumedSettings = (config: Settings): Settings => ({
  ...earlierDefaults,
  ...withPresentKeys(config),
});

type Settings = Readonly<Record<string, unknown>>;

/** Settings that are not always given, and whose defaults depend on the data and on the version that began the run. */
const settledKeys = [
  ...['learningRate', 'validation', 'epochs', 'maxSteps', 'schedule'],
  ...['evalEvery', 'saveEvery', 'earlyStoppingPatience', 'layoutLanguage'],
];

/** Those of the run in a folder; none where there is no run. */
export async function settledSettings(path: string): Promise<Settings> {
  const file = join(path, 'config.yaml');
  const text = await readTextIfPresent(file);
  if (text === undefined) return {};
  const config = resumedSettings(runConfigIn(text, file));
  const kept = settledKeys.filter((key) => config[key] !== undefined && !isNotedData(config[key]));
  return Object.fromEntries(kept.map((key) => [key, config[key]]));
}

/** A resumed run's settings: what is not given is as the run began. */
export function withSettled(given: Settings, before: Settings): Settings {
  const { maxSteps, ...others } = before;
  const kept = given.epochs === undefined ? before : others;
  const missing = Object.entries(kept).filter(([key]) => given[key] === undefined);
  return { ...given, ...Object.fromEntries(missing) };
}

/** The settings that are others now, each as a line. */
export function differences(before: Record<string, unknown>, now: Record<string, unknown>): string[] {
  const after: Record<string, unknown> = parse(stringify(now)); // as it will be read back
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => !isSameJson(before[key] ?? earlierDefaults[key], after[key] ?? earlierDefaults[key]))
    .map((key) => `${key}: ${JSON.stringify(before[key])} → ${JSON.stringify(after[key])}`);
}
