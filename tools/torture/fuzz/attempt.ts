/** @file One mutant: made from its seed, read, and judged. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PromptuneError } from '../../../src/errors.js';
import type { Random } from '../../../src/random.js';
import type { Attempt } from '../campaign.js';
import { mutate } from './mutate.js';
import { type FuzzTarget, targets } from './targets.js';

/** The target of an attempt: all in turn. */
export const targetOf = (number: number): FuzzTarget => targets[number % targets.length]!;

/** The results of the unchanged files, by target. */
const originals = new Map<FuzzTarget, string>();

/**
 * Writes the mutant into a folder of its own below `folder`, and reads it. A mutant that can be read is harmless: it
 * reads as before, or as something else that its format allows. The targets check parts of that (ids, lengths, numbers
 * of records) and throw an error of another class otherwise.
 */
export async function fuzzAttempt(folder: string, number: number, random: Random): Promise<Attempt> {
  const target = targetOf(number);
  const files = await target.files();
  if (!originals.has(target)) {
    await writeFiles(join(folder, 'original'), files);
    originals.set(target, JSON.stringify(await target.read(join(folder, 'original'))));
  }
  const mutant = mutate(files.get(target.file)!, target.structure, random);
  const place = join(folder, 'mutant');
  await writeFiles(place, new Map([...files, [target.file, mutant]]));
  const { row } = target;
  try {
    const read = JSON.stringify(await target.read(place));
    return { row, outcome: read === originals.get(target) ? 'read alike' : 'read as something else' };
  } catch (error) {
    if (error instanceof PromptuneError) return { row, outcome: 'refused' };
    const { name, message, stack } = error as Error;
    const where =
      stack
        ?.split('\n')
        .find((line) => line.includes('/src/'))
        ?.trim() ?? '';
    return {
      row,
      outcome: 'another error',
      fault: `${target.file}: ${name}: ${message.slice(0, 150)} ${where}`,
    };
  }
}

async function writeFiles(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
}
