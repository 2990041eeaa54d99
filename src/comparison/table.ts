/** @file The table of a comparison: a row for each method and size, means and spreads over seeds. */
import { formatScore } from '../evaluation/report/evaluation-report.js';
import { say } from '../say.js';
import { type Cell, type CellResult, untuned } from './cells.js';

export interface FinishedCell extends Pick<Cell, 'method' | 'size' | 'seed'> {
  readonly result: CellResult;
}

export interface Spread {
  readonly mean: number;
  /** Sample standard deviation; undefined for one value. */
  readonly deviation?: number;
}

export interface ComparisonRow {
  readonly method: string;
  readonly size: number | 'all';
  readonly seeds: readonly number[];
  readonly trainExamples: number;
  readonly scores: Readonly<Record<string, Spread>>;
  readonly trainableParameters: number;
  readonly seconds: Spread;
  readonly peakMemoryBytes: Spread;
}

export function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  if (values.length < 2) return { mean };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}

/** One row per method and size that has cells, in order. */
export function comparisonRows(cells: readonly FinishedCell[]): ComparisonRow[] {
  const groups = new Map<string, FinishedCell[]>();
  for (const cell of cells) {
    const key = `${cell.method} ${cell.size}`;
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  return [...groups.values()].map((group) => {
    const [{ method, size, result }] = group as [FinishedCell];
    const of = (value: (result: CellResult) => number) => spreadOf(group.map((cell) => value(cell.result)));
    const { trainExamples, trainableParameters } = result;
    return {
      method,
      size,
      seeds: group.map(({ seed }) => seed),
      trainExamples,
      scores: Object.fromEntries(
        Object.keys(result.scores).map((name) => [name, of(({ scores }) => scores[name]!)]),
      ),
      trainableParameters,
      seconds: of(({ seconds }) => seconds),
      peakMemoryBytes: of(({ peakMemoryBytes }) => peakMemoryBytes),
    };
  });
}

/** What a method is called in tables and charts. */
export const titleOf = (method: string): string => (method === untuned ? say`untuned` : method);

/** The formatted cells of the table: a heading, then one line per row. */
export function tableCells(rows: readonly ComparisonRow[]): string[][] {
  const metrics = Object.keys(rows[0]?.scores ?? {});
  const before = [say`method`, say`examples`, say`seeds`];
  const after = [say`trainable parameters`, say`time`, say`peak memory`];
  const heading = [...before, ...metrics, ...after];
  return [
    heading,
    ...rows.map((row) => {
      const isTuned = row.method !== untuned;
      return [
        titleOf(row.method),
        isTuned ? String(row.trainExamples) : '',
        isTuned ? String(row.seeds.length) : '',
        ...metrics.map((name) => formatSpread(row.scores[name]!, (value) => formatScore(name, value))),
        isTuned ? row.trainableParameters.toLocaleString('en') : '0',
        isTuned ? `${formatSpread(row.seconds, (value) => value.toFixed(1))} s` : '',
        `${(row.peakMemoryBytes.mean / 1e6).toFixed(0)} MB`,
      ];
    }),
  ];
}

export function formatSpread({ mean, deviation }: Spread, format: (value: number) => string): string {
  return deviation === undefined ? format(mean) : `${format(mean)} ± ${format(deviation)}`;
}

/** The table as Markdown. */
export function markdownTable(rows: readonly ComparisonRow[]): string {
  const [heading, ...lines] = tableCells(rows) as [string[], ...string[][]];
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = heading.map((_, i) => (i === 0 ? '---' : '---:'));
  return `${[heading, rule, ...lines].map(line).join('\n')}\n`;
}
