import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { commitOf, defaultName, writeRecord } from './record.js';

it('writes a run under its name, by default that of its day and commit', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'promptune-record-'));
  const about = { date: '2026-03-01T12:30:59.000Z', commit: 'abc1234+changes' };
  const name = defaultName(about);
  expect(name).toBe('2026-03-01-12-30-abc1234+changes');
  const report = { rows: [{ case: 'a', seconds: 1.5 }] };
  const record = { ...about, name, machine: '2 × CPU', parts: { session: { load: 0.5, report } } };
  expect(JSON.parse(await readFile(await writeRecord(folder, record), 'utf8'))).toEqual(record);
  await expect(writeRecord(folder, { ...record, name: '../a' })).rejects.toThrow('the name "../a"');
  expect(commitOf(folder)).toBe('unknown');
  await rm(folder, { recursive: true });
});
