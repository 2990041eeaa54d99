/**
 * @file Data sets of the five tasks on which the bundled model is measured: prompt and completion. No prompt names its
 *   task. Training and validation rows have the corpus's own combinations of words; every test row has one that
 *   training never contains.
 */
import { type Split, Writer } from './engine/frames.js';
import { type Random, seededRandom } from './engine/random.js';
import { writeCatPhrase } from './genres/cats.js';
import { sentence } from './genres/clause.js';
import { ask } from './genres/question.js';
import { type Sentiment, writeReview } from './genres/review.js';
import { lexicon } from './words/lexicon.js';

export interface TaskRow {
  prompt: string;
  completion: string;
}

export interface TaskData {
  train: TaskRow[];
  validation: TaskRow[];
  test: TaskRow[];
}

export interface TaskOptions {
  seed: number;
  /** Rows of each part. Default: 400, 100 and 100. */
  sizes?: { train: number; validation: number; test: number };
  /** The sentiment of the reviews of the task `review`. Default: positive. */
  sentiment?: Sentiment;
}

type MakeRow = (writer: Writer, options: TaskOptions) => TaskRow;

const tasks = {
  /** 一只可爱的猫， → 毛茸茸的，喜欢… */
  'cat-zh': (writer) => {
    const { beginning, continuation } = writeCatPhrase(writer);
    return { prompt: beginning.zh, completion: continuation.zh };
  },
  /** A neutral opening → sentences with the requested sentiment. */
  review: (writer, { sentiment = 'positive' }) => {
    const { opening, judgement } = writeReview(writer, sentiment);
    return { prompt: opening.en, completion: ` ${judgement.en}` };
  },
  /** A review → its label, on a line of its own. */
  sentiment: (writer) => {
    const sentiment = writer.random.pick(['positive', 'negative'] as const);
    const { opening, judgement } = writeReview(writer, sentiment);
    return { prompt: `${opening.en} ${judgement.en}\n`, completion: sentiment };
  },
  'en-zh': (writer) => {
    const { en, zh } = sentence(writer);
    return { prompt: `${en}\n`, completion: zh };
  },
  /** A question, after its passage if it has one → the short answer. */
  question: (writer) => {
    const { context, question, short } = ask(writer);
    return { prompt: `${context ? `${context.en} ` : ''}${question.en}\n`, completion: short.en };
  },
} satisfies Record<string, MakeRow>;

export type TaskName = keyof typeof tasks;
export const taskNames = Object.keys(tasks) as TaskName[];

/** Makes one task's rows, the same for the same seed. No prompt occurs twice, not even in different parts. */
export function makeTask(name: TaskName, options: TaskOptions): TaskData {
  const { train, validation, test } = options.sizes ?? { train: 400, validation: 100, test: 100 };
  const random = seededRandom(options.seed);
  const seen = new Set<string>();
  const rows = (count: number, split: Split) =>
    makeRows(tasks[name], { options, count, split, random, seen });
  return {
    train: rows(train, 'train'),
    validation: rows(validation, 'train'),
    // Facts and sums have no combinations to hold out: they are few, and knowing them is the task.
    test: rows(test, name === 'question' ? 'train' : 'heldout-combinations'),
  };
}

interface RowsWanted {
  options: TaskOptions;
  count: number;
  split: Split;
  random: Random;
  seen: Set<string>;
}

function makeRows(makeRow: MakeRow, { options, count, split, random, seen }: RowsWanted): TaskRow[] {
  const rows: TaskRow[] = [];
  for (let misses = 0; rows.length < count; misses++) {
    if (misses > 5000)
      throw new RangeError(`found only ${rows.length} rows of ${count} that differ; ask for fewer`);
    const writer = new Writer(random, lexicon, split);
    const row = makeRow(writer, options);
    if (seen.has(row.prompt) || (split !== 'train' && !writer.usedHeldOut)) continue;
    seen.add(row.prompt);
    rows.push(row);
    misses = 0;
  }
  return rows;
}
