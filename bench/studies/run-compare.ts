/** @file Runs `promptune compare` from its source, and reads its results. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import type { FinishedCell } from '../../src/comparison/table.js';
import { writeFileAtomic } from '../../src/formats/files.js';

const commandLine = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/**
 * Writes `config` to FOLDER/compare.yaml, with `output` FOLDER/runs, and computes all missing cells.
 * @returns the cells; undefined if the command was stopped or failed, which it has then reported itself
 */
export async function runCompare(folder: string, config: object): Promise<FinishedCell[] | undefined> {
  const [path, output] = [join(folder, 'compare.yaml'), join(folder, 'runs')];
  await writeFileAtomic(path, stringify({ ...config, output }));
  const child = spawn(process.execPath, [...process.execArgv, commandLine, 'compare', path], {
    stdio: 'inherit',
  });
  const leaveToChild = () => {}; // a terminal's Ctrl-C reaches the child too, which saves its state
  process.on('SIGINT', leaveToChild);
  const pass = () => child.kill('SIGTERM');
  process.on('SIGTERM', pass);
  const [code] = await once(child, 'exit');
  process.off('SIGINT', leaveToChild).off('SIGTERM', pass);
  if (code !== 0) {
    process.exitCode = code ?? 1;
    return undefined;
  }
  return JSON.parse(await readFile(join(output, 'results.json'), 'utf8')).cells.map(
    ({ method, size, seed, ...result }: FinishedCell) => ({ method, size, seed, result }),
  );
}

/** `count` items at equal distances, so that they represent the whole; all of them if there are no more. */
export function spread<T>(items: readonly T[], count: number): T[] {
  if (count >= items.length) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]!);
}

/** One JSON object per line. */
export const jsonl = (rows: readonly object[]): string =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** The value of a flag that takes a positive integer. */
export function wholeNumber(flag: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1) return number;
  return fail(`--${flag}: expected a whole number from 1, got "${text}"`);
}

/** Names or numbers separated by commas. */
export const list = (text: string): string[] =>
  text === '' ? [] : text.split(',').map((part) => part.trim());

/** Exits with a message about an invalid command line. */
export function fail(problem: string): never {
  console.error(problem);
  process.exit(2);
}
