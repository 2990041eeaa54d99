/**
 * @file Interrupts commands that write: by kill -9 at random moments, a full disk, a read-only folder, a closed
 *   terminal, too few file descriptors. Then the same command, or its resumption, must produce the bytes of an
 *   undisturbed run.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, rmdir, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { startPushServer } from '../../src/hub/push-server.fixture.js';
import { createGpt2 } from '../../src/loading/create-model.js';
import type { Random } from '../../src/random.js';
import { tokenizerConfig, trainBpe } from '../../src/tokenizer-training/index.js';
import { compileCli } from '../../test/support/compile-cli.js';
import type { Attempt, Campaign, RunningCampaign } from './campaign.js';
import { commands, type TorturedCommand, writeInputs, writtenAt } from './commands.js';

export const kills: Campaign = {
  about:
    'kill -9, full disks, closed terminals and the like amid every command that writes, then the same again',
  defaultCount: 1000,
  isParallel: true,
  start,
};

/** The result of a command that nothing disturbs, and how long it takes. */
interface Reference {
  readonly files: Record<string, string>;
  /** File operations. */
  readonly operations: number;
  readonly milliseconds: number;
}

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

interface Disturbance {
  /** What the shell does before it becomes the command. */
  readonly shell?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds after which it is killed. */
  readonly killAfter?: number;
  /** Runs it in a terminal, and closes that instead of killing it. */
  readonly inTerminal?: boolean;
}

async function start(folder: string): Promise<RunningCampaign> {
  const built = join(folder, 'promptune');
  const base = join(folder, 'base');
  for (const path of [built, base]) await rm(path, { recursive: true, force: true });
  for (const path of [built, base]) await mkdir(path, { recursive: true });
  const runner: Runner = { cli: await compileCli(built) };
  const tokenizer = await trainBpe({ texts: [], vocabSize: 257 });
  const sizes = { vocabSize: 257, hiddenSize: 32, numLayers: 2, numAttentionHeads: 2, maxPositions: 96 };
  const files = { 'tokenizer.json': tokenizer, 'tokenizer_config.json': tokenizerConfig(96) };
  await createGpt2({ folder: join(base, 'model'), files, ...sizes });
  await writeInputs(base);
  const learn = ['train', '--model', 'model', '--data', 'pairs.jsonl', '--output', 'run', '--method', 'lora'];
  await expectDone(await run(runner, [...learn, '--max-steps', '2'], base));
  await copy(join(base, 'run/adapter'), join(base, 'learned'));
  await rm(join(base, 'run'), { recursive: true });

  const references = new Map<TorturedCommand, Promise<Reference>>();
  /** Computed when first needed. */
  function referenceOf(command: TorturedCommand): Promise<Reference> {
    const found = references.get(command) ?? makeReference(runner, command, base, folder);
    references.set(command, found);
    return found;
  }

  return {
    async attempt(number, random) {
      const command = commands[number % commands.length]!;
      const reference = await referenceOf(command);
      const cwd = join(folder, `attempt-${number}`);
      await rm(cwd, { recursive: true, force: true });
      await copy(base, cwd);
      const kind = kindOf(Math.floor(number / commands.length), number % commands.length);
      const place = await openPlace(runner, command, cwd);
      try {
        const attempt = await makeAttempt(kind, { ...place, command, reference, random });
        if (attempt.fault === undefined) await rm(cwd, { recursive: true });
        return attempt;
      } finally {
        await place.close();
      }
    },
  };
}

/** Some results depend on when a model was written. */
const copy = (from: string, to: string) => cp(from, to, { recursive: true, preserveTimestamps: true });

