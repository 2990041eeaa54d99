/** @file What a run's folder must be at any moment: whatever is in it can be read. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { isTemporaryName } from '../../src/formats/files.js';
import { readSafetensorsHeader, readTensor } from '../../src/formats/safetensors.js';

/**
 * Reads every file below a folder that is no temporary one, and throws if that fails. Returns their paths, sorted.
 */
export async function readEverything(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const results = paths.filter((path) => !path.split('/').some(isTemporaryName));
  for (const path of results) {
    if (path.endsWith('.safetensors')) {
      const file = await readSafetensorsHeader(path);
      for (const name of file.tensors.keys()) await readTensor(file, name);
    } else if (path.endsWith('.json') || path.endsWith('run.lock')) JSON.parse(await readFile(path, 'utf8'));
    else if (path.endsWith('.jsonl')) {
      const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1); // the last one may be torn
      for (const line of lines) JSON.parse(line);
    } else if (path.endsWith('.yaml')) parse(await readFile(path, 'utf8'));
    else if (!path.endsWith('README.md')) throw new Error(`${path}: nobody expected this file`);
  }
  return results.map((path) => path.slice(folder.length + 1)).sort();
}
