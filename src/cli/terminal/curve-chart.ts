/** @file Curves of several runs on the terminal, on one scale. */
import { messages } from '../messages/index.js';

export interface Curve {
  /** The character that draws the curve. */
  readonly mark: string;
  readonly points: readonly { readonly step: number; readonly value: number }[];
}

/**
 * The curves as lines of text: steps to the right, values upwards. A column shows the mean of its values; where two
 * curves meet, the later one is visible.
 */
export function curveChart(curves: readonly Curve[], { width = 64, height = 12 } = {}): string[] {
  const all = curves.flatMap(({ points }) => points);
  if (all.length === 0) return [];
  const lastStep = Math.max(...all.map(({ step }) => step));
  const columns = curves.map(({ points }) => columnMeans(points, lastStep, width));
  const values = columns.flat().filter((value) => value !== undefined);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const grid = Array.from({ length: height }, () => new Array<string>(width).fill(' '));
  for (const [i, { mark }] of curves.entries())
    for (const [x, value] of columns[i]!.entries()) {
      if (value === undefined) continue;
      const share = high > low ? (value - low) / (high - low) : 0.5;
      grid[height - 1 - Math.round(share * (height - 1))]![x] = mark;
    }
  const labels = new Map([
    [0, high],
    [height - 1, low],
  ]);
  const gutter = Math.max(...[low, high].map((value) => value.toPrecision(4).length));
  const lines = grid.map((row, y) => {
    const label = labels.get(y)?.toPrecision(4) ?? '';
    return `${label.padStart(gutter)} │${row.join('')}`.trimEnd();
  });
  return [
    ...lines,
    `${' '.repeat(gutter)} └${'─'.repeat(width)} ${messages().common.step(lastStep.toLocaleString('en'))}`,
  ];
}

function columnMeans(points: Curve['points'], lastStep: number, width: number): (number | undefined)[] {
  const sums = Array.from({ length: width }, () => ({ sum: 0, count: 0 }));
  for (const { step, value } of points) {
    const column = sums[Math.min(width - 1, Math.floor((Math.max(0, step - 1) / lastStep) * width))]!;
    column.sum += value;
    column.count++;
  }
  return sums.map(({ sum, count }) => (count > 0 ? sum / count : undefined));
}
