import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, symlink, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { JobLog } from './job-log.js';

const step = (step: number) => ({ type: 'resumed' as const, step, totalSteps: 9 });

it.skipIf(!existsSync('/dev/full'))('writes what a full disk refused as soon as there is space', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'promptune-job-log-'));
  const path = join(folder, 'messages.jsonl');
  const { log } = await JobLog.open(path);
  log.begin();
  log.append(step(1));
  await log.finish();

  await rename(path, join(folder, 'before'));
  await symlink('/dev/full', path);
  log.begin();
  log.append(step(2));
  await expect(log.finish()).rejects.toThrow('the disk is full; free some space and try again');

  await unlink(path);
  await rename(join(folder, 'before'), path);
  log.begin();
  log.append(step(3));
  await log.finish();
  const messages = [];
  for await (const { index, event } of log.read()) messages.push({ index, event });
  expect(messages).toEqual([1, 2, 3].map((number) => ({ index: number - 1, event: step(number) })));
  expect((await readFile(path, 'utf8')).trim().split('\n')).toHaveLength(3);
});
