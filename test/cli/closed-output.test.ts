/** @file A command whose terminal is closed, or whose reader is gone, saves what it has to save and ends in order. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { runCli, startCli } from '../support/cli.js';
import { workplace } from '../support/workplace.js';

let root: string;
beforeAll(async () => {
  root = await workplace();
  await writeFile(join(root, 'pairs.jsonl'), '{"prompt": "a", "completion": "b"}\n');
});
afterAll(() => rm(root, { recursive: true, force: true }));

const train = [
  'train',
  '--model',
  '../model',
  '--data',
  '../pairs.jsonl',
  '--output',
  'run',
  '--threads',
  '1',
];
const endless = [...train, '--max-steps', '1000000', '--schedule', 'constant'];

async function newFolder(name: string): Promise<string> {
  const cwd = join(root, name);
  await mkdir(cwd);
  return cwd;
}

async function steps(cwd: string): Promise<number> {
  const written = await readFile(join(cwd, 'run/metrics.jsonl'), 'utf8').catch(() => '');
  return written.split('\n').length - 1;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await setTimeout(20);
}

/** That the run made its last checkpoint after its last step, and has given its folder back. */
async function expectSaved(cwd: string): Promise<void> {
  const checkpoints = await readdir(join(cwd, 'run/checkpoints'));
  expect(checkpoints.at(-1)).toBe(`step-${String(await steps(cwd)).padStart(6, '0')}`);
  expect(existsSync(join(cwd, 'run/run.lock'))).toBe(false);
}

// Util-linux's `script` runs a command in a terminal of its own, which is closed when it is killed.
const hasScript = spawnSync('script', ['--version']).stdout?.toString().includes('util-linux');

it.skipIf(!hasScript)('a terminal that is closed: the run saves, and loses no step', async () => {
  const cwd = await newFolder('terminal');
  const command = ['exec', process.execPath, inject('cli'), ...endless].join(' ');
  const terminal = spawn('script', ['-qec', command, '/dev/null'], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, SHELL: '/bin/sh', TERM: 'xterm' },
    stdio: 'ignore',
  });
  await until(async () => (await steps(cwd)) > 5);
  const holder = JSON.parse(await readFile(join(cwd, 'run/run.lock'), 'utf8'));
  terminal.kill('SIGKILL');
  await until(async () => !existsSync(`/proc/${holder.pid}`));
  await expectSaved(cwd);
});

it('a closed standard output: the run saves, and ends as by Ctrl-C', async () => {
  const cwd = await newFolder('reader');
  const child = startCli([...endless, '--json'], { cwd });
  child.stderr.resume();
  await until(async () => (await steps(cwd)) > 5);
  child.stdout.destroy();
  const code = await new Promise((resolve) => child.once('exit', resolve));
  expect(code).toBe(130);
  await expectSaved(cwd);
});

it('a closed standard error: the run continues to its end', async () => {
  const cwd = await newFolder('errors');
  const child = startCli([...train, '--max-steps', '20'], { cwd });
  child.stderr.destroy();
  child.stdout.resume();
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
  expect(await steps(cwd)).toBe(20);
});

it('a SIGHUP, and a second one, which closing a terminal sends as well, save as Ctrl-C does', async () => {
  const cwd = await newFolder('hangup');
  const child = startCli([...endless, '--json'], { cwd });
  child.stdout.resume();
  await until(async () => (await steps(cwd)) > 5);
  child.kill('SIGHUP');
  child.kill('SIGHUP');
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(130);
  await expectSaved(cwd);
});

it.skipIf(!existsSync('/dev/full'))('a full disk below the standard output is one line', async () => {
  const cwd = await newFolder('full');
  const result = await runCli(['runs', '--help'], { cwd, shell: 'exec "$0" "$@" >/dev/full' });
  expect(result).toMatchObject({ code: 1, signal: null });
  expect(result.stderr).toMatch(/^promptune: the standard output cannot be written: ENOSPC.*\n$/);
});
