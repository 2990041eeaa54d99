import { afterEach, expect, test, vi } from 'vitest';
import { chartLines, lossChart } from './loss-chart.js';

afterEach(() => vi.restoreAllMocks());

test('a chart of four values', () => {
  expect(chartLines([4, 3, 2, 1], 5, '8 steps')).toEqual([
    '  4.00 │▄',
    '       │▄▄',
    '       │▄▄',
    '       │▄▄▄',
    '       │▄▄▄',
    '  1.00 │▄▄▄▄',
    '       └───── 8 steps',
  ]);
  expect(chartLines([2, 2], 2, '').slice(0, 2)).toEqual(['  2.00 │▄▄', '       │▄▄']);
});

/** The chart's output for these losses. */
function written(losses: readonly number[], isTTY: boolean): string {
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += chunk;
    return true;
  });
  vi.spyOn(performance, 'now').mockImplementation(() => text.length * 1000 + 1000);
  const before = Object.getOwnPropertyDescriptor(process.stdout, 'isTTY');
  Object.defineProperty(process.stdout, 'isTTY', { value: isTTY, configurable: true });
  const chart = lossChart(losses.length);
  for (const [i, loss] of losses.entries()) chart.add(i + 1, loss);
  chart.end();
  Object.defineProperty(process.stdout, 'isTTY', before ?? { value: undefined, configurable: true });
  return text;
}

test('without a terminal it is printed once', () => {
  expect(written([4, 3, 2, 1], false)).toBe(`${chartLines([4, 3, 2, 1], 4, '4 steps').join('\n')}\n`);
});

test('on a terminal each drawing takes the place of the one before', () => {
  const drawings = written([4, 2], true).split('\x1b[7A\x1b[J');
  expect(drawings.map((drawing) => drawing.trimEnd().split('\n').at(-1))).toEqual([
    '       └── step 1 of 2, loss 4.00',
    '       └── step 2 of 2, loss 2.00',
    '       └── 2 steps',
  ]);
});

test('many steps share a column', () => {
  const losses = Array.from({ length: 120 }, (_, i) => (i % 2 === 0 ? 3 : 1));
  expect(written(losses, false).split('\n')[0]).toBe(`  2.00 │${'▄'.repeat(60)}`);
});
