import { expect, it } from 'vitest';
import { byteTokenizer } from '../../test/support/byte-tokenizer.js';
import type { Fields } from '../records/record-formats.js';
import { type DatasetOptions, openDataset } from './dataset.js';
import { noLabel } from './encode.js';
import { inContext, questionEncoder } from './questions.js';
import type { Tokenizer } from './tokenizer.js';

/** A token a byte, with 1 before a text, 2 behind it, and 2 between two of them, as BERT's tokenizer does. */
const special: Tokenizer = {
  ...byteTokenizer,
  encode: (text, { addSpecialTokens = false, textPair } = {}) => {
    const ids = byteTokenizer.encode(text);
    const pair = textPair === undefined ? [] : [...byteTokenizer.encode(textPair), 2];
    return addSpecialTokens ? [1, ...ids, 2, ...pair] : ids;
  },
};
const labeling = { labeled: 'answers', labels: ['start', 'end'] } as const;

async function rowsOf(records: readonly Fields[], options: Partial<DatasetOptions> = {}) {
  const dataset = await openDataset({ data: records, tokenizer: special, labeling, ...options });
  const rows = await Promise.all(
    Array.from({ length: dataset.length }, async (_, i) => {
      const { inputIds, labels, lossMask } = await dataset.get(i);
      return { ids: [...inputIds], labels: [...labels!], mask: [...lossMask] };
    }),
  );
  await dataset.dispose();
  return { rows, summary: dataset.summary };
}

const bytes = (text: string) => byteTokenizer.encode(text);
const record = (context: string, text: string, start: number) => ({
  question: 'q?',
  context,
  answers: { text: [text, 'another'], answer_start: [start, 0] },
});
const [n, c] = [noLabel, inContext];

it('puts question and context between special tokens, and marks where the answer begins and ends', async () => {
  const { rows, summary } = await rowsOf([record('ab cd e', 'cd', 3)]);
  expect(rows).toEqual([
    {
      ids: [1, ...bytes('q?'), 2, ...bytes('ab cd e'), 2],
      labels: [n, n, n, n, c, c, c, 8, c, c, c, n],
      mask: [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0],
    },
  ]);
  expect(summary.labelTokens).toBe(1);
});

it('puts a line break between the two if the tokenizer puts nothing', async () => {
  const { rows } = await rowsOf([record('ab', 'ab', 0)], { tokenizer: byteTokenizer });
  expect(rows[0]!.ids).toEqual(bytes('q?\nab'));
  expect(rows[0]!.labels).toEqual([n, n, n, 4, c]);
});

it('reads answers that are JSON or Python text, as in a cell of CSV', async () => {
  const { answers, ...row } = record('ab cd e', 'cd', 3);
  const python = "{'text': array(['cd'], dtype=object), 'answer_start': array([3], dtype=int32)}";
  const { rows } = await rowsOf([
    { ...row, answers },
    { ...row, answers: JSON.stringify(answers) },
    { ...row, answers: python },
  ]);
  expect(rows[1]).toEqual(rows[0]);
  expect(rows[2]).toEqual(rows[0]);
});

it("counts SQuAD's characters, of which an emoji is one, and takes a list of answers", async () => {
  const answers = [{ text: 'so', answer_start: 2 }];
  const { rows } = await rowsOf([{ question: 'q', context: '🐈 so', answers }]);
  const start = 3 + '🐈 '.length + 2; // the emoji is four bytes
  expect(rows[0]!.labels[start]).toBe(start + 1);
});

it('cuts a context at its end, and drops the record whose answer is lost', async () => {
  const records = [record('ab cd e', 'ab', 0), record('ab cd e', 'e', 6), record('ab cd e', 'd e', 4)];
  const { rows, summary } = await rowsOf(records, { maxLength: 10 });
  expect(rows.map(({ ids }) => ids)).toEqual([[1, ...bytes('q?'), 2, ...bytes('ab cd'), 2]]);
  expect(summary).toMatchObject({ examples: 1, truncated: 1, dropped: 2 });
  expect(
    (await rowsOf(records.with(0, record('a', 'a', 0)), { maxLength: 10, truncation: 'drop' })).rows,
  ).toHaveLength(1);
});

it.each([
  [{ question: 'q' }, 'there is no field "context"'],
  [{ question: 'q', context: 'ab' }, 'the field "answers" is missing; the fields are question, context'],
  [{ question: 'q', context: 'ab', answers: { text: [], answer_start: [] } }, 'has no answer'],
  [record('ab', 'b', 0), 'says that "b" is at character 0 of the context, where "a" is'],
  [{ ...record('ab', 'b', 1), question: '' }, 'the question is empty'],
])('refuses %j', async (fields, message) => {
  await expect(rowsOf([fields])).rejects.toThrow(`row 1: `);
  await expect(rowsOf([fields])).rejects.toThrow(message);
});

it('refuses a question that leaves no room, and a template', async () => {
  await expect(rowsOf([record('ab', 'b', 1)], { maxLength: 5 })).rejects.toThrow(
    'the question has 2 tokens, which leaves no room for a context in 5',
  );
  await expect(rowsOf([record('ab', 'b', 1)], { template: '{context}' })).rejects.toThrow(
    'leave the template out',
  );
});

it("gives the offsets of the context's tokens", () => {
  const { ids, contextStart, offsets } = questionEncoder(special, {})('q', 'né x', { place: 'here' });
  expect(ids.length - contextStart - 1).toBe(offsets.length);
  expect(offsets.map(({ start, end }) => 'né x'.slice(start, end))).toEqual(['n', 'é', 'é', '', 'x']);
});
