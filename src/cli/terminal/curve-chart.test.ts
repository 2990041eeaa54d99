import { describe, expect, it } from 'vitest';
import { curveChart } from './curve-chart.js';

const points = (...values: number[]) => values.map((value, i) => ({ step: i + 1, value }));

describe('curveChart', () => {
  it('draws several curves on one scale', () => {
    const curves = [
      { mark: 'a', points: points(4, 3, 2, 1) },
      { mark: 'b', points: points(4, 4) },
    ];
    expect(curveChart(curves, { width: 4, height: 4 })).toEqual([
      '4.000 │bb',
      '      │ a',
      '      │  a',
      '1.000 │   a',
      '      └──── step 4',
    ]);
  });

  it('averages the values of a column', () => {
    const [first, last] = curveChart([{ mark: 'a', points: points(1, 3, 6, 8) }], { width: 2, height: 2 });
    expect([first, last]).toEqual(['7.000 │ a', '2.000 │a']);
  });

  it('draws nothing without values, and a constant in the middle', () => {
    expect(curveChart([{ mark: 'a', points: [] }])).toEqual([]);
    expect(curveChart([{ mark: 'a', points: points(2, 2) }], { width: 2, height: 3 })[1]).toBe('      │aa');
  });
});
