/** @file The corpus on disk. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { sentencesOf, writeCorpus } from './generate.js';

const folder = mkdtempSync(join(tmpdir(), 'mini-corpus-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('writes three files of JSON lines and says what is in them', () => {
  const reports = writeCorpus({ sentences: 2000, seed: 1, output: folder });
  expect(readdirSync(folder).sort()).toEqual([
    'heldout-combinations.jsonl',
    'heldout-frames.jsonl',
    'train.jsonl',
  ]);
  for (const { file, documents, sentences, bytes } of reports) {
    const text = readFileSync(file, 'utf8');
    const rows = text
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(rows).toHaveLength(documents);
    for (const row of rows) {
      expect(row).toEqual({
        text: expect.any(String),
        lang: expect.stringMatching(/^(en|zh)$/),
        genre: expect.any(String),
      });
    }
    expect(Buffer.byteLength(text)).toBe(bytes);
    expect(sentences).toBeGreaterThanOrEqual(file.endsWith('train.jsonl') ? 2000 : 40);
  }
});

it('cuts texts into sentences', () => {
  expect(sentencesOf('One. "Two!" said he. 一。“二！”三？\nx = 1.5')).toEqual([
    'One.',
    '"Two!"',
    'said he.',
    '一。',
    '“二！”',
    '三？',
    'x = 1.5',
  ]);
});
