/**
 * @file Report of an evaluation: scores, confusion matrices and the worst answers, next to those of the untuned model.
 */
import type { EvaluatedRow, Evaluation } from '../evaluate.js';
import { confusionOf } from '../metrics/confusion.js';
import { metricNamed } from '../metrics/registry.js';
import type { Comparison } from '../significance.js';
import { legend, whiskers } from './charts.js';
import { type Html, html, page } from './html.js';

export interface EvaluationReport {
  readonly title: string;
  /** Facts about the evaluation, shown as they are. */
  readonly facts: Readonly<Record<string, string>>;
  /** The model with the adapter and then without it, or one of them. */
  readonly evaluations: readonly { readonly title: string; readonly evaluation: Evaluation }[];
  /** How the first evaluation differs from the second, by metric. */
  readonly differences?: Readonly<Record<string, Comparison>>;
}

const shownRows = 20;

/** Formats a score, by the size of a perfect one. */
export function formatScore(name: string, value: number): string {
  const metric = name === 'loss' || name === 'perplexity' ? undefined : metricNamed(name);
  return value.toFixed(metric?.scale === 100 || name === 'perplexity' ? 2 : 4);
}

export function formatP(pValue: number): string {
  return pValue < 0.001 ? 'p < 0.001' : `p = ${pValue.toFixed(3)}`;
}

/** The whole page. */
export function evaluationReport(report: EvaluationReport): string {
  const { title, facts, evaluations } = report;
  const [{ evaluation: first }] = evaluations as [EvaluationReport['evaluations'][number]];
  return page(
    title,
    html`<dl>${Object.entries(facts).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
${figures(report)}
${charts(report)}
${first.rows[0]?.probabilities && confusions(report)}
${first.rows.length > 0 && answers(report)}`,
  );
}

function figures({ evaluations, differences }: EvaluationReport): Html {
  const names = Object.keys(evaluations[0]!.evaluation.scores);
  return html`<h2>Figures</h2>
<div class="scroll"><table><thead><tr><th>metric</th>${evaluations.map(({ title }) => html`<th class="number">${title}</th>`)}
${differences && html`<th class="number">difference</th>`}<th>settings</th></tr></thead><tbody>
${names.map((name) => {
  const { better, signature } = evaluations[0]!.evaluation.scores[name]!;
  return html`<tr><td>${name} ${better === 'lower' && '↓'}</td>
${evaluations.map(({ evaluation }) => {
  const { value, interval } = evaluation.scores[name]!;
  return html`<td class="number">${formatScore(name, value)} ${interval && html`<span class="interval">[${formatScore(name, interval.low)}, ${formatScore(name, interval.high)}]</span>`}</td>`;
})}
${differences && html`<td class="number">${differences[name] && difference(name, differences[name])}</td>`}
<td class="signature">${signature}</td></tr>`;
})}
</tbody></table></div>
<p>In brackets: 95 % bootstrap intervals over rows, for other data of the same kind. They do not include the variance between
training runs. p: how often a difference this large appears when the two answers of each row are swapped at random. ↓: lower is better.</p>`;
}

function difference(name: string, { difference: value, interval, pValue }: Comparison): Html {
  const sign = value > 0 ? '+' : '';
  return html`${sign}${formatScore(name, value)} ${interval && html`<span class="interval">[${formatScore(name, interval.low)}, ${formatScore(name, interval.high)}]</span>`} ${pValue !== undefined && formatP(pValue)}`;
}

function charts({ evaluations }: EvaluationReport): Html | undefined {
  const withIntervals = Object.entries(evaluations[0]!.evaluation.scores).filter(
    ([, score]) => score.interval,
  );
  if (withIntervals.length === 0) return undefined;
  return html`${legend(evaluations.map(({ title }) => title))}
${withIntervals.map(([name]) => {
  const rows = evaluations.map(({ title, evaluation }) => {
    const { value, interval } = evaluation.scores[name]!;
    return { title, value, low: interval!.low, high: interval!.high };
  });
  return html`<figure><figcaption>${name}</figcaption>${whiskers(rows, (value) => formatScore(name, value))}</figure>`;
})}`;
}

function confusions({ evaluations }: EvaluationReport): Html {
  const labels = Object.keys(evaluations[0]!.evaluation.rows[0]!.probabilities!);
  return html`<h2>Confusion matrices</h2>
<p>A row for each label of the data, a column for each that was chosen.</p>
<div class="side scroll">${evaluations.map(({ title, evaluation }) => {
    const { counts } = confusionOf(evaluation.rows, labels);
    return html`<figure><figcaption>${title}</figcaption><table class="matrix">
<thead><tr><th></th>${labels.map((label) => html`<th>${label}</th>`)}</tr></thead><tbody>
${counts.map((row, i) => {
  const total = Math.max(
    1,
    row.reduce((a, b) => a + b, 0),
  );
  return html`<tr><th>${labels[i]}</th>${row.map((count, j) => {
    const color = i === j ? 'var(--good)' : 'var(--bad)';
    const share = Math.round((70 * count) / total);
    return html`<td style="background: color-mix(in srgb, ${color} ${share}%, var(--panel))">${count}</td>`;
  })}</tr>`;
})}</tbody></table></figure>`;
  })}</div>`;
}

/** The metric that rows are sorted by: the first that is defined for one row. */
function rowMetric(rows: readonly EvaluatedRow[]): string | undefined {
  return Object.keys(rows[0]!.scores)[0];
}

function answers(report: EvaluationReport): Html {
  const { rows } = report.evaluations[0]!.evaluation;
  const name = rowMetric(rows);
  const order = rows.map((_, i) => i);
  const first = order.slice(0, shownRows);
  if (name === undefined) return html`<h2>The first answers</h2>${answerTable(report, first)}`;
  const scoreOf = (i: number) => rows[i]!.scores[name]!;
  const sign = metricNamed(name).better === 'higher' ? 1 : -1;
  // For labels, the most confident errors come first.
  const confidence = (i: number) => rows[i]!.probabilities?.[rows[i]!.prediction] ?? 0;
  const worst = order
    .sort((a, b) => sign * (scoreOf(a) - scoreOf(b)) || confidence(b) - confidence(a) || a - b)
    .slice(0, shownRows);
  return html`<h2>The worst answers, by ${name}</h2>${answerTable(report, worst, name)}
<h2>The first answers</h2>${answerTable(report, first, name)}`;
}

function answerTable({ evaluations }: EvaluationReport, indices: readonly number[], name?: string): Html {
  const { rows } = evaluations[0]!.evaluation;
  return html`<div class="scroll"><table><thead><tr><th>row</th><th>prompt</th><th>right</th>
${evaluations.map(({ title }) => html`<th>${title}</th>${name && html`<th class="number">${name}</th>`}`)}</tr></thead><tbody>
${indices.map((i) => {
  const { place, prompt, references } = rows[i]!;
  return html`<tr><td>${place}</td><td class="text">${prompt}</td><td class="text">${references.join('\n')}</td>
${evaluations.map(({ evaluation }) => {
  const { prediction, probabilities, scores } = evaluation.rows[i]!;
  const share = probabilities?.[prediction];
  return html`<td class="text">${prediction}${share !== undefined && html` <span class="interval">${(100 * share).toFixed(0)} %</span>`}</td>
${name && html`<td class="number">${formatScore(name, scores[name]!)}</td>`}`;
})}</tr>`;
})}
</tbody></table></div>`;
}
