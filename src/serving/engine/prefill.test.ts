import { describe, expect, it } from 'vitest';
import { nextPrefill, PrefillBudget } from './prefill.js';

describe('the rows to prefill next', () => {
  it('are none if no row has remaining tokens', () => {
    expect(nextPrefill([], 8, false)).toBeUndefined();
    expect(nextPrefill([0, 0], 8, true)).toBeUndefined();
  });

  it('are the first row or, every other time, the one with the fewest tokens', () => {
    expect(nextPrefill([0, 90, 7, 3, 40], 16, false)).toEqual({ first: 1, count: 1, width: 16 });
    expect(nextPrefill([0, 90, 7, 3, 40], 16, true)).toEqual({ first: 3, count: 1, width: 3 });
  });

  it('include following rows that are no longer, within the budget', () => {
    expect(nextPrefill([0, 5, 4, 5, 1], 16, false)).toEqual({ first: 1, count: 3, width: 5 });
    expect(nextPrefill([0, 5, 6, 5], 16, false)).toEqual({ first: 1, count: 1, width: 5 });
  });
});

describe('the budget', () => {
  it('is as many tokens as take three quarters of the time of a step', () => {
    const budget = new PrefillBudget();
    expect(budget.tokens(true)).toBe(64);
    budget.stepped(60);
    budget.prefilled(100, 200);
    expect(budget.tokens(true)).toBe(22);
    budget.stepped(10);
    expect(budget.tokens(true)).toBe(18); // 0.75 · (0.8 · 60 + 0.2 · 10) / 2
    expect(budget.tokens(false)).toBe(512);
  });

  it('can be configured', () => {
    const budget = new PrefillBudget(9);
    expect([budget.tokens(true), budget.tokens(false)]).toEqual([9, 9]);
  });
});
