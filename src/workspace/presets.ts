/**
 * @file The configurations that come with the package: a use each, in English and in Chinese, with rows to begin with.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { optionError } from '../errors.js';
import { type ConfigFile, readConfigFile } from './config-file.js';

const folder = fileURLToPath(new URL('../../presets', import.meta.url));

/** The names of all presets, such as `translate-en`. */
export function presetNames(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.replace('.yaml', ''))
    .sort();
}

/**
 * A preset as a configuration file whose data is found wherever the package is.
 * @throws UsageError that names the presets there are
 */
export async function readPreset(name: string): Promise<ConfigFile> {
  const names = presetNames();
  if (!names.includes(name))
    throw optionError('preset', `there is no preset "${name}"; choose one of ${names.join(', ')}`, {
      code: 'unknown-name',
    });
  const file = await readConfigFile(join(folder, `${name}.yaml`));
  return { ...file, values: { ...file.values, data: join(folder, String(file.values.data)) } };
}
