import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FileError } from '../errors.js';
import { Numeral } from '../formats/numeral.js';
import { startHubServer } from '../hub/hub-server.fixture.js';
import '../hub-datasets.js';
import { openRecords } from './records.js';
import type { ReadOptions } from './text-encoding.js';

fc.configureGlobal({ seed: 1 });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promptune-records-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/**
 * All records as [place, fields], read in file order; checks that reading them one by one, backwards, gives the same.
 */
async function readAll(name: string, content: string | Uint8Array, options: ReadOptions = {}) {
  const file = await openRecords(await write(name, content), options);
  try {
    const records = [];
    for await (const { place, fields } of file) records.push([place, fields]);
    expect(records).toHaveLength(file.length);
    for (let i = file.length - 1; i >= 0; i--) {
      const { place, fields, path } = await file.get(i);
      expect([place, fields]).toEqual(records[i]);
      expect(path).toBe(file.path);
    }
    return records;
  } finally {
    await file.close();
  }
}

describe('openRecords', () => {
  it('reads JSONL', async () => {
    expect(await readAll('a.jsonl', '\ufeff{"a": "x\\n", "b": 1}\r\n\n  {"a": null}')).toEqual([
      ['line 1', { a: 'x\n', b: 1 }],
      ['line 3', { a: null }],
    ]);
  });

  it('reads CSV with quoted commas, quotes and line breaks, CRLF, a byte order mark and blank lines', async () => {
    const csv = '\ufeffmr,ref\r\n"name[A], food[B]","He said ""hi"".\r\nTwice."\r\n\r\n"",last\r\n';
    expect(await readAll('a.csv', csv)).toEqual([
      ['line 2', { mr: 'name[A], food[B]', ref: 'He said "hi".\r\nTwice.' }],
      ['line 5', { mr: '', ref: 'last' }],
    ]);
  });

  it('reads TSV without quoting', async () => {
    expect(await readAll('a.TSV', 'en\tcmn\n"Hi," she said.\t嗨\n\t"\n')).toEqual([
      ['line 2', { en: '"Hi," she said.', cmn: '嗨' }],
      ['line 3', { en: '', cmn: '"' }],
    ]);
  });

  it('reads text, one example a line, its spaces kept', async () => {
    expect(await readAll('a.txt', ' one \n\ntwo')).toEqual([
      ['line 1', { text: ' one ' }],
      ['line 3', { text: 'two' }],
    ]);
  });

  it('reads each of these packed by gzip, in several members too', async () => {
    const lines = Array.from({ length: 30_000 }, (_, i) => `{"a": ${i}}`);
    const half = lines.length / 2;
    const members = [lines.slice(0, half), lines.slice(half)].map((part) => gzipSync(`${part.join('\n')}\n`));
    const file = await openRecords(await write('a.JSONL.GZ', Buffer.concat(members)));
    expect(file.length).toBe(30_000);
    expect(await file.get(20_000)).toMatchObject({ place: 'line 20001', fields: { a: 20_000 } });
    await file.close();
    expect(await readAll('a.tsv.gz', gzipSync('en\tcmn\nHi\t嗨\n'))).toEqual([
      ['line 2', { en: 'Hi', cmn: '嗨' }],
    ]);
  });

  it('keeps the text of numbers', async () => {
    const line = '{"a": 1.0, "b": [12345678901234567890, 0.5], "c": "1.0"}';
    const fields = { a: new Numeral('1.0'), b: [new Numeral('12345678901234567890'), 0.5], c: '1.0' };
    expect(await readAll('n.jsonl', line)).toEqual([['line 1', fields]]);
    expect(await readAll('n.json', `[${line}]`)).toEqual([['line 1', fields]]);
  });

  const one = { prompt: 'a, "]} b', completion: 'x' };
  const two = { prompt: 'c\\', completion: 'y\n' };
  it.each([
    ['an array', JSON.stringify([one, two]), ['line 1', 'line 1']],
    ['an array over several lines', `\ufeff${JSON.stringify([one, two], null, 2)}\n`, ['line 2', 'line 6']],
    ['lines', `${JSON.stringify(one)}\n${JSON.stringify(two)}\n`, ['line 1', 'line 2']],
    [
      'objects over several lines',
      `${JSON.stringify(one, null, 1)}\n${JSON.stringify(two, null, 1)}`,
      ['line 1', 'line 5'],
    ],
  ])('reads %s from .json and .jsonl', async (_, text, places) => {
    const expected = [
      [places[0], one],
      [places[1], two],
    ];
    expect(await readAll('b.json', text)).toEqual(expected);
    expect(await readAll('b.jsonl', text)).toEqual(expected);
    expect(await readAll('b.json.gz', gzipSync(text))).toEqual(expected);
  });

  it.each([
    ['a list under a name', { version: 1, data: [one, two] }, ['data[0]', 'data[1]']],
    [
      "the Hub's rows",
      { features: [], rows: [one, two].map((row, i) => ({ row_idx: i, row })) },
      ['rows[0]', 'rows[1]'],
    ],
    ['lists of columns', { prompt: [one.prompt, two.prompt], completion: ['x', 'y\n'] }, ['row 1', 'row 2']],
    [
      "pandas' columns",
      { prompt: { 0: one.prompt, 1: two.prompt }, completion: { 0: 'x', 1: 'y\n' } },
      ['row 1', 'row 2'],
    ],
    [
      "pandas' split",
      { columns: ['prompt', 'completion'], index: [0, 1], data: [Object.values(one), Object.values(two)] },
      ['data[0]', 'data[1]'],
    ],
  ])('reads %s', async (_, tree, places) => {
    const expected = [
      [places[0], one],
      [places[1], two],
    ];
    expect(await readAll('tree.json', JSON.stringify(tree))).toEqual(expected);
    expect(await readAll('tree.jsonl', JSON.stringify(tree, null, 2))).toEqual(expected);
  });

  it('reads one object as one record', async () => {
    const messages = [{ role: 'user', content: 'a' }];
    const tree = { messages, tags: ['x', 'y'] };
    expect(await readAll('one.json', JSON.stringify(tree, null, 2))).toEqual([['line 1', tree]]);
    const sentence = { tokens: ['a', 'b'], tags: ['x', 'y'] };
    expect(await readAll('one.json', JSON.stringify(sentence))).toEqual([['line 1', sentence]]);
  });

  it("reads SQuAD's own form, a question a record", async () => {
    const article = (n: number) => ({
      title: `t${n}`,
      paragraphs: [
        {
          context: 'Ada wrote it.',
          qas: [{ id: '1', question: 'Who?', answers: [{ text: 'Ada', answer_start: 0 }] }],
        },
        { context: 'B', qas: [] },
        { context: 'C', qas: [{ id: '2', question: 'Why?', answers: [], is_impossible: true }] },
      ],
    });
    const [first, last] = [
      {
        title: 't1',
        context: 'Ada wrote it.',
        id: '1',
        question: 'Who?',
        answers: [{ text: 'Ada', answer_start: 0 }],
      },
      { title: 't1', context: 'C', id: '2', question: 'Why?', answers: [], is_impossible: true },
    ];
    expect(await readAll('squad.json', JSON.stringify({ version: '2.0', data: [article(1)] }))).toEqual([
      ['data[0].paragraphs[0].qas[0]', first],
      ['data[0].paragraphs[2].qas[0]', last],
    ]);
    const lines = [article(1), article(2)].map((one) => JSON.stringify(one));
    for (const text of [lines.join('\n'), `[${lines.join()}]`]) {
      const records = await readAll('squad.json', text);
      expect(records.map(([, fields]) => fields)).toMatchObject([
        first,
        last,
        { title: 't2' },
        { title: 't2' },
      ]);
    }
  });

  const table = [
    { a: 'x, y', b: 'z' },
    { a: '', b: '"' },
  ];
  it.each([
    ['semicolons', 'a;b\nx, y;z\n;""""\n'],
    ['tabs', 'a\tb\nx, y\tz\n\t""""\n'],
    ['bars', 'a|b\r\nx, y|z\r\n|""""'],
    ['the separator that its first line names', 'sep=;\r\na;b\r\nx, y;z\r\n;""""\r\n'],
    ['carriage returns alone', 'a,b\r"x, y",z\r,""""\r'],
    ['spaces around the names of columns', ' a , b\n"x, y",z\n,""""\n'],
  ])('reads CSV with %s', async (_, text) => {
    const records = await readAll('dialect.csv', text);
    expect(records.map(([, fields]) => fields)).toEqual(table);
  });

  it('reads tables without a header, whose columns the options name', async () => {
    const rows = (names: string[]) => [
      ['line 1', { [names[0]!]: 'x, y', [names[1]!]: '1' }],
      ['line 2', { [names[0]!]: 'z', [names[1]!]: '2' }],
    ];
    const csv = '"x, y",1\nz,2\n';
    expect(await readAll('a.csv', csv, { columns: ['text', 'label'] })).toEqual(rows(['text', 'label']));
    expect(await readAll('a.csv', csv, { header: false })).toEqual(rows(['column1', 'column2']));
    const tsv = csv.replaceAll('"', '').replaceAll(/,(?! )/g, '\t');
    expect(await readAll('a.tsv', tsv, { columns: ['text', 'label'] })).toEqual(rows(['text', 'label']));
    await expect(readAll('a.csv', csv, { columns: ['text'] })).rejects.toThrow(
      'a.csv (line 1): expected 1 column (text), found 2',
    );
    await expect(readAll('a.csv', `a,b\n${csv}`, { columns: ['a', 'b'] })).rejects.toThrow(
      'a.csv (line 1): the first row has the names of the columns already; leave `columns` out',
    );
  });

  it('reads other text with carriage returns alone', async () => {
    expect(await readAll('cr.jsonl', '{"a": 1}\r{"a": 2}\r')).toEqual([
      ['line 1', { a: 1 }],
      ['line 2', { a: 2 }],
    ]);
    expect(await readAll('cr.tsv', 'a\tb\r1\t2')).toEqual([['line 2', { a: '1', b: '2' }]]);
  });

  it('reads CSV with carriage returns alone whose values have line feeds', async () => {
    const text = 'a,b\r1,"x\ny"\r2,z\r';
    expect(await readAll('feed.csv', text)).toEqual([
      ['line 2', { a: '1', b: 'x\ny' }],
      ['line 3', { a: '2', b: 'z' }],
    ]);
  });

  it('reads a zero byte as a character, as pandas does', async () => {
    expect(await readAll('nul.csv', 'prompt,completion\na\0b,c\n')).toEqual([
      ['line 2', { prompt: 'a\0b', completion: 'c' }],
    ]);
  });

  it('uses commas unless another separator fits better', async () => {
    expect(await readAll('c.csv', 'a;b,c\n1,2;3\n')).toEqual([['line 2', { 'a;b': '1', c: '2;3' }]]);
    expect(await readAll('c.csv', 'text\none; two\n')).toEqual([['line 2', { text: 'one; two' }]]);
  });

  it.each(['utf-16le', 'utf-16be'])('reads %s with a mark and without', async (encoding) => {
    const text = `prompt,completion\r\n${'猫的汤是热的。'.repeat(9)},好\r\n`;
    const bytes = (mark: string) => {
      const little = Buffer.from(mark + text, 'utf16le');
      return encoding === 'utf-16le' ? little : little.swap16();
    };
    const expected = [['line 2', { prompt: '猫的汤是热的。'.repeat(9), completion: '好' }]];
    expect(await readAll('u.csv', bytes('\ufeff'))).toEqual(expected);
    expect(await readAll('u.csv', bytes(''))).toEqual(expected);
    expect(await readAll('u.csv.gz', gzipSync(bytes('')))).toEqual(expected);
  });

  // The bytes are those of Python's codecs: 'é“', '你好€', '你好', 'こんにちは', 'мир'.
  it.each([
    ['latin1', 'e993', 'é“'],
    ['windows-1252', '80828384858687', '€‚ƒ„…†‡'],
    ['gb18030', 'c4e3bac3a2e3', '你好€'],
    ['gbk', 'c4e3bac3', '你好'],
    ['big5', 'a741a66e', '你好'],
    ['Shift_JIS', '82b182f182c982bf82cd', 'こんにちは'],
    ['windows-1251', 'ece8f0', 'мир'],
    ['utf-16le', '604f7d59', '你好'],
  ])('reads text in %s where it is told to', async (encoding, hex, text) => {
    const ascii = (written: string) => Buffer.from(written, encoding === 'utf-16le' ? 'utf16le' : 'latin1');
    const bytes = Buffer.concat([ascii('{"text": "'), Buffer.from(hex, 'hex'), ascii('"}\n')]);
    expect(await readAll('e.jsonl', bytes, { encoding })).toEqual([['line 1', { text }]]);
    expect(await readAll('e.jsonl.gz', gzipSync(bytes), { encoding })).toEqual([['line 1', { text }]]);
  });

  it('reads all of Windows-1252, and a character over the border of two reads', async () => {
    const high = Uint8Array.from({ length: 128 }, (_, i) => 128 + i);
    const [[, fields]] = (await readAll('e.txt', high, { encoding: 'windows-1252' })) as [[string, unknown]];
    const control = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';
    expect(fields).toEqual({ text: control + Buffer.from(high.subarray(32)).toString('latin1') });
    const long = Buffer.concat([Buffer.from('a'), Buffer.alloc(2 ** 20, Buffer.from('c4e3', 'hex'))]);
    const [[, read]] = (await readAll('e.txt', long, { encoding: 'gbk' })) as [[string, unknown]];
    expect(read).toEqual({ text: `a${'你'.repeat(2 ** 19)}` });
  });

  it('lets a byte order mark take precedence over the given encoding', async () => {
    const text = '\ufeff{"text": "你好"}';
    for (const bytes of [Buffer.from(text), Buffer.from(text, 'utf16le')])
      expect(await readAll('e.jsonl', bytes, { encoding: 'gbk' })).toEqual([['line 1', { text: '你好' }]]);
  });

  it('refuses an unknown encoding, and bytes that are not text in it', async () => {
    const path = await write('e.txt', Buffer.from('e9ff', 'hex'));
    await expect(openRecords(path, { encoding: 'klingon' })).rejects.toThrow(
      'encoding: expected the name of an encoding, such as latin1',
    );
    await expect(openRecords(path, { encoding: 'gbk' })).rejects.toThrow(
      'e.txt: it has bytes that are no text in the encoding gbk; name the encoding that it is in',
    );
  });

  const value = fc.string({
    unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', '\t', ' ', '猫', '👩‍👧', '\ufeff', '{'),
  });

  it('gives back any CSV', async () => {
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    const rows = fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(rows, fc.constantFrom('\n', '\r\n'), async (rows, lineBreak) => {
        const lines = ['a,b', ...rows.map((row) => row.map(quoted).join(','))];
        const records = await readAll('any.csv', lines.join(lineBreak));
        expect(records.map(([, fields]) => fields)).toEqual(rows.map(([a, b]) => ({ a, b })));
      }),
      { numRuns: 50 },
    );
  });

  it('gives back any JSONL', async () => {
    const objects = fc.array(fc.dictionary(value, fc.jsonValue()), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(objects, async (objects) => {
        const lines = objects.map((object) => JSON.stringify(object));
        const records = await readAll('any.jsonl', lines.join('\n'));
        expect(records.map(([, fields]) => JSON.stringify(fields))).toEqual(lines);
      }),
      { numRuns: 50 },
    );
  });

  it('reads records across the borders of its reads', async () => {
    const texts = Array.from({ length: 300 }, (_, i) => `${i} ${'猫'.repeat((i * 37) % 2000)}`);
    texts[100] = 'x'.repeat(1_500_000); // longer than a read of the scan
    const records = await readAll('long.txt', texts.join('\n'));
    expect(records.map(([, fields]) => fields)).toEqual(texts.map((text) => ({ text })));
    const csv = await readAll('long.csv', `a,b\n"${texts[100]}",1\n`);
    expect(csv).toEqual([['line 2', { a: texts[100], b: '1' }]]);
  });

  it.each<[string, string, string | Uint8Array, string]>([
    ['a broken line', 'a.jsonl', '{"a": 1}\n\n{"a": \n', 'a.jsonl (line 3): broken JSON: Unexpected end'],
    [
      'a line that is no object',
      'a.jsonl',
      '{"a": 1}\n[2]',
      'a.jsonl (line 2): expected a JSON object, found an array',
    ],
    [
      'a key that is there twice',
      'a.jsonl',
      '{"a": {"b": 1, "b": 2}}',
      'a.jsonl (line 1): the key "b" is there twice',
    ],
    [
      'full-width marks',
      'a.jsonl',
      '{"a"："，"}',
      'JSON needs ASCII punctuation (" : , { }), and this has typographic quotes or full-width marks',
    ],
    [
      'commas between lines',
      'a.jsonl',
      '{"a": 1},\n{"a": 2}',
      'a.jsonl (line 1): broken JSON: a comma stands between',
    ],
    [
      'zero bytes at the end',
      'a.csv',
      `a,b\n1,2\n${'\0'.repeat(30)}`,
      'a.csv (line 3): expected 2 columns (a, b), found 1; there are zero bytes in it: was the file damaged?',
    ],
    ['a missing column', 'a.csv', 'a,b\n1\n', 'a.csv (line 2): expected 2 columns (a, b), found 1'],
    [
      'an extra column',
      'a.csv',
      'a,b\n1,2\n"x\ny",2\n1,2,3\n',
      'a.csv (line 5): expected 2 columns (a, b), found 3',
    ],
    [
      'an extra column in TSV',
      'a.tsv',
      'a\tb\n1\t2\t3',
      'a.tsv (line 2): expected 2 columns (a, b), found 3',
    ],
    [
      'a stray quote',
      'a.csv',
      'a,b\n1,"x"y\n',
      'a.csv (line 2): a double quote is where CSV does not allow one',
    ],
    ['a quote left open', 'a.csv', 'a,b\n1,"x\n', 'a.csv (line 2): a double quote in the row'],
    ['columns of one name', 'a.csv', 'a,b,a\n1,2,3\n', 'a.csv (line 1): two columns are named "a"'],
    [
      'text in Latin-1',
      'a.txt',
      Buffer.from('ok\ncaf\xe9\n', 'latin1'),
      'a.txt (line 2): this is not UTF-8 text',
    ],
    [
      'text in GBK',
      'a.csv',
      Buffer.from('612c620ac4e3bac3cac0bde72c310a', 'hex'), // a,b and 你好世界,1
      'a.csv (line 2): this is not UTF-8 text; it may be GBK or GB18030',
    ],
    ['text in UTF-32', 'a.txt', Buffer.from('fffe000061000000', 'hex'), 'a.txt: this is UTF-32 text'],
    [
      'bytes that are no text',
      'a.csv',
      Buffer.from('504b0304000000ff0000fffe', 'hex'),
      'a.csv: this is not text',
    ],
    [
      'an array that was cut',
      'a.json',
      '[{"a": 1},\n{"a": ',
      'a.json (line 2): broken JSON: what begins here is never closed',
    ],
    [
      'an array without an end',
      'a.json',
      '[{"a": 1}\n',
      'a.json (line 2): broken JSON: the array is never closed',
    ],
    [
      'something behind an array',
      'a.json',
      '[{"a": 1}]\n{"a": 2}',
      'a.json (line 2): broken JSON: there is something behind',
    ],
    [
      'an element that is no object',
      'a.json',
      '[{"a": 1},\n"b"]',
      'a.json (line 2): expected a JSON object, found a string',
    ],
    ['an empty array', 'a.json', '[]', 'a.json: the data set is empty'],
    ["Python's notation", 'a.jsonl', "{'a': 1}", "this is Python's notation; write it with json.dumps"],
    [
      'a number that JSON does not have',
      'a.jsonl',
      '{"a": NaN}',
      'JSON has no NaN and no Infinity; write null',
    ],
    [
      'several lists of records',
      'a.json',
      '{"train": [{"a": 1}], "test": [{"a": 2}]}',
      'a.json: it has several lists of records (train, test)',
    ],
    [
      'a .tsv with commas',
      'a.tsv',
      'a,b\n1,2\n',
      'a.tsv (line 1): a .tsv has tabs between its values, and this has commas',
    ],
    ['an empty file', 'a.jsonl', '', 'a.jsonl: the data set is empty: the file has no records'],
    ['a header alone', 'a.csv', 'a,b\n\n', 'a.csv: the data set is empty: the file has a header but no rows'],
    [
      'an unknown extension',
      'a.xlsx',
      'x',
      'expected one of .jsonl, .ndjson, .json, .csv, .tsv, .txt, also with .gz behind it, or .parquet',
    ],
    ['a packed file of an unknown kind', 'a.parquet.gz', 'x', 'cannot tell the format by this name'],
    ['a packed file that is none', 'a.jsonl.gz', '{"a": 1}', 'a.jsonl.gz: it cannot be unpacked'],
    [
      'a packed file that ends too early',
      'a.csv.gz',
      gzipSync('a,b\n1,2\n').subarray(0, 20),
      'a.csv.gz: it cannot be unpacked: unexpected end of file',
    ],
    ['an empty packed file', 'a.txt.gz', gzipSync(''), 'the data set is empty: the file has no records'],
    ['a broken line in a packed file', 'a.jsonl.gz', gzipSync('{}\n{'), 'a.jsonl.gz (line 2): broken JSON'],
  ])('names the file and the line of %s', async (_, name, content, message) => {
    const reading = readAll(name, content);
    await expect(reading).rejects.toThrow(FileError);
    await expect(reading).rejects.toThrow(message);
  });

  it('reads a data set of the Hub, whose files are one', async () => {
    const files = { 'train-0.jsonl': '{"n": 1}\n{"n": 2}\n', 'train-1.csv': 'n\n3\n' };
    const server = await startHubServer({ name: 'owner/pairs', kind: 'datasets', files });
    vi.stubEnv('HF_HOME', folder);
    vi.stubEnv('HF_HUB_CACHE', undefined);
    vi.stubEnv('HF_ENDPOINT', server.endpoint);
    try {
      const records = await openRecords('hf:owner/pairs');
      const read = [];
      for await (const { fields } of records) read.push(fields.n);
      expect(read).toEqual([1, 2, '3']);
      expect(records.length).toBe(3);
      expect(await records.get(2)).toMatchObject({ place: 'line 2', fields: { n: '3' } });
      await expect(records.get(3)).rejects.toThrow(RangeError);
      await records.close();
    } finally {
      vi.unstubAllEnvs();
      await server.close();
    }
  });

  it('refuses a missing file and a folder, whatever their names', async () => {
    for (const name of ['none.csv', 'none'])
      await expect(openRecords(join(folder, name))).rejects.toThrow(
        `${name}: it cannot be read: there is no such file`,
      );
    for (const name of ['folder.csv', 'folder']) {
      await mkdir(join(folder, name));
      await expect(openRecords(join(folder, name))).rejects.toThrow('this is a folder, expected a data file');
    }
  });

  it('stops when aborted', async () => {
    const path = await write('stop.txt', 'x');
    await expect(openRecords(path, { signal: AbortSignal.abort() })).rejects.toThrow('aborted');
  });
});

it('a gzip file with an implausible ratio is refused, however small it is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'promptune-gzip-'));
  const path = join(folder, 'bomb.txt.gz');
  await writeFile(path, gzipSync(Buffer.alloc(2 ** 26 + 1, '\n')));
  await expect(openRecords(path)).rejects.toThrow('bomb.txt.gz: it unpacks to more than 67108864 bytes');
  await rm(folder, { recursive: true });
});
