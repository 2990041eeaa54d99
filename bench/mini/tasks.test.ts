import { expect, test } from 'vitest';
import { taskNames } from '../../tools/mini-corpus/tasks.js';
import { fill } from './condition.js';
import { bare, textPrompts } from './layouts.js';
import { rowOf, taskRows, tasks } from './tasks.js';

test.each(taskNames)(
  '%s: without a prompt a row reads as the task has it, and there are candidates enough',
  (name) => {
    expect(textPrompts[name].length).toBeGreaterThanOrEqual(5);
    const [row] = taskRows(name, { train: 1, validation: 1, test: 1 }).test;
    for (const layout of [bare[name], ...textPrompts[name]]) {
      expect(fill(layout.prompt, row!)).not.toMatch(/undefined|[{}]/);
      expect(fill(layout.answer, row!).toLowerCase()).toContain(row!.completion.toLowerCase());
    }
  },
);

test('a question is told from what stands before it', () => {
  const prompt = 'Bob has two dogs. Ann has three cats. Who has cats?\n';
  expect(rowOf({ prompt, completion: 'Ann' })).toEqual({
    input: 'Bob has two dogs. Ann has three cats. Who has cats?',
    completion: 'Ann',
    Completion: 'Ann',
    context: 'Bob has two dogs. Ann has three cats. ',
    question: 'Who has cats?',
  });
  const alone = rowOf({ prompt: 'What is 20 - 10?\n', completion: '10' });
  expect([alone.context, alone.question]).toEqual(['', 'What is 20 - 10?']);
  expect(rowOf({ prompt: 'The soup came.', completion: ' it was hot.' }).Completion).toBe('It was hot.');
});

test('scores', () => {
  const rows = ['in the box', '一只猫。'].map((completion) => rowOf({ prompt: '?', completion }));
  const [exactMatch, chrf2] = tasks['en-zh'].scores;
  expect(exactMatch!.of(['In the box.', '一只狗。'], rows)).toBe(50);
  expect(chrf2!.of(['in the box', '一只猫。'], rows)).toBe(100);
  expect(tasks.sentiment.scores[0]!.of(['positive'], [rowOf({ prompt: '', completion: 'negative' })])).toBe(
    0,
  );
});
