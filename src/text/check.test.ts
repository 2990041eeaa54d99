import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkData } from './check.js';
import type { Tokenizer } from './tokenizer.js';

/** A token a character. */
const tokenizer: Tokenizer = {
  vocabSize: 300,
  eosTokenId: 0,
  maskTokenId: 1,
  encode: (text) => [...text].map((character) => character.charCodeAt(0)),
  decode: (ids) =>
    Array.from(ids, (id) => (id === 0 ? '<end>' : id === 1 ? '[M]' : String.fromCharCode(id))).join(''),
  tokenOf: (id) => String.fromCharCode(id),
  idOf: () => undefined,
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promptune-check-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function write(name: string, rows: readonly object[]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, rows.map((row) => JSON.stringify(row)).join('\n'));
  return path;
}

it('counts rows, lengths, cuts, duplicates, leakage, labels, empty fields and faults', async () => {
  const path = await write('train.jsonl', [
    { prompt: 'ab', completion: 'c', label: 'x', note: '' },
    { prompt: 'ab', completion: 'c', label: 'y', note: null },
    { prompt: 'abcdef', completion: 'd', label: 'x', note: 'n' },
    { prompt: 'q', completion: '', label: 'x', note: 'n' },
  ]);
  const against = await write('test.jsonl', [
    { prompt: 'ab', completion: 'z' },
    { prompt: 'abcdef', completion: 'd' },
  ]);
  const options = { data: path, against, tokenizer, vocabSize: 300, maxLength: 6 };
  const { tokenized, ...report } = await checkData(options);
  expect(tokenized.map(({ row, length, isTruncated, input }) => [row, length, isTruncated, input])).toEqual([
    [1, 4, false, 'ab'],
    [2, 4, false, 'ab'],
    [3, 8, true, 'cdef'],
  ]);
  expect(tokenized[2]!.tokens.slice(-2)).toEqual([
    { id: 100, text: 'd', isTarget: true },
    { id: 0, text: '<end>', isTarget: true },
  ]);
  expect(report).toEqual({
    rows: 4,
    shape: undefined,
    notes: ['unused fields: label, note'],
    tokens: {
      min: 4,
      median: 4,
      p90: 8,
      p99: 8,
      max: 8,
      histogram: [
        { upTo: 4, count: 2 },
        { upTo: 5, count: 0 },
        { upTo: 6, count: 0 },
        { upTo: 7, count: 0 },
        { upTo: 8, count: 1 },
      ],
    },
    labelTokens: 6,
    maxLength: 6,
    truncated: 1,
    dropped: 0,
    duplicates: 1,
    leakage: { examples: 1, prompts: 3 },
    labels: { x: 3, y: 1 },
    emptyFields: { note: 2, completion: 1 },
    faults: 1,
    messages: [`${path} (line 4): the completion is empty; fill it in or remove the record`],
    examples: [
      [
        { text: 'ab', isTarget: false },
        { text: 'c<end>', isTarget: true },
      ],
      [
        { text: 'ab', isTarget: false },
        { text: 'c<end>', isTarget: true },
      ],
      [
        { text: 'cdef', isTarget: false },
        { text: 'd<end>', isTarget: true },
      ],
    ],
  });
  const dropping = await checkData({ data: path, tokenizer, maxLength: 6, truncation: 'drop', examples: 0 });
  expect(dropping).toMatchObject({ truncated: 0, dropped: 1, labelTokens: 4, examples: [] });
  expect(dropping.leakage).toBeUndefined();
});

it('shows places, and the word of a mask', async () => {
  const path = await write('labeled.jsonl', [{ sentence: 'fine', label: 1 }]);
  const { examples, labels, shape } = await checkData({
    data: path,
    tokenizer,
    vocabSize: 300,
    template: '{{ soft(3) }}{{ sentence }}: {{ mask() }}.',
    completionTemplate: '{label}',
    verbalizer: { 1: 'g', 0: 'b' },
  });
  expect(examples[0]!.map(({ text, isTarget }) => (isTarget ? `<${text}>` : text)).join('|')).toBe(
    '{soft:3}|fine: |<[M]=g>|.',
  );
  expect(labels).toEqual({ 1: 1 });
  expect(shape).toBeUndefined();
});
