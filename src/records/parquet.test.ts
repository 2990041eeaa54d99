import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileError } from '../errors.js';
import { Numeral } from '../formats/numeral.js';
import { openRecords } from './records.js';

const fixture = (name: string) => join(import.meta.dirname, `${name}.fixture.parquet`);

async function readAll(path: string) {
  const file = await openRecords(path);
  try {
    const records = [];
    for await (const record of file) records.push(record);
    expect(file.length).toBe(records.length);
    for (let i = file.length - 1; i >= 0; i--) expect(await file.get(i)).toEqual(records[i]);
    await expect(file.get(file.length)).rejects.toThrow(RangeError);
    return records;
  } finally {
    await file.close();
  }
}

describe('a Parquet file', () => {
  it('gives text, numbers, lists and objects as JSON has them, over groups of rows', async () => {
    const when = '2024-01-02T00:00:00';
    const path = fixture('parquet');
    expect(await readAll(path)).toEqual([
      {
        path,
        place: 'row 1',
        fields: {
          id: 1,
          question: 'Where?',
          answers: { text: ['here', 'there'], answer_start: [0, 3] },
          good: true,
          score: 0.5,
          when,
        },
      },
      {
        path,
        place: 'row 2',
        fields: {
          id: 2,
          question: '谁？',
          answers: { text: [], answer_start: [] },
          good: false,
          score: new Numeral('-1.0'),
          when,
        },
      },
      {
        path,
        place: 'row 3',
        fields: {
          id: new Numeral('1152921504606846976'), // more than a number holds exactly
          question: null,
          answers: { text: ['x'], answer_start: [7] },
          good: null,
          score: new Numeral('2.0'),
          when,
        },
      },
    ]);
  });

  it('may be compressed by zstd', async () => {
    expect((await readAll(fixture('parquet-zstd'))).map(({ fields }) => fields)).toEqual([
      { sentence: 'good film', label: 1 },
      { sentence: 'bad film', label: 0 },
    ]);
  });
});

/** Every number as its text, at any depth. */
function asText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asText);
  if (typeof value !== 'object' || value === null) return typeof value === 'number' ? String(value) : value;
  if (value instanceof Numeral) return value.text;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, asText(inner)]));
}

describe('numbers and times of a Parquet file', () => {
  it('are the text that Python writes of them', async () => {
    const expected: unknown = JSON.parse(
      await readFile(join(import.meta.dirname, 'parquet-numbers.fixture.json'), 'utf8'),
    );
    const read = (await readAll(fixture('parquet-numbers'))).map(({ fields }) => asText(fields));
    expect(read).toEqual(expected);
  });

  it('may be times of 96 bits', async () => {
    const [record] = await readAll(fixture('parquet-int96'));
    expect(record!.fields).toEqual({ when: '2024-01-02T03:04:05.000006' });
  });
});

describe('a file that is refused', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'promptune-parquet-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('has no rows', async () => {
    await expect(readAll(fixture('parquet-empty'))).rejects.toThrow('the file has columns but no rows');
  });

  it('is no Parquet, or a part of it', async () => {
    const path = join(folder, 'a.parquet');
    await writeFile(path, '{"prompt": "a"}');
    await expect(readAll(path)).rejects.toThrow(FileError);
    await expect(readAll(path)).rejects.toThrow('a.parquet: it cannot be read as Parquet');
    const whole = await readFile(fixture('parquet'));
    await writeFile(path, whole.subarray(0, whole.length - 100));
    await expect(readAll(path)).rejects.toThrow('it cannot be read as Parquet');
  });

  it('names the damage in the middle of a file', async () => {
    const path = join(folder, 'b.parquet');
    await copyFile(fixture('parquet'), path);
    const bytes = await readFile(path);
    bytes.fill(0xff, 4, 200);
    await writeFile(path, bytes);
    await expect(readAll(path)).rejects.toThrow('b.parquet: it cannot be read as Parquet');
  });
});
