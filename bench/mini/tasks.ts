/** @file The five tasks of the benchmark: their rows, and the score that matters to a person. */
import { chrf2 } from '../../src/evaluation/metrics/chrf.js';
import { allOf } from '../../src/evaluation/metrics/metric.js';
import { makeTask, type TaskData, type TaskName, type TaskRow } from '../../tools/mini-corpus/tasks.js';
import { isCatContinuation } from './cat-grammar.js';
import type { Row } from './condition.js';
import { sentimentOf } from './sentiment-words.js';

export type Sizes = Record<keyof TaskData, number>;

/** The score of a task's outputs, besides the loss. */
export interface Score {
  readonly name: string;
  /** From 0 to 100. */
  of(outputs: readonly string[], rows: readonly Row[]): number;
}

export interface Task {
  readonly title: string;
  /**
   * How outputs are made: sampled at temperature 1, for tasks with many right answers; greedily, for those with one; or
   * the likeliest of these labels.
   */
  readonly output: 'drawn' | 'likeliest' | readonly string[];
  readonly scores: readonly Score[];
}

const share = (name: string, isRight: (output: string, row: Row) => boolean): Score => ({
  name,
  of: (outputs, rows) =>
    (100 * rows.filter((row, i) => isRight(outputs[i]!, row)).length) / Math.max(1, rows.length),
});

const exactMatch = share('exact match', (output, { completion }) => plain(output) === plain(completion));

export const tasks: Readonly<Record<TaskName, Task>> = {
  'cat-zh': {
    title: 'continue a cat (一只可爱的猫，…)',
    output: 'drawn',
    scores: [share('all of it about cats', isCatContinuation)],
  },
  review: {
    title: 'write a positive review',
    output: 'drawn',
    scores: [share('judges positively', (output) => sentimentOf(output) === 'positive')],
  },
  sentiment: {
    title: 'classify a review',
    output: ['positive', 'negative'],
    scores: [share('accuracy', (output, { completion }) => output === completion)],
  },
  'en-zh': {
    title: 'translate English to Chinese',
    output: 'likeliest',
    scores: [
      exactMatch,
      {
        name: 'chrF2',
        of: (outputs, rows) => {
          const scored = rows.map(({ completion }, i) => ({
            prediction: outputs[i]!,
            references: [completion],
          }));
          return chrf2.scorer(scored).of(allOf(scored));
        },
      },
    ],
  },
  question: { title: 'answer a question', output: 'likeliest', scores: [exactMatch] },
};

/** A task's rows with the fields that layouts use. The seed is fixed: runs differ in training only. */
export function taskRows(name: TaskName, sizes: Sizes): Record<keyof TaskData, Row[]> {
  const { train, validation, test } = makeTask(name, { seed: 1, sizes });
  return { train: train.map(rowOf), validation: validation.map(rowOf), test: test.map(rowOf) };
}

export function rowOf({ prompt, completion }: TaskRow): Row {
  const input = prompt.trimEnd();
  const bare = completion.trimStart();
  const beforeQuestion = Math.max(input.lastIndexOf('. '), input.lastIndexOf('! ')) + 1;
  return {
    input,
    completion: bare,
    Completion: bare[0]!.toUpperCase() + bare.slice(1),
    context: beforeQuestion > 0 ? `${input.slice(0, beforeQuestion)} ` : '',
    question: input.slice(beforeQuestion).trimStart(),
  };
}

/** The form compared by exact match: without case and full stop. */
function plain(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/[.。]$/, '');
}
