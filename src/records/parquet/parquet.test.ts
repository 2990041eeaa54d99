import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileError } from '../../errors.js';
import { parseJson } from '../../formats/json-text.js';
import { Numeral } from '../../formats/numeral.js';
import { seededRandom } from '../../random.js';
import { openRecords } from '../records.js';
import { at, type OpenStruct, withFooter, withMetadata } from './thrift.fixture.js';
import type { ThriftValue } from './thrift.js';

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

  it('gives bytes that are no text as they are, and all characters of those that are', async () => {
    const [text, bytes] = await readAll(fixture('parquet-bytes'));
    expect(text!.fields).toEqual({ prompt: '\ufeffabc', completion: 'x' });
    expect(bytes!.fields).toEqual({ prompt: Uint8Array.of(0x62, 0xff), completion: 'y' });
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

describe('every encoding', () => {
  it.each(['parquet-encodings-v1', 'parquet-encodings-v2'])('%s reads as Arrow reads it', async (name) => {
    const expected = await readFile(join(import.meta.dirname, 'parquet-encodings.fixture.json'), 'utf8');
    expect((await readAll(fixture(name))).map(({ fields }) => fields)).toEqual(parseJson(expected));
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

  it('is not Parquet, or is truncated', async () => {
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
    await expect(readAll(path)).rejects.toThrow(
      'b.parquet (row group 1, column "id"): it cannot be read as Parquet',
    );
  });

  const chunk = [4, 0, 1, 0, 3]; // the metadata of the first column of the first group
  it.each<[string, (metadata: OpenStruct) => void]>([
    [
      '(num_rows): it cannot be read as Parquet: expected a whole number from 0, found -8',
      (file) => file.set(3, -8),
    ],
    [
      '(num_rows): it cannot be read as Parquet: it is 4, and the groups of rows have 3',
      (file) => file.set(3, 4),
    ],
    [
      '(row group 1: num_rows): it cannot be read as Parquet: expected a whole',
      (file) => at(file, 4, 0).set(3, -1),
    ],
    [
      '(row group 1: num_rows): it cannot be read as Parquet: it is missing',
      (file) => at(file, 4, 0).delete(3),
    ],
    [
      '(row group 1: num_rows): it cannot be read as Parquet: it is 9007199254740991, at most 16777216 can be read',
      (file) => at(file, 4, 0).set(3, Number.MAX_SAFE_INTEGER),
    ],
    ['found 9223372036854775807', (file) => at(file, 4, 0).set(3, 2n ** 63n - 1n)],
    ['found NaN', (file) => at(file, 4, 0).set(3, Number.NaN)],
    ['(row group 1, column "id": num_values)', (file) => at(file, ...chunk).set(5, 3)],
    [
      'column "id": data_page_offset): it cannot',
      (file) =>
        at(file, ...chunk)
          .set(9, -4)
          .delete(11),
    ],
    [
      'bytes 1 to',
      (file) =>
        at(file, ...chunk)
          .set(9, 1)
          .delete(11),
    ],
    ['are not inside the file', (file) => at(file, ...chunk).set(7, 1e9)],
    ['column "id": total_compressed_size): it cannot', (file) => at(file, ...chunk).set(7, -1)],
    ['total_uncompressed_size): it cannot', (file) => at(file, ...chunk).set(6, 2 ** 32)],
    ['column "id": codec)', (file) => at(file, ...chunk).set(4, 77)],
    ['it is packed by LZO, which is not supported', (file) => at(file, ...chunk).set(4, 3)],
    ['column "id": path_in_schema): it cannot', (file) => at(file, ...chunk).set(3, [Uint8Array.of(120)])],
    ['it is not the type of the schema', (file) => at(file, ...chunk).set(1, 6)],
    ['(schema): it cannot be read as Parquet: it ends before', (file) => at(file, 2, 0).set(5, 9)],
    ['(schema element 1: num_children)', (file) => at(file, 2, 0).set(5, -1)],
    ['6 column chunks', (file) => at(file, 4, 0).set(1, (at(file, 4, 0).get(1) as ThriftValue[]).slice(1))],
  ])('says which number of its metadata is wrong: %s', async (problem, change) => {
    const path = join(folder, 'c.parquet');
    await writeFile(path, withMetadata(await readFile(fixture('parquet')), change));
    await expect(readAll(path)).rejects.toThrow(FileError);
    await expect(readAll(path)).rejects.toThrow(problem);
  });

  it('claims more than its bytes can hold', async () => {
    const path = join(folder, 'd.parquet');
    const data = new TextEncoder().encode('PAR1');
    const hostile: [string, Uint8Array][] = [
      ['ends too early', Uint8Array.of(0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07)], // a list of 2^31 structs
      ['more than 32 deep', new Uint8Array(1000).fill(0x1c)], // structs in structs
      ['more than 64 bits', Uint8Array.of(0x16, ...new Uint8Array(10_000).fill(0xff))], // a number without an end
      ['unknown type', Uint8Array.of(0x1b)],
    ];
    for (const [problem, metadata] of hostile) {
      await writeFile(path, withFooter(data, metadata));
      await expect(readAll(path)).rejects.toThrow(problem);
    }
  });

  it('never ends the process by an unhandled rejection, whichever byte is damaged', async () => {
    const path = join(folder, 'e.parquet');
    const random = seededRandom(7);
    let refused = 0;
    for (const name of ['parquet', 'parquet-zstd', 'parquet-encodings-v1', 'parquet-encodings-v2']) {
      const whole = await readFile(fixture(name));
      for (let i = 0; i < 40; i++) {
        const bytes = Uint8Array.from(whole);
        for (let flips = 0; flips <= i % 3; flips++) bytes[random.below(bytes.length)] = random.below(256);
        await writeFile(path, bytes);
        await readAll(path).catch((error: unknown) => {
          expect(error).toBeInstanceOf(FileError);
          refused++;
        });
      }
    }
    expect(refused).toBeGreaterThan(40);
  });
});
