/** @file What a scenario has: a Redis of its own, commands that run in one place, and the bytes that they must give. */
import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Random } from '../../../src/random.js';
import type { RedisServer } from '../redis-server.js';

/** The cells of the comparison. */
export const cells = [1, 2, 3, 4].map((seed) => `prompt-all-seed-${seed}`);

/** A worker whose work goes to another two seconds after its death. */
export const workerArguments = (store: string, ...flags: string[]): string[] => [
  ...['worker', '--lock', '2', '--store', store, ...flags],
];

/** Everything that an attempt uses. */
export interface Place {
  readonly number: number;
  readonly random: Random;
  readonly redis: RedisServer;
  /** The folder of all commands. */
  readonly cwd: string;
  /** Of this attempt. */
  readonly store: string;
  /** What the files of an undisturbed training in one process say (see `trainedFacts`). */
  readonly trained: Readonly<Record<string, string>>;
  /** Runs a command to its end. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Command;
  /** Runs a program or script, which finds `promptune` by its name. */
  script(file: string, args: readonly string[], env?: Readonly<Record<string, string>>): Command;
  worker(...flags: string[]): Command;
  /** A worker on what counts as another machine. @throws NotPossibleHere */
  foreignWorker(host: string): Command;
  compare(...flags: string[]): Command;
  /** A fault, or undefined if the cells of this attempt have the right bytes, and no two differed. */
  check(names?: readonly string[]): Promise<string | undefined>;
  /** Kills all that this attempt has started. */
  endAll(): void;
}

export interface Command {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  /** All that it has printed so far. */
  readonly output: () => string;
  /** Resolves once it has printed that, or has ended. */
  printed(pattern: RegExp): Promise<void>;
}

/** Returns a fault, if there is one. */
export type Scenario = (place: Place) => Promise<string | undefined>;

/** The system does not allow what a scenario needs, such as a disk of its own. */
export class NotPossibleHere extends Error {}

/** Milliseconds at random. */
export const some = (random: Random, most: number): number => random.below(most);

export async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}

/** A fault if the command failed. */
export async function failureOf({ ended, output }: Command): Promise<string | undefined> {
  const code = await ended;
  return code === 0 ? undefined : `the command ended with ${code}: ${output()}`;
}
