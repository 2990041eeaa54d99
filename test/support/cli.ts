/** @file Runs `promptune` as its users do: as a process of its own, seen through its output and its exit code. */
import { type ChildProcess, type ChildProcessByStdio, fork, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { inject } from 'vitest';

export interface CliOptions {
  /** The folder that relative paths are of. */
  cwd: string;
  /** What is piped in. Default: nothing. */
  input?: string;
  /** Node's own options, before the program's name. */
  nodeOptions?: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** What bash does before it becomes the command, which it has as `"$0" "$@"`. Default: there is no shell. */
  shell?: string;
}

export interface CliResult {
  stdout: string;
  stderr: string;
  /** The exit code; null where a signal ended the process. */
  code: number | null;
  signal: NodeJS.Signals | null;
}

const plainEnv = (cwd: string) => ({
  PATH: process.env.PATH,
  HOME: cwd,
  HF_HOME: cwd,
  HF_HUB_OFFLINE: '1',
});

/** Starts a command. It has no terminal, no network and no cache of models. */
export function startCli(
  args: readonly string[],
  { cwd, input = '', nodeOptions = [], env, shell }: CliOptions,
): ChildProcessByStdio<Writable, Readable, Readable> {
  const command = [process.execPath, ...nodeOptions, inject('cli'), ...args];
  const [program, ...rest] = shell === undefined ? command : ['bash', '-c', shell, ...command];
  const child = spawn(program!, rest, {
    cwd,
    env: { ...plainEnv(cwd), ...env },
    stdio: 'pipe',
    timeout: 120_000, // one that hangs is told by its signal, and which command it was
    killSignal: 'SIGABRT',
  });
  child.stdin.on('error', () => {}); // a command that reads nothing may end before everything is written
  child.stdin.end(input);
  return child;
}

/** Runs a command to its end. */
export async function runCli(args: readonly string[], options: CliOptions): Promise<CliResult> {
  return finished(startCli(args, options));
}

/** Runs a command whose process does not matter to its test: in one that it shares with others of its test file. */
export function runShared(args: readonly string[], { cwd }: Pick<CliOptions, 'cwd'>): Promise<CliResult> {
  const before = shared?.last ?? Promise.resolve();
  const host =
    shared?.host ?? fork(join(import.meta.dirname, 'cli-host.mjs'), { execArgv: [], env: plainEnv(cwd) });
  const result = before.then(
    () =>
      new Promise<CliResult>((resolve, reject) => {
        const ended = (code: number | null) =>
          reject(new Error(`the process ended with ${code}: ${args.join(' ')}`));
        host.once('exit', ended);
        host.once('message', (message: CliResult) => {
          host.off('exit', ended);
          resolve(message);
        });
        const program = pathToFileURL(join(inject('cli'), '../program.js')).href;
        host.send({ program, args, cwd, env: plainEnv(cwd) });
      }),
  );
  shared = { host, last: result.catch(() => {}) };
  return result;
}

let shared: { host: ChildProcess; last: Promise<unknown> } | undefined;

/** What a command that was started has written by its end. */
export function finished(child: ReturnType<typeof startCli>): Promise<CliResult> {
  const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk) => chunks.push(chunk));
    return () => Buffer.concat(chunks).toString();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ stdout: stdout!(), stderr: stderr!(), code, signal }));
  });
}

/** Commands that mostly take less time than the start of a process, and write nothing that others go on with. */
const quick = [
  'data',
  'models',
  'runs',
  'inspect',
  'generate',
  'classify',
  'eval',
  'merge',
  'combine',
  'export',
];

/** Runs a command that must do what it is asked to, and returns what it prints. */
export async function succeed(args: readonly string[], options: CliOptions): Promise<string> {
  const isPlain = Object.keys(options).every((name) => name === 'cwd');
  const run = isPlain && quick.includes(args[0]!) ? runShared : runCli;
  const { stdout, stderr, code, signal } = await run(args, options);
  if (code !== 0) throw new Error(`promptune ${args.join(' ')} ended with ${code ?? signal}: ${stderr}`);
  return stdout;
}

/** An object of `--json`. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into them without declaring what they expect first
export type Json = Record<string, any>;

/** The objects that a command prints with `--json`, or that are in a file such as metrics.jsonl: one a line. */
export function jsonLines(written: string): Json[] {
  if (written !== '' && !written.endsWith('\n')) throw new Error(`the last line is not whole: ${written}`);
  return written
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

/** Runs a command to its end, and calls `onLine` with every line that it prints, as it comes. */
export function watchCli(
  args: readonly string[],
  options: CliOptions,
  onLine: (line: string, child: ReturnType<typeof startCli>) => void,
): Promise<CliResult> {
  const child = startCli(args, options);
  createInterface({ input: child.stdout }).on('line', (line) => onLine(line, child));
  return finished(child);
}
