/** @file What the comparisons share: the outcome of one folder, and the table of all. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PromptuneError } from '../../src/errors.js';

export type Outcome =
  | 'agreed'
  | 'refused by name'
  | 'refused by both'
  | 'only read here'
  | 'DIFFERS'
  | 'RAW ERROR';

/** The fields of every expected.json: the reference's logits, or why the reference refuses the files. */
interface Expected {
  readonly logits?: number[][];
  readonly refused?: string;
  /** How the files differ from ordinary ones. */
  readonly form?: string[];
  readonly change?: string;
}

export async function outcomeOf(
  folder: string,
  logits: () => Promise<Float32Array>,
): Promise<[outcome: Outcome, detail: string]> {
  const expected: Expected = JSON.parse(await readFile(join(folder, 'expected.json'), 'utf8'));
  const form = expected.change ?? expected.form?.join(', ') ?? '';
  try {
    const found = await logits();
    if (!expected.logits) return ['only read here', `${form}; ${expected.refused}`];
    const reference = expected.logits.flat();
    const largest = Math.max(1, ...reference.map(Math.abs));
    const difference = Math.max(...reference.map((x, i) => Math.abs(x - found[i]!))) / largest;
    return [difference < 1e-4 ? 'agreed' : 'DIFFERS', `${form}; by ${difference.toExponential(1)}`];
  } catch (error) {
    if (!(error instanceof PromptuneError)) return ['RAW ERROR', `${form}; ${(error as Error).stack}`];
    return [expected.logits ? 'refused by name' : 'refused by both', `${form}; ${error.message}`];
  }
}

/**
 * Compares every folder below the first argument. The second lists the outcomes that are printed one by one.
 * @param compare returns a folder's outcome
 */
export async function compareAll(compare: (folder: string) => Promise<[Outcome, string]>): Promise<void> {
  const [root, show = 'DIFFERS,RAW ERROR'] = process.argv.slice(2);
  if (!root) throw new Error('give the folder that the Python script wrote');
  const counts = new Map<string, Map<Outcome, number>>();
  for (const name of (await readdir(root)).sort()) {
    const [outcome, detail] = await compare(join(root, name));
    if (show.includes(outcome)) console.log(`${name}: ${outcome}: ${detail}`);
    const [, kind] = /^\d+-([^-]+)/.exec(name) ?? [];
    for (const row of [`${kind}`, 'all']) {
      const counted = counts.get(row) ?? new Map<Outcome, number>();
      counts.set(row, counted.set(outcome, (counted.get(outcome) ?? 0) + 1));
    }
  }
  for (const [kind, counted] of counts)
    console.log(`${kind}: ${[...counted].map(([outcome, count]) => `${count} ${outcome}`).join(', ')}`);
  const all = counts.get('all');
  process.exitCode = all?.has('DIFFERS') || all?.has('RAW ERROR') ? 1 : 0;
}
