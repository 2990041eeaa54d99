import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PromptuneError, UsageError } from '../errors.js';
import { type Data, openData, readRows, recordOf, storedSources } from './data.js';
import type { DataRecord } from './records.js';

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promptune-data-'));
  path = join(folder, 'rows.jsonl');
  await writeFile(path, '{"text":"a"}\n\n{"text":"b"}\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function* stream() {
  yield { text: 'c' };
  yield { text: 'd' };
}

async function read(data: Data): Promise<DataRecord[]> {
  const records = await openData(data);
  const found: DataRecord[] = [];
  for await (const record of records) found.push(record);
  expect(found).toHaveLength(records.length);
  expect(await records.get(found.length - 1)).toEqual(found.at(-1));
  await expect(records.get(found.length)).rejects.toThrow(RangeError);
  await records.close();
  return found;
}

describe('openData', () => {
  it('reads rows, a stream of rows, a path and several of them alike', async () => {
    const inFile = [
      { path, place: 'line 1', fields: { text: 'a' } },
      { path, place: 'line 3', fields: { text: 'b' } },
    ];
    const inMemory = [
      { place: 'row 1', fields: { text: 'c' } },
      { place: 'row 2', fields: { text: 'd' } },
    ];
    expect(await read(path)).toEqual(inFile);
    expect(await read([{ text: 'c' }, { text: 'd' }])).toEqual(inMemory);
    expect(await read(stream())).toEqual(inMemory);
    expect(await read([path, stream(), [{ text: 'c' }]])).toEqual([...inFile, ...inMemory, inMemory[0]]);
  });

  it('says that there are no rows', async () => {
    const error = await openData([]).catch((problem: unknown) => problem);
    expect(error).toBeInstanceOf(PromptuneError);
    expect((error as Error).message).toBe('the data set is empty: no rows were given');
  });

  it.each([5, null, { text: 'a' }, ['a', { text: 'b' }], [[{ text: 'a' }], 5], [[1]]])(
    'refuses %j, which is no data',
    async (data) => {
      await expect(openData(data as unknown as Data)).rejects.toThrow(UsageError);
      await expect(openData(data as unknown as Data)).rejects.toThrow('data: expected rows');
    },
  );
});

it('keeps the rows of a stream, so that they can be read again', async () => {
  const rows = [{ text: 'c' }, { text: 'd' }];
  expect(await storedSources([path, stream()])).toEqual([path, rows]);
  expect(await storedSources(rows)).toEqual([rows]);
});

it('remembers the places of rows of a file, and numbers the others', async () => {
  const rows = [];
  for await (const row of readRows([path, [{ text: 'c' }]])) rows.push(row);
  expect(rows).toEqual([{ text: 'a' }, { text: 'b' }, { text: 'c' }]);
  expect(rows.map(recordOf).map(({ place }) => place)).toEqual(['line 1', 'line 3', 'row 1']);
  expect(recordOf({ text: 'c' }, 4).place).toBe('row 5');
});
