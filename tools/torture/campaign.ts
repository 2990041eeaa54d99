/** @file A campaign: many numbered attempts, each determined by its seed alone, and a table of their outcomes. */
import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Random, seededRandom } from '../../src/random.js';

/** The outcome of one attempt. */
export interface Attempt {
  /** Its row in the table, such as `train, killed`. */
  readonly row: string;
  /** Its column, such as `same bytes`. */
  readonly outcome: string;
  /** A broken promise, in one line. Default: there is none. */
  readonly fault?: string;
}

export interface Campaign {
  /** One line for the usage. */
  readonly about: string;
  readonly defaultCount: number;
  /** Whether attempts have nothing in common, so that several can be made at once. */
  readonly isParallel: boolean;
  /** Prepares what all attempts need, in an existing folder of its own. */
  start(folder: string): Promise<RunningCampaign>;
}

export interface RunningCampaign {
  attempt(number: number, random: Random, seed: number): Promise<Attempt>;
  end?(): Promise<void>;
}

export interface TortureOptions {
  readonly count: number;
  readonly seed: number;
  /** Where results are stored: the same command continues after the attempts that are there. */
  readonly folder: string;
  /** How many attempts are made at once, if the campaign allows several. */
  readonly jobs: number;
  readonly log: (line: string) => void;
}

/** Makes the attempts that have not been made yet. Returns all of them. */
export async function runCampaign(
  campaign: Campaign,
  { count, seed, folder, jobs, log }: TortureOptions,
): Promise<Attempt[]> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `attempts-${seed}.jsonl`);
  const attempts = await attemptsIn(path);
  if (attempts.length >= count) return attempts.slice(0, count);
  const running = await campaign.start(folder);
  let next = attempts.length;
  const ahead = new Map<number, Attempt>();
  /** Keeps an attempt as soon as those before it are there, so that the file has them in their order. */
  function keep(number: number, attempt: Attempt): void {
    ahead.set(number, attempt);
    for (let first = ahead.get(attempts.length); first; first = ahead.get(attempts.length)) {
      ahead.delete(attempts.length);
      attempts.push(first);
      appendFileSync(path, `${JSON.stringify(first)}\n`);
    }
  }
  const attemptInTurn = async () => {
    while (next < count) {
      const number = next++;
      const attempt = await running.attempt(number, attemptRandom(seed, number), seed);
      keep(number, attempt);
      if (attempt.fault !== undefined) log(`${number}: ${attempt.row}: ${attempt.fault}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: campaign.isParallel ? jobs : 1 }, attemptInTurn));
  } finally {
    await running.end?.();
  }
  return attempts;
}

/** The random numbers of an attempt, unrelated to those of its neighbors. */
export function attemptRandom(seed: number, number: number): Random {
  return seededRandom(createHash('sha256').update(`${seed} ${number}`).digest().readInt32LE());
}

/** A line cut short by a kill does not count, and is removed. */
async function attemptsIn(path: string): Promise<Attempt[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole !== text) await writeFile(path, whole);
  const lines = whole.split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
}

/** Attempts counted by row and outcome, as Markdown. */
export function attemptTable(attempts: readonly Attempt[]): string {
  const outcomes = [...new Set(attempts.map(({ outcome }) => outcome))].sort();
  const rows = [...new Set(attempts.map(({ row }) => row))].sort();
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  const lineOf = (name: string, of: readonly Attempt[]) =>
    line([
      name,
      of.length,
      ...outcomes.map((outcome) => of.filter((attempt) => attempt.outcome === outcome).length),
      of.filter(({ fault }) => fault !== undefined).length,
    ]);
  const columns = ['', 'attempts', ...outcomes, 'faults'];
  return [
    line(columns),
    line(columns.map(() => '---')),
    ...rows.map((row) =>
      lineOf(
        row,
        attempts.filter((attempt) => attempt.row === row),
      ),
    ),
    lineOf('all', attempts),
    '',
  ].join('\n');
}
