import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileError } from '../errors.js';
import { type DatasetOptions, openDataset } from './dataset.js';
import { noLabel } from './encode.js';
import { readLabels } from './labeled.js';
import type { Tokenizer } from './tokenizer.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promptune-labeled-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, lines: readonly object[]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, lines.map((line) => JSON.stringify(line)).join('\n'));
  return path;
}

/** A token a letter, a space none; `special` puts 1 before a text and 2 behind it, as BERT's tokenizer does. */
const letters = (special: boolean): Tokenizer => ({
  encode: (text, { addSpecialTokens = false } = {}) => {
    const ids = [...text.replaceAll(' ', '')].map((letter) => letter.charCodeAt(0));
    return special && addSpecialTokens ? [1, ...ids, 2] : ids;
  },
  decode: (ids) => String.fromCharCode(...ids),
  vocabSize: 128,
  tokenOf: (id) => String.fromCharCode(id),
  idOf: (token) => token.charCodeAt(0),
});

const rowsOf = async (path: string, options: Partial<DatasetOptions>, special = false) => {
  const dataset = await openDataset({ data: path, tokenizer: letters(special), ...options });
  const rows = await Promise.all(
    Array.from({ length: dataset.length }, async (_, i) => {
      const { inputIds, labels, lossMask } = await dataset.get(i);
      return { text: String.fromCharCode(...inputIds), labels: [...labels!], mask: [...lossMask] };
    }),
  );
  await dataset.dispose();
  return { rows, summary: dataset.summary };
};
const n = noLabel;

describe('a label per text', () => {
  const labeling = { labeled: 'text', labels: ['bad', 'good'] } as const;

  it('stands on the last token, or on the first one, special ones included', async () => {
    const path = await file('a.jsonl', [
      { text: 'ab', label: 'good' },
      { text: 'cde', label: 'bad' },
    ]);
    expect((await rowsOf(path, { labeling })).rows).toEqual([
      { text: 'ab', labels: [n, 1], mask: [0, 1] },
      { text: 'cde', labels: [n, n, 0], mask: [0, 0, 1] },
    ]);
    const { rows } = await rowsOf(path, { labeling: { ...labeling, pools: 'first' } }, true);
    expect(rows[0]).toEqual({ text: '\x01ab\x02', labels: [1, n, n, n], mask: [1, 0, 0, 0] });
  });

  it('a longer text is truncated at its end inside the special tokens, or dropped', async () => {
    const path = await file('b.jsonl', [
      { sentence: 'abcdef', label: 'good' },
      { sentence: 'g', label: 'bad' },
    ]);
    const cut = await rowsOf(path, { labeling, maxLength: 4 }, true);
    expect(cut.rows.map(({ text }) => text)).toEqual(['\x01ab\x02', '\x01g\x02']);
    expect(cut.summary).toMatchObject({ truncated: 1, dropped: 0, labelTokens: 2 });
    const dropped = await rowsOf(path, { labeling, maxLength: 4, truncation: 'drop' }, true);
    expect(dropped.rows.map(({ text }) => text)).toEqual(['\x01g\x02']);
  });

  it('takes a template and the name of the label field', async () => {
    const path = await file('c.jsonl', [{ title: 'x', body: 'y', stars: 5 }]);
    const options = {
      template: '{title}:{body}',
      labeling: { labeled: 'text', labels: ['1', '5'], labelField: 'stars' },
    } as const;
    expect((await rowsOf(path, options)).rows).toEqual([{ text: 'x:y', labels: [n, n, 1], mask: [0, 0, 1] }]);
  });

  it('names the line of an unknown label, and of an empty text', async () => {
    const unknown = await file('d.jsonl', [{ text: 'ab', label: 'fine' }]);
    await expect(rowsOf(unknown, { labeling })).rejects.toThrow(FileError);
    await expect(rowsOf(unknown, { labeling })).rejects.toThrow(
      'd.jsonl (line 1): the label "fine" is not one of bad, good',
    );
    const empty = await file('e.jsonl', [{ text: '', label: 'good' }]);
    await expect(rowsOf(empty, { labeling })).rejects.toThrow('the text is empty');
    const none = await file('f.jsonl', [{ review: 'a', label: 'good' }]);
    await expect(rowsOf(none, { labeling })).rejects.toThrow(
      'the fields are review, label; expected a text in text, sentence, prompt, input. Set a template, such as "{review}"',
    );
  });
});

describe('a tag per word', () => {
  const labeling = { labeled: 'words', labels: ['O', 'PER'] } as const;

  it("stands on the word's first token", async () => {
    const path = await file('g.jsonl', [{ tokens: ['Ann', 'is', 'I'], tags: ['PER', 'O', 'PER'] }]);
    expect((await rowsOf(path, { labeling }, true)).rows).toEqual([
      { text: '\x01AnnisI\x02', labels: [n, 1, n, n, 0, n, 1, n], mask: [0, 1, 0, 0, 1, 0, 1, 0] },
    ]);
    const { rows, summary } = await rowsOf(path, { labeling, maxLength: 6 }, true);
    expect(rows[0]!.labels).toEqual([n, 1, n, n, 0, n]);
    expect(summary).toMatchObject({ truncated: 1, labelTokens: 2 });
  });

  it('reads lists in a cell of CSV, as JSON and pandas write them', async () => {
    const cells = ["['Ann', 'sits']", "['Ann' 'sits']", '["Ann", "sits"]', 'Ann sits'];
    const rows = cells.map((tokens) => ({ tokens, tags: "['PER', 'O']" }));
    const [first, ...others] = (await rowsOf(await file('l.jsonl', rows), { labeling })).rows;
    expect(others).toHaveLength(3);
    for (const row of others) expect(row).toEqual(first);
  });

  it('needs as many tags as words', async () => {
    const path = await file('h.jsonl', [{ words: 'Ann sits', tags: ['PER'] }]);
    await expect(rowsOf(path, { labeling })).rejects.toThrow('there are 2 words and 1 tags');
  });
});

describe('readLabels', () => {
  it('sorts numbers as numbers and names by the alphabet', async () => {
    const numbers = await file('i.jsonl', [{ label: 10 }, { label: 9 }, { label: 10 }]);
    expect(await readLabels([numbers], { labeled: 'text' })).toEqual(['9', '10']);
    const names = await file('j.jsonl', [{ ner: ['O', 'PER'] }, { ner: ['LOC'] }]);
    expect(await readLabels([names], { labeled: 'words', labelField: 'ner' })).toEqual(['LOC', 'O', 'PER']);
  });

  it('refuses data with fewer than two labels', async () => {
    const path = await file('k.jsonl', [{ label: 'a' }, { label: 'a' }]);
    await expect(readLabels([path], { labeled: 'text' })).rejects.toThrow(
      'expected at least two labels, but the field "label" has only "a"',
    );
  });
});
