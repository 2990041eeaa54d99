/** @file The table of a benchmark, as cells and as a page. */
import { metricNamed } from '../evaluation/metrics/registry.js';
import { bars, color } from '../evaluation/report/charts.js';
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

/** A p-value as a table has it. */
export const pOf = (value: number): string => (value < 0.001 ? '< 0.001' : value.toPrecision(2));

function cells(row: BenchmarkRow, metric: string, others: readonly string[]): string[] {
  const { name, score, scores, interval, comparison, ...costs } = row;
  return [
    name,
    pointsOf(metric, score),
    say`${pointsOf(metric, interval.low)} to ${pointsOf(metric, interval.high)}`,
    comparison?.pValue === undefined ? '' : pOf(comparison.pValue),
    ...others.map((other) => pointsOf(other, scores[other]!)),
    costs.tokens.toFixed(0),
    short(costs.milliseconds),
    costs.bytes === 0 ? '' : weightOf(costs.bytes),
    costs.preparation < 0.05 ? '' : `${short(costs.preparation)} s`,
  ];
}

/** A time, which is not known to more digits. */
const short = (value: number) => value.toFixed(value < 10 ? 1 : 0);

const weightOf = (bytes: number) => (bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(1)} kB`);

/** Colors of prompts of text, and of learned ones. */
const series = { text: 6, learned: 0 };

/** A self-contained page. */
export function benchmarkReport(result: BenchmarkResult): string {
  const { model, learned, measured, majority, advice, metric, rows } = result;
  const [heading, ...body] = benchmarkTable(result) as [string[], ...string[][]];
  const facts = { model, 'rows to learn from': String(learned), 'rows measured': String(measured) };
  const format = (value: number) => pointsOf(metric, value);
  const mark = majority && { title: say`always “${majority.label}”`, value: majority.share };
  const bar = ({ name, kind }: BenchmarkRow) => ({ title: name, series: series[kind] });
  const scores = rows.map((row) => ({ ...bar(row), value: row.score, ...row.interval }));
  const tokens = rows.map((row) => ({ ...bar(row), value: row.tokens }));
  const withText = rows.filter(({ text }) => text !== undefined);
  return page(
    say`Prompts compared`,
    html`<p class="lead">${advice}</p>
<dl>${Object.entries(facts).map(([name, value]) => html`<dt>${said(name)}</dt><dd>${value}</dd>`)}</dl>
<div class="legend"><span style="--c: ${color(series.text)}">${say`prompts of text`}</span><span style="--c: ${color(series.learned)}">${say`learned prompts`}</span></div>
<div class="charts">
<figure><figcaption>${say`${metric}, higher is better`}</figcaption>${bars(scores, { format, mark })}</figure>
<figure><figcaption>${say`tokens per request, lower is cheaper`}</figcaption>${bars(tokens, { format: (value) => value.toFixed(0) })}</figure>
</div>
<h2>${say`Table`}</h2>
<div class="scroll"><table><thead><tr>${heading.map((cell, i) => html`<th class="${i > 0 && 'number'}">${cell}</th>`)}</tr></thead>
<tbody>${body.map((row) => html`<tr>${row.map((cell, i) => html`<td class="${i > 0 && 'number'}">${cell}</td>`)}</tr>`)}</tbody></table></div>
<p>${[
      say`Scores in percent with the interval of 95 % over resampled rows; p compares with the best
        prompt of text, by random exchanges of answers, corrected for the number of comparisons
        (Holm).`,
      say`That prompt is the best on these very rows, which favors it.`,
      say`Tokens and milliseconds are per request, in batches; size is what the prompt adds on disk.`,
    ].join(' ')}</p>
${
  withText.length > 0 &&
  html`<h2>${say`What prompts say`}</h2>
<dl>${withText.map(({ name, text }) => html`<dt>${name}</dt><dd class="text">${text}</dd>`)}</dl>`
}`,
  );
}
