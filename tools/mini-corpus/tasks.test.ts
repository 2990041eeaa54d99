/** @file The data sets of the five tasks. */
import { describe, expect, it } from 'vitest';
import { makeTask, taskNames } from './tasks.js';

describe('makeTask', () => {
  it.each(taskNames)('%s: rows as many as asked for, no prompt twice, the same for the same seed', (name) => {
    const sizes = { train: 60, validation: 20, test: 30 };
    const { train, validation, test } = makeTask(name, { seed: 4, sizes });
    expect([train.length, validation.length, test.length]).toEqual([60, 20, 30]);
    const rows = [...train, ...validation, ...test];
    expect(new Set(rows.map(({ prompt }) => prompt)).size).toBe(rows.length);
    for (const { prompt, completion } of rows) {
      expect(prompt).not.toBe('');
      expect(completion.trim()).not.toBe('');
    }
    expect(makeTask(name, { seed: 4, sizes })).toEqual({ train, validation, test });
  });

  it('labels both sentiments', () => {
    const { train } = makeTask('sentiment', { seed: 1, sizes: { train: 100, validation: 0, test: 0 } });
    expect(new Set(train.map(({ completion }) => completion))).toEqual(new Set(['positive', 'negative']));
  });

  it('writes reviews of the sentiment wanted', () => {
    const sizes = { train: 200, validation: 0, test: 0 };
    const texts = (sentiment: 'positive' | 'negative') =>
      makeTask('review', { seed: 2, sizes, sentiment })
        .train.map(({ completion }) => completion)
        .join('');
    expect(texts('positive')).toContain('I can recommend it');
    expect(texts('positive')).not.toContain('I cannot recommend it');
    expect(texts('negative')).toContain('I cannot recommend it');
  });
});
