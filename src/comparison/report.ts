/** @file The report of a comparison: tables of figures and settings, charts of all methods, and their losses. */

import type { Majority } from '../evaluation/majority.js';
import { bars, legend, lines } from '../evaluation/report/charts.js';
import { formatScore, type TrainingCurves, trainingCharts } from '../evaluation/report/evaluation-report.js';
import { type Html, html, page } from '../evaluation/report/html.js';
import { said, say } from '../say.js';
import { untuned } from './cells.js';
import { type ComparisonRow, type FinishedCell, spreadOf, tableCells, titleOf } from './table.js';

export interface ComparisonReport {
  readonly title: string;
  readonly facts: Readonly<Record<string, string>>;
  readonly rows: readonly ComparisonRow[];
  readonly cells: readonly FinishedCell[];
  /** How each method was trained, by its name: settings by their names. Default: not shown. */
  readonly settings?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Losses of one run per method. Default: not shown. */
  readonly training?: readonly TrainingCurves[];
  /** Of the test data: the most frequent label. */
  readonly majority?: Majority;
}

/** A comparison as a self-contained HTML page. */
export function comparisonReport(report: ComparisonReport): string {
  const { title, facts, rows, settings, training } = report;
  return page(
    title,
    html`<dl>${Object.entries(facts).map(([name, value]) => html`<dt>${said(name)}</dt><dd>${value}</dd>`)}</dl>
<h2>${say`Table`}</h2>
${table(tableCells(rows))}
<p>${[
      say`Means over seeds ± the sample's standard deviation.`,
      say`Time is that of all training steps; memory the most that the training process had, the model's
        mapped weights included.`,
    ].join(' ')}</p>
<h2>${say`Charts`}</h2>
${charts(report)}
${training && trainingCharts(training)}
${settings && html`<h2>${say`Settings`}</h2>${table(settingsTable(settings), 'text')}`}`,
  );
}

/** A heading, then lines. The first column has names, the others what `kind` says. */
function table([heading, ...body]: readonly (readonly string[])[], kind: 'number' | 'text' = 'number'): Html {
  return html`<div class="scroll"><table><thead><tr>${heading!.map((cell, i) => html`<th class="${i > 0 && kind === 'number' && 'number'}">${cell}</th>`)}</tr></thead>
<tbody>${body.map((row) => html`<tr>${row.map((cell, i) => html`<td class="${i > 0 && kind === 'number' && 'number'}">${cell}</td>`)}</tr>`)}</tbody></table></div>`;
}

function settingsTable(settings: NonNullable<ComparisonReport['settings']>): string[][] {
  const names = [...new Set(Object.values(settings).flatMap(Object.keys))];
  return [
    [say`method`, ...names.map(said)],
    ...Object.entries(settings).map(([method, own]) => [method, ...names.map((name) => own[name] ?? '')]),
  ];
}

function charts({ cells, majority }: ComparisonReport): Html {
  const sizes = [...new Set(cells.flatMap(({ method, size }) => (method === untuned ? [] : [size])))];
  const names = Object.keys(cells[0]?.result.scores ?? {});
  const markOf = (name: string) =>
    name === 'accuracy' && majority
      ? { title: say`always “${majority.label}”`, value: majority.share }
      : undefined;
  if (sizes.length > 1) return chartsOverSizes(cells, sizes, names, markOf);
  return html`<p>${say`Bars are means over seeds. The line across is their standard deviation, and dots are single seeds.`}</p>
<div class="charts">${names.map((name) => html`<figure><figcaption>${name}</figcaption>${bars(barsOf(cells, name), { format: (value) => formatScore(name, value), mark: markOf(name) })}</figure>`)}</div>`;
}

function barsOf(cells: readonly FinishedCell[], name: string) {
  // The untuned model is last, so that a method has the same color in all charts.
  const methods = [...new Set(cells.map(({ method }) => method))].filter((method) => method !== untuned);
  const isKnown = cells.some(({ method }) => method === untuned);
  return [...methods, ...(isKnown ? [untuned] : [])].map((method) => {
    const parts = cells.filter((cell) => cell.method === method).map(({ result }) => result.scores[name]!);
    const { mean, deviation } = spreadOf(parts);
    return {
      ...{ title: titleOf(method), value: mean },
      ...(deviation !== undefined && { low: mean - deviation, high: mean + deviation, parts }),
    };
  });
}

function chartsOverSizes(
  cells: readonly FinishedCell[],
  sizes: readonly FinishedCell['size'][],
  names: readonly string[],
  markOf: (name: string) => { title: string; value: number } | undefined,
): Html {
  const tuned = cells.filter(({ method }) => method !== untuned);
  const base = cells.find(({ method }) => method === untuned);
  const methods = [...new Set(tuned.map(({ method }) => method))];
  const levelsOf = (name: string) => {
    const mark = markOf(name);
    const levels = [
      ...(base ? [{ title: titleOf(untuned), value: base.result.scores[name]! }] : []),
      ...(mark ? [mark] : []),
    ];
    return levels.map(({ title, value }) => ({ title, points: sizes.map(() => [value]), isLevel: true }));
  };
  const levels = [...new Set(names.flatMap((name) => levelsOf(name).map(({ title }) => title)))];
  return html`<p>${say`A dot for each seed, lines through the means; dotted lines do not depend on the size.`}</p>
${legend([...methods, ...levels])}<div class="charts">${names.map((name) => {
    const moving = methods.map((method) => ({
      title: method,
      points: sizes.map((size) =>
        tuned
          .filter((cell) => cell.method === method && cell.size === size)
          .map(({ result }) => result.scores[name]!),
      ),
    }));
    const labels = sizes.map((size) => (size === 'all' ? say`all` : String(size)));
    return html`<figure><figcaption>${say`${name}, by training examples`}</figcaption>${lines([...moving, ...levelsOf(name)], labels, (value) => formatScore(name, value))}</figure>`;
  })}</div>`;
}
