/** @file What a benchmark says in a sentence or two. */
import { say } from '../say.js';
import type { BenchmarkResult, BenchmarkRow } from './benchmark.js';
import { pOf, pointsOf } from './report.js';

/** A difference with a larger p-value may be chance. */
const significance = 0.05;

export function adviceOn({ rows, majority, measured, metric }: Omit<BenchmarkResult, 'advice'>): string {
  const text = rows.find(({ kind, comparison }) => kind === 'text' && comparison === undefined)!;
  const best = rows.reduce((top, row) => (row.score > top.score ? row : top));
  if (majority && best.score <= majority.share)
    return say`Nothing is better than always saying ${JSON.stringify(majority.label)}
        (${percent(majority.share)}): this model does not know the task, or there are too few
        rows.`;
  const learned = rows.filter(({ kind }) => kind === 'learned');
  const better = learned.filter(isBetter);
  if (better.length === 0) {
    const most = learned.reduce<BenchmarkRow | undefined>(
      (top, row) => (!top || row.score > top.score ? row : top),
      undefined,
    );
    const cheaper =
      most && most.comparison!.difference >= 0 && most.tokens < text.tokens
        ? say`; ${most.name} ${costs(most, text)}`
        : '';
    return majority
      ? say`On these ${measured} rows, no learned prompt is reliably more accurate than
          "${text.name}"${cheaper}.`
      : say`On these ${measured} rows, no learned prompt is reliably better in ${metric} than
          "${text.name}"${cheaper}.`;
  }
  const top = better.reduce((most, row) => (row.score > most.score ? row : most));
  return say`${top.name} is ${pointsOf(metric, top.comparison!.difference)} points better than
      "${text.name}", the best prompt of text (p ${relationOf(top.comparison!.pValue!)}), and
      ${costs(top, text)}.`;
}

const relationOf = (pValue: number) => pOf(pValue).replace(/^\d/, '= $&');

const isBetter = ({ comparison }: BenchmarkRow) =>
  comparison?.pValue !== undefined && comparison.difference > 0 && comparison.pValue < significance;

function costs(row: BenchmarkRow, text: BenchmarkRow): string {
  const ratio = text.tokens / row.tokens;
  if (ratio >= 1.05) return say`reads ${ratio.toFixed(1)} times fewer tokens per request`;
  return ratio > 0.95
    ? say`reads as many tokens per request`
    : say`reads ${(1 / ratio).toFixed(1)} times as many tokens per request`;
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
