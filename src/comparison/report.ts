/** @file The report of a comparison: the table, and for each metric a chart of all methods over sizes. */

import { legend, lines } from '../evaluation/report/charts.js';
import { formatScore } from '../evaluation/report/evaluation-report.js';
import { type Html, html, page } from '../evaluation/report/html.js';
import { untuned } from './cells.js';
import { type ComparisonRow, type FinishedCell, tableCells } from './table.js';

export interface ComparisonReport {
  readonly title: string;
  readonly facts: Readonly<Record<string, string>>;
  readonly rows: readonly ComparisonRow[];
  readonly cells: readonly FinishedCell[];
}

export function comparisonReport({ title, facts, rows, cells }: ComparisonReport): string {
  const [heading, ...body] = tableCells(rows) as [string[], ...string[][]];
  return page(
    title,
    html`<dl>${Object.entries(facts).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
<h2>Table</h2>
<div class="scroll"><table><thead><tr>${heading.map((cell, i) => html`<th class="${i > 0 && 'number'}">${cell}</th>`)}</tr></thead>
<tbody>${body.map((row) => html`<tr>${row.map((cell, i) => html`<td class="${i > 0 && 'number'}">${cell}</td>`)}</tr>`)}</tbody></table></div>
<p>Means over seeds ± the sample's standard deviation. Time is that of all training steps; memory the most that the training
process had, the model's mapped weights included.</p>
<h2>Charts</h2>
<p>A dot for each seed, lines through the means.</p>
${charts(cells)}`,
  );
}

function charts(cells: readonly FinishedCell[]): Html {
  const tuned = cells.filter(({ method }) => method !== untuned);
  const base = cells.find(({ method }) => method === untuned);
  const methods = [...new Set(tuned.map(({ method }) => method))];
  const sizes = [...new Set(tuned.map(({ size }) => size))];
  const names = Object.keys(cells[0]?.result.scores ?? {});
  const titles = [...methods, ...(base ? [untuned] : [])];
  return html`${legend(titles)}<div class="side">${names.map((name) => {
    const series = methods.map((method) => ({
      title: method,
      points: sizes.map((size) =>
        tuned
          .filter((cell) => cell.method === method && cell.size === size)
          .map(({ result }) => result.scores[name]!),
      ),
    }));
    if (base) series.push({ title: untuned, points: sizes.map(() => [base.result.scores[name]!]) });
    const labels = sizes.map((size) => (size === 'all' ? 'all examples' : `${size} examples`));
    return html`<figure><figcaption>${name}</figcaption>${lines(series, labels, (value) => formatScore(name, value))}</figure>`;
  })}</div>`;
}
