import { spawn, spawnSync } from 'node:child_process';
import { readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { host } from '#platform';
import { compileProgram } from '../../test/support/compile-program.js';
import { PromptuneError } from '../errors.js';
import { breakLock, isHolder, type Lock, lockHolder, silentAfter, takeLock } from './lock.js';
import { useTemporaryFolder } from './temporary-folder.fixture.js';

const inFolder = useTemporaryFolder();
const ended = { ...host.process, pid: spawnSync(process.execPath, ['--version']).pid };
const elsewhere = { ...host.process, space: 'elsewhere' };
const lockOf = (holder: object) => `${JSON.stringify({ host: 'a.example', id: 'x-1', ...holder })}\n`;

async function taken(path: string): Promise<Lock> {
  const lock = await takeLock(path);
  if (isHolder(lock)) expect.fail(`held by process ${lock.pid} on ${lock.host}`);
  return lock;
}

it('names its holder, and releasing it removes everything beside it', async () => {
  const lock = await taken(inFolder('lock'));
  expect(JSON.parse(await readFile(inFolder('lock'), 'utf8'))).toMatchObject({
    ...host.process,
    host: host.name,
  });
  expect(await takeLock(inFolder('lock'))).toMatchObject(host.process);
  expect(await readdir(inFolder())).toEqual(['lock']);
  await lock.release();
  expect(await readdir(inFolder())).toEqual([]);
});

describe('of a holder that is gone', () => {
  it.each([
    ['one that has ended', lockOf(ended)],
    [
      'an earlier one with the number of this process, as in a container',
      lockOf({ ...host.process, started: '1' }),
    ],
    ['of an earlier version', JSON.stringify({ pid: ended.pid, started: '1', host: host.name })],
  ])('%s', async (_, content) => {
    await writeFile(inFolder('lock'), content);
    expect(await lockHolder(inFolder('lock'))).toBeUndefined();
    await (await taken(inFolder('lock'))).release();
    expect(await readdir(inFolder())).toEqual([]);
  });

  it('one that was killed while it wrote its name', async () => {
    await writeFile(inFolder('lock'), '{"pid": 1');
    const before = Date.now() / 1000 - 60;
    await utimes(inFolder('lock'), before, before);
    await (await taken(inFolder('lock'))).release();
  });

  it('one that is still being written gets time to be completed', async () => {
    await writeFile(inFolder('lock'), '{"pid": 1');
    const taking = takeLock(inFolder('lock'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await writeFile(inFolder('lock'), lockOf(host.process));
    expect(await taking).toMatchObject(host.process);
  });
});

describe('of a holder whose state is unknown', () => {
  it('counts as long as there are signs of life, by the clock of the folder', async () => {
    await writeFile(inFolder('lock'), lockOf(elsewhere));
    expect(await takeLock(inFolder('lock'))).toMatchObject({ host: 'a.example' });
    const { mtimeMs } = await stat(inFolder('lock'));
    const silent = (mtimeMs - silentAfter - 1000) / 1000;
    await utimes(inFolder('lock'), silent, silent);
    await (await taken(inFolder('lock'))).release();
  });

  it('counts until it is broken if its version gives no signs of life', async () => {
    await writeFile(inFolder('lock'), JSON.stringify({ pid: 4, started: '1', host: 'a.example' }));
    await utimes(inFolder('lock'), 1, 1);
    expect(await takeLock(inFolder('lock'))).toMatchObject({ pid: 4 });
    expect(await breakLock(inFolder('lock'))).toBeUndefined();
    await (await taken(inFolder('lock'))).release();
  });
});

it('of a live process of this machine is not broken', async () => {
  const lock = await taken(inFolder('lock'));
  expect(await breakLock(inFolder('lock'))).toMatchObject(host.process);
  await lock.check();
  await lock.release();
});

it('that another process has taken is noticed before anything is written, and stays with the other', async () => {
  const lock = await taken(inFolder('lock'));
  await writeFile(inFolder('lock'), lockOf(elsewhere));
  await expect(lock.check()).rejects.toThrow(
    new PromptuneError(
      `${inFolder('lock')}: process ${elsewhere.pid} on a.example has taken the lock; nothing more is written here`,
    ),
  );
  expect(lock.isLost).toBe(true);
  await lock.release();
  expect(await readFile(inFolder('lock'), 'utf8')).toBe(lockOf(elsewhere));
});

it('that was removed is taken again', async () => {
  const lock = await taken(inFolder('lock'));
  await breakLock(inFolder('none'));
  await writeFile(inFolder('lock'), lockOf(ended));
  await (await taken(inFolder('lock'))).release(); // it was taken for that of one that has ended
  await lock.check();
  expect(await takeLock(inFolder('lock'))).toMatchObject(host.process);
  await lock.release();
});

describe('exactly one has a lock that its holder left behind', () => {
  const rounds = 40;

  it('of many within a process', async () => {
    for (let round = 0; round < rounds; round++) {
      const path = inFolder(`lock-${round}`);
      await writeFile(path, lockOf(ended));
      const results = await Promise.all(Array.from({ length: 8 }, () => takeLock(path)));
      const locks = results.filter((result) => !isHolder(result));
      expect(locks).toHaveLength(1);
      await (locks[0] as Lock).release();
    }
    expect(await readdir(inFolder())).toEqual([]);
  });

  it('of several processes', async () => {
    const program = await compileProgram(join(import.meta.dirname, 'lock-taker.fixture.ts'));
    onTestFinished(() => rm(program));
    const takers = Array.from({ length: 3 }, () => {
      const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
      onTestFinished(() => void child.kill());
      const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
      return {
        pid: child.pid,
        tell: (path: string) => child.stdin.write(`${path}\n`),
        answer: () => lines.next(),
      };
    });
    for (const taker of takers) expect(await taker.answer()).toMatchObject({ value: 'ready' });
    for (let round = 0; round < rounds; round++) {
      const path = inFolder(`lock-${round}`);
      await writeFile(path, lockOf(ended));
      for (const taker of takers) taker.tell(path);
      const answers = await Promise.all(takers.map(async (taker) => (await taker.answer()).value));
      const winner = takers[answers.indexOf('mine')];
      expect(answers.map((answer) => (answer === 'mine' ? answer : Number(answer))).sort()).toEqual(
        [winner!.pid, winner!.pid, 'mine'].sort(),
      );
      expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: winner!.pid });
    }
  });
});