interface Runner {
  readonly cli: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Where a command runs, and what it has written there. */
interface Place {
  readonly runner: Runner;
  readonly cwd: string;
  written(): ReturnType<typeof writtenAt>;
  close(): Promise<void>;
}

interface Stage extends Place {
  readonly command: TorturedCommand;
  readonly reference: Reference;
  readonly random: Random;
}

/** A folder, and for `push` a Hub, whose repository is the output. */
async function openPlace(runner: Runner, { name, output }: TorturedCommand, cwd: string): Promise<Place> {
  if (name !== 'push') return { runner, cwd, written: () => writtenAt(join(cwd, output)), async close() {} };
  const server = await startPushServer();
  return {
    runner: { ...runner, env: { HF_ENDPOINT: server.endpoint, HF_TOKEN: 'hf_token', HF_HUB_OFFLINE: '' } },
    cwd,
    async written() {
      for (const [path, bytes] of server.repositories.get('anna/cats')?.files ?? []) {
        await mkdir(dirname(join(cwd, output, path)), { recursive: true });
        // The card names the Hub's address, whose port differs each time.
        const named = bytes.toString('latin1').replaceAll(server.endpoint, 'http://hub');
        await writeFile(join(cwd, output, path), named, 'latin1');
      }
      return writtenAt(join(cwd, output));
    },
    close: server.close,
  };
}

const others = [
  'full disk',
  'limited file size',
  'read-only disk',
  'closed terminal',
  'few descriptors',
] as const;
type Kind = 'killed' | (typeof others)[number];

/** Every command is killed in two rounds of three, and meets all other kinds in turn. */
const kindOf = (round: number, command: number): Kind =>
  round % 3 < 2 ? 'killed' : others[(Math.floor(round / 3) + command) % others.length]!;

/** Mounting disks needs privileges; the terminal is util-linux's. */
async function isPossible(kind: Kind): Promise<boolean> {
  if (kind === 'closed terminal')
    return spawnSync('script', ['--version']).stdout?.toString().includes('util-linux') ?? false;
  if (!kind.endsWith(' disk')) return true;
  const disk = await mkdtemp(join(tmpdir(), 'promptune-disk-'));
  try {
    mount('-t', 'tmpfs', 'tmpfs', disk);
    execFileSync('umount', [disk]);
    return true;
  } catch {
    return false;
  } finally {
    await rmdir(disk);
  }
}

async function makeAttempt(kind: Kind, stage: Stage): Promise<Attempt> {
  const row = `${stage.command.name}: ${kind}`;
  if (!(await isPossible(kind))) return { row, outcome: 'not tried' };
  let blows: Blows;
  try {
    blows = kind === 'killed' ? await killed(stage) : await disturbed(kind, stage);
  } catch (error) {
    return { row, outcome: 'fault', fault: `${(error as Error).message}` };
  }
  const last = await runWhenFree(stage);
  const { files, leftovers } = await stage.written();
  const others = [...new Set([...Object.keys(files), ...Object.keys(stage.reference.files)])].filter(
    (name) => files[name] !== stage.reference.files[name],
  );
  const problem =
    blows.problem ??
    (!isDone(last, stage.command)
      ? `then it ended with ${last.code ?? last.signal}: ${last.stderr}`
      : undefined) ??
    (others.length > 0 ? `then other bytes in ${others.join(', ')}` : undefined) ??
    (leftovers.length > 0 ? `left over: ${leftovers.join(', ')}` : undefined);
  return problem === undefined ? { row, outcome: blows.outcome } : { row, outcome: 'fault', fault: problem };
}

interface Blows {
  readonly outcome: string;
  readonly problem?: string;
}

/** One to three kills, each of the process that continues after the previous one. */
async function killed(stage: Stage): Promise<Blows> {
  const { reference, random } = stage;
  let landed = 0;
  for (let blow = 1 + random.below(3); blow > 0; blow--) {
    const byOperation = random.below(2) === 0;
    const end = await runWhenFree(
      stage,
      byOperation
        ? { env: { KILL_AT: `${1 + random.below(reference.operations)}` } }
        : { killAfter: reference.milliseconds * (0.2 + random.below(1000) / 1000) },
    );
    if (end.signal === 'SIGKILL') landed++;
    // A comparison reports it if a cell's process was killed.
    else if (end.code !== 0 && /ended with SIGKILL/.test(end.stderr)) landed++;
    else if (isDone(end, stage.command)) break;
    else return { outcome: 'fault', problem: `it ended with ${end.code ?? end.signal}: ${end.stderr}` };
  }
  return { outcome: `same after ${landed} ${landed === 1 ? 'kill' : 'kills'}` };
}

async function disturbed(kind: Exclude<Kind, 'killed'>, stage: Stage): Promise<Blows> {
  const { cwd, random, reference } = stage;
  const told = (end: End): Blows => {
    if (isDone(end, stage.command)) return { outcome: 'same, undisturbed' };
    const problem = `it ended with ${end.code ?? end.signal}: ${end.stderr.slice(0, 300)}`;
    const isClear =
      end.signal === null &&
      !/\n\s+at /.test(end.stderr) &&
      (kind !== 'read-only disk' || /read-only/.test(end.stderr));
    return isClear ? { outcome: 'same after an error' } : { outcome: 'fault', problem };
  };
  switch (kind) {
    case 'limited file size': {
      const end = await runWhenFree(stage, { shell: `ulimit -f ${1 + random.below(20)}` });
      return told(end);
    }
    case 'few descriptors': {
      // From one operation on: Node itself does not start with few.
      const env = {
        EXHAUST_AT: `${1 + random.below(reference.operations)}`,
        EXHAUST_BUT: `${random.below(2)}`,
      };
      return told(await runWhenFree(stage, { shell: 'ulimit -n 512', env }));
    }
    case 'closed terminal': {
      const killAfter = reference.milliseconds * (0.2 + random.below(800) / 1000);
      await runWhenFree(stage, { inTerminal: true, killAfter });
      return { outcome: 'same after it was closed' };
    }
    case 'full disk':
    case 'read-only disk': {
      const disk = join(cwd, 'disk');
      const inputs = await readdir(cwd);
      await mkdir(disk);
      mount('-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk);
      try {
        for (const name of inputs) await copy(join(cwd, name), join(disk, name));
        if (kind === 'full disk') {
          const { blocks, bfree, bsize } = await statfs(disk);
          const left = random.below(64) * 1024;
          mount('-o', `remount,size=${(blocks - bfree) * bsize + left}`, disk);
        }
        if (kind === 'read-only disk') mount('-o', 'remount,ro', disk);
        const blows = told(await runWhenFree({ ...stage, cwd: disk }));
        mount('-o', 'remount,rw,size=64m', disk);
        await copy(join(disk, stage.command.output), join(cwd, stage.command.output)).catch(() => {});
        return blows;
      } finally {
        execFileSync('umount', [disk]);
      }
    }
  }
}

const mount = (...args: string[]) => execFileSync('mount', args, { stdio: ['ignore', 'ignore', 'pipe'] });

/** Whether the command has done its work, now or, if it refuses to overwrite its result, before. */
const isDone = ({ code, stderr }: End, { name }: TorturedCommand): boolean =>
  code === 0 || (name === 'merge' && /it exists already/.test(stderr));

async function expectDone({ code, signal, stderr }: End): Promise<void> {
  if (code !== 0) throw new Error(`it ended with ${code ?? signal} where nothing disturbed it: ${stderr}`);
}

async function makeReference(
  runner: Runner,
  command: TorturedCommand,
  base: string,
  folder: string,
): Promise<Reference> {
  const cwd = join(folder, `reference-${commands.indexOf(command)}`);
  await rm(cwd, { recursive: true, force: true });
  await copy(base, cwd);
  const counts = join(cwd, 'operations');
  const place = await openPlace(runner, command, cwd);
  try {
    const begin = performance.now();
    await expectDone(await run(place.runner, command.args(cwd), cwd, { env: { KILL_COUNT: counts } }));
    const milliseconds = performance.now() - begin;
    const { files } = await place.written();
    const operations = (await readFile(counts, 'utf8')).trimEnd().split('\n').map(Number);
    return { files, operations: Math.max(...operations), milliseconds };
  } finally {
    await place.close();
  }
}

/**
 * The interrupted process may still be ending and hold its folder: tries again, as a person would after the message.
 */
async function runWhenFree(
  { runner, command, cwd }: Pick<Stage, 'runner' | 'command' | 'cwd'>,
  disturbance?: Disturbance,
): Promise<End> {
  for (let tries = 0; ; tries++) {
    const end = await run(runner, command.args(cwd), cwd, disturbance);
    if (!(end.code !== 0 && /is in use by a run of|already holds a run/.test(end.stderr)) || tries === 100)
      return end;
    await setTimeout(100);
  }
}

async function run(
  { cli, env: own }: Runner,
  args: readonly string[],
  cwd: string,
  { shell, env, killAfter, inTerminal = false }: Disturbance = {},
): Promise<End> {
  const hook = ['--import', pathToFileURL(join(import.meta.dirname, 'kill-at.mjs')).href];
  const command = [process.execPath, ...hook, cli, ...args];
  const quoted = command.map((part) => `'${part}'`).join(' ');
  const [program, ...rest] = inTerminal
    ? ['script', '-qec', `exec ${quoted}`, '/dev/null']
    : shell === undefined
      ? command
      : ['bash', '-c', `${shell}; exec ${quoted}`];
  const child = spawn(program!, rest, {
    cwd,
    env: {
      PATH: process.env.PATH,
      HOME: cwd,
      HF_HOME: cwd,
      SHELL: '/bin/sh',
      HF_HUB_OFFLINE: '1',
      ...own,
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const closed = new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.once('close', (...how) => resolve(how)),
  );
  const abort = new AbortController();
  if (killAfter !== undefined)
    void setTimeout(killAfter, undefined, { signal: abort.signal }).then(
      () => child.kill('SIGKILL'),
      () => {},
    );
  const [code, signal] = await closed;
  abort.abort();
  return { code, signal, stderr };
}
