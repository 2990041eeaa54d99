/** @file The configurations included in the package: one per use, in English and Chinese, with rows to start from. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { optionError } from '../errors.js';
import { expectedName } from '../nearest-name.js';
import { say } from '../say.js';
import { type ConfigFile, readConfigFile } from './config-file.js';

const folder = fileURLToPath(new URL('../../presets', import.meta.url));

/** Rows for a first try: descriptions of cats, in English and in Chinese. */
export const quickstartRows = fileURLToPath(new URL('../../quickstart/cats.jsonl', import.meta.url));

/** The names of all presets, such as `translate-en`. */
export function presetNames(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.replace('.yaml', ''))
    .sort();
}

/**
 * A preset as a configuration file, with the path of its data resolved.
 * @throws UsageError that lists the presets
 */
export async function readPreset(name: string): Promise<ConfigFile> {
  const names = presetNames();
  if (!names.includes(name))
    throw optionError('preset', say`there is no preset "${name}"; ${expectedName(name, names)}`, {
      code: 'unknown-name',
    });
  const file = await readConfigFile(join(folder, `${name}.yaml`));
  return { ...file, values: { ...file.values, data: join(folder, String(file.values.data)) } };
}
