/**
 * @file Public data sets as prompts and completions, from one folder with a subfolder of each (named as in `studyData`)
 *   that has the files as they are published.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomFor, shuffledIndices } from '../../src/random.js';
import { openRecords } from '../../src/records/records.js';
import { fieldText } from '../../src/text/fields.js';

/** A type, so that it is a record of fields. */
export type StudyRow = {
  readonly prompt: string;
  readonly completion: string;
};

export interface StudyData {
  readonly train: readonly StudyRow[];
  readonly test: readonly StudyRow[];
  /** The completions to choose from. Undefined for texts to write. */
  readonly labels?: readonly string[];
}

type Read = (folder: string) => Promise<{ train: StudyRow[]; test?: StudyRow[] }>;

const questions: Readonly<Record<string, string>> = {
  ABBR: 'short',
  DESC: 'description',
  ENTY: 'thing',
  HUM: 'person',
  LOC: 'place',
  NUM: 'number',
};

async function rowsOf(
  path: string,
  rowOf: (field: (name: string) => string) => StudyRow,
): Promise<StudyRow[]> {
  const rows: StudyRow[] = [];
  const records = await openRecords(path);
  for await (const record of records) rows.push(rowOf((name) => fieldText(record, name).trim()));
  await records.close();
  return rows;
}

const linesOf = async (path: string): Promise<string[]> =>
  (await readFile(path, 'latin1').then((text) => text.split(/\r?\n/))).filter((line) => line.trim() !== '');

const chosen = (yes: string, no: string) => (label: string) => ` ${label === '1' ? yes : no}`;
const mood = chosen('great', 'terrible');
const movie = (field: (name: string) => string) => ({
  prompt: `${field('sentence')}\nIt was`,
  completion: mood(field('label')),
});

/** How each data set reads. The words of labels and the prompts are those of common prompts for them. */
const sets: Readonly<Record<string, Read>> = {
  async sst2(folder) {
    return {
      train: await rowsOf(join(folder, 'train.tsv'), movie),
      test: await rowsOf(join(folder, 'dev.tsv'), movie),
    };
  },
  async trec(folder) {
    const row = (line: string): StudyRow => {
      const [, label = '', question = ''] = /^(\w+):\w+ (.*)$/.exec(line)!;
      return { prompt: `${question}\nThe answer is a`, completion: ` ${questions[label]}` };
    };
    const [train, test] = [
      await linesOf(join(folder, 'train_5500.label')),
      await linesOf(join(folder, 'TREC_10.label')),
    ];
    return { train: train.map(row), test: test.map(row) };
  },
  async subj(folder) {
    const row = (word: string) => (line: string) => ({
      prompt: `${line.trim()}\nThis is`,
      completion: ` ${word}`,
    });
    const subjective = (await linesOf(join(folder, 'subj.subjective'))).map(row('opinion'));
    return { train: [...subjective, ...(await linesOf(join(folder, 'subj.objective'))).map(row('fact'))] };
  },
  async 'chnsenticorp-htl'(folder) {
    const review = chosen('好评', '差评');
    const row = (field: (name: string) => string) => ({
      prompt: `${field('review').slice(-120)}\n`,
      completion: review(field('label')).trim(),
    });
    return { train: await rowsOf(join(folder, 'hotel_reviews.csv'), row) };
  },
  async 'fewclue-tnews'(folder) {
    const row = (field: (name: string) => string) => ({
      prompt: `${field('sentence')}\n`,
      completion: field('label_desc').replace('news_', ''),
    });
    return {
      train: await rowsOf(join(folder, 'train_few_all.json'), row),
      test: await rowsOf(join(folder, 'test_public.json'), row),
    };
  },
  async 'fewclue-bustm'(folder) {
    const row = (field: (name: string) => string) => ({
      prompt: `${field('sentence1')}\n${field('sentence2')}\n`,
      completion: field('label') === '1' ? '相同' : '不同',
    });
    return {
      train: await rowsOf(join(folder, 'train_few_all.json'), row),
      test: await rowsOf(join(folder, 'test_public.json'), row),
    };
  },
  async e2e(folder) {
    const row = (field: (name: string) => string) => ({
      prompt: `${field('mr')} ->`,
      completion: ` ${field('ref')}`,
    });
    return {
      train: await rowsOf(join(folder, 'devset.csv'), row),
      test: await rowsOf(join(folder, 'testset_w_refs.csv'), row),
    };
  },
  async 'tatoeba-cmn-eng'(folder) {
    const lines = (await readFile(join(folder, 'cmn.txt'), 'utf8'))
      .split('\n')
      .filter((line) => line.includes('\t'));
    const row = (line: string) => {
      const [english = '', chinese = ''] = line.split('\t');
      return { prompt: `${english} =`, completion: ` ${chinese}` };
    };
    return { train: lines.map(row) };
  },
  /** Conversations of our own, beside this file: a shop that greets and signs in one way, in English and Chinese. */
  async 'house-style'() {
    const records = await openRecords(join(import.meta.dirname, 'house-style.jsonl'));
    const train: StudyRow[] = [];
    for await (const { fields } of records) {
      const [question, answer] = fields.messages as [{ content: string }, { content: string }];
      train.push({ prompt: `${question.content}\n`, completion: answer.content });
    }
    await records.close();
    return { train };
  },
};

export const studyData: readonly string[] = Object.keys(sets);

/** Whether the completions are texts to write, and not labels. */
const written = ['e2e', 'tatoeba-cmn-eng', 'house-style'];

/**
 * Rows to train on and to test on, drawn always in the same way; without a test file, those of the test come first, a
 * fifth at most.
 */
export async function readStudyData(
  folder: string,
  name: string,
  { trainRows, testRows }: { trainRows: number; testRows: number },
): Promise<StudyData> {
  const { train, test } = await sets[name]!(join(folder, name));
  const drawn = <Row>(rows: readonly Row[]) =>
    shuffledIndices(rows.length, randomFor('sample', 0)).map((index) => rows[index]!);
  const [first, second] = [drawn(train), test && drawn(test)];
  const held = Math.min(testRows, Math.floor(first.length / 5));
  const data = second
    ? { train: first.slice(0, trainRows), test: second.slice(0, testRows) }
    : { test: first.slice(0, held), train: first.slice(held, held + trainRows) };
  if (written.includes(name)) return data;
  return { ...data, labels: [...new Set(train.map(({ completion }) => completion.trim()))].sort() };
}
