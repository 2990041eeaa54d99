/** @file The table of a benchmark, as cells and as a page. */
import { metricNamed } from '../evaluation/metrics/registry.js';
import { html, page } from '../evaluation/report/html.js';
import { said, say } from '../say.js';
import type { BenchmarkResult, BenchmarkRow } from './benchmark.js';

/** The heading, and a row per prompt. `p` compares with the best prompt of text. */
export function benchmarkTable({ rows, metric }: Pick<BenchmarkResult, 'rows' | 'metric'>): string[][] {
  const others = Object.keys(rows[0]?.scores ?? {}).filter((name) => name !== metric);
  const costs = [say`tokens`, say`ms`, say`size`, say`made in`];
  const heading = [say`prompt`, metric, '95 %', 'p', ...others, ...costs];
  return [heading, ...rows.map((row) => cells(row, metric, others))];
}

/** A score or a difference in hundredths of a perfect score, as it is where there is none. */
export function pointsOf(metric: string, value: number): string {
  const { scale } = metricNamed(metric);
  return scale === 0 ? value.toFixed(2) : ((100 / scale) * value).toFixed(1);
}

function cells(row: BenchmarkRow, metric: string, others: readonly string[]): string[] {
  const { name, score, scores, interval, comparison, ...costs } = row;
  return [
    name,
    pointsOf(metric, score),
    say`${pointsOf(metric, interval.low)} to ${pointsOf(metric, interval.high)}`,
    comparison?.pValue === undefined ? '' : comparison.pValue.toPrecision(2),
    ...others.map((other) => pointsOf(other, scores[other]!)),
    costs.tokens.toFixed(0),
    costs.milliseconds.toFixed(1),
    costs.bytes === 0 ? '' : `${(costs.bytes / 1000).toFixed(1)} kB`,
    `${costs.preparation.toFixed(1)} s`,
  ];
}

/** A self-contained page. */
export function benchmarkReport(result: BenchmarkResult): string {
  const { model, learned, measured, majority, advice } = result;
  const [heading, ...body] = benchmarkTable(result) as [string[], ...string[][]];
  const facts = {
    model,
    'rows to learn from': String(learned),
    'rows measured': String(measured),
    ...(majority && {
      'most common label': `${majority.label}, ${(100 * majority.share).toFixed(1)} %`,
    }),
  };
  return page(
    say`Prompts compared`,
    html`<p><strong>${advice}</strong></p>
<dl>${Object.entries(facts).map(([name, value]) => html`<dt>${said(name)}</dt><dd>${value}</dd>`)}</dl>
<div class="scroll"><table><thead><tr>${heading.map((cell, i) => html`<th class="${i > 0 && 'number'}">${cell}</th>`)}</tr></thead>
<tbody>${body.map((row) => html`<tr>${row.map((cell, i) => html`<td class="${i > 0 && 'number'}">${cell}</td>`)}</tr>`)}</tbody></table></div>
<p>${[
      say`Scores in percent with the interval of 95 % over resampled rows; p compares with the best
        prompt of text, by random exchanges of answers.`,
      say`Tokens and milliseconds are per request, in batches; size is what the prompt adds on disk.`,
    ].join(' ')}</p>`,
  );
}
