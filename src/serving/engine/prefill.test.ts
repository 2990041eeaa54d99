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
  /** The budget after prefills of its own size, whose time follows from their tokens. */
  function settled(stepTime: number, timeOf: (tokens: number) => number): number {
    const budget = new PrefillBudget();
    budget.stepped(stepTime);
    for (let i = 0; i < 40; i++) budget.prefilled(budget.tokens(true), timeOf(budget.tokens(true)));
    return budget.tokens(true);
  }

  it('is as many tokens as take three quarters of the time of a step', () => {
    expect(settled(60, (tokens) => tokens / 2)).toBe(90);
    expect(settled(60, (tokens) => 20 + tokens / 2)).toBe(50);
    expect(settled(60, (tokens) => 90 + tokens / 2)).toBe(12);
    expect(settled(60, (tokens) => tokens / 100)).toBe(512);
  });

  it('changes by half at most after one piece, and not after one of another size', () => {
    const budget = new PrefillBudget();
    expect(budget.tokens(true)).toBe(32);
    budget.stepped(60);
    budget.prefilled(32, 1);
    expect(budget.tokens(true)).toBe(48);
    budget.prefilled(224, 1000);
    budget.prefilled(7, 1000);
    expect([budget.tokens(true), budget.tokens(false)]).toEqual([48, 512]);
  });

  it('can be configured', () => {
    const budget = new PrefillBudget(9);
    expect([budget.tokens(true), budget.tokens(false)]).toEqual([9, 9]);
  });
});
