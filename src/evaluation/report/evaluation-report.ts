/**
 * @file Report of an evaluation: scores, confusion matrices and the worst answers, next to those of the untuned model.
 */
import { said, say } from '../../say.js';
import type { EvaluatedRow, Evaluation } from '../evaluate.js';
import { confusionOf } from '../metrics/confusion.js';
import { metricNamed } from '../metrics/registry.js';
import type { Comparison } from '../significance.js';
import { bars, type Curve, curves, legend } from './charts.js';
import { type Html, html, page } from './html.js';

export interface EvaluationReport {
  readonly title: string;
  /** Facts about the evaluation, shown as they are. */
  readonly facts: Readonly<Record<string, string>>;
  /** How the answers were made, and how what was learned was. Default: not shown. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Losses of the adapters' training. Default: not shown. */
  readonly training?: readonly TrainingCurves[];
  /** The model with the adapter and then without it, or one of them. */
  readonly evaluations: readonly { readonly title: string; readonly evaluation: Evaluation }[];
  /** How the first evaluation differs from the second, by metric. */
  readonly differences?: Readonly<Record<string, Comparison>>;
}

export interface TrainingCurves {
  readonly title: string;
  readonly loss: Curve['points'];
  readonly validationLoss: Curve['points'];
}

const shownRows = 20;

/** Formats a score, by the size of a perfect one. */
export function formatScore(name: string, value: number): string {
  const metric = name === 'loss' || name === 'perplexity' ? undefined : metricNamed(name);
  return value.toFixed(metric?.scale === 100 || name === 'perplexity' ? 2 : 4);
}

/** A p-value with three decimals, as tables show it: `p = 0.046`, or `p < 0.001`. */
export function formatP(pValue: number): string {
  return pValue < 0.001 ? 'p < 0.001' : `p = ${pValue.toFixed(3)}`;
}

/** The whole page. */
export function evaluationReport(report: EvaluationReport): string {
  const { title, facts, evaluations } = report;
  const [{ evaluation: first }] = evaluations as [EvaluationReport['evaluations'][number]];
  return page(
    title,
    html`<dl>${Object.entries(facts).map(([name, value]) => html`<dt>${said(name)}</dt><dd>${value}</dd>`)}</dl>
${figures(report)}
${charts(report)}
${first.rows[0]?.probabilities && confusions(report)}
${report.training && trainingCharts(report.training)}
${report.settings && settingsTable(report.settings)}
${first.rows.length > 0 && answers(report)}`,
  );
}

function figures({ evaluations, differences }: EvaluationReport): Html {
  const names = Object.keys(evaluations[0]!.evaluation.scores);
  return html`<h2>${say`Figures`}</h2>
<div class="scroll"><table><thead><tr><th>${say`metric`}</th>${evaluations.map(({ title }) => html`<th class="number">${title}</th>`)}
${differences && html`<th class="number">${say`difference`}</th>`}<th>${say`settings`}</th></tr></thead><tbody>
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
<p>${explanation()}</p>`;
}

const explanation = () =>
  [
    say`In brackets: 95 % bootstrap intervals over rows, for other data of the same kind. They do
      not include the variance between training runs.`,
    say`p: how often a difference this large appears when the two answers of each row are swapped at
      random. ↓: lower is better.`,
  ].join(' ');

function difference(name: string, { difference: value, interval, pValue }: Comparison): Html {
  const sign = value > 0 ? '+' : '';
  return html`${sign}${formatScore(name, value)} ${interval && html`<span class="interval">[${formatScore(name, interval.low)}, ${formatScore(name, interval.high)}]</span>`} ${pValue !== undefined && formatP(pValue)}`;
}

function charts({ evaluations }: EvaluationReport): Html {
  const [{ evaluation: first }] = evaluations as [EvaluationReport['evaluations'][number]];
  return html`<div class="charts">${Object.keys(first.scores).map((name) => {
    const rows = evaluations.map(({ title, evaluation }) => {
      const { value, interval } = evaluation.scores[name]!;
      return { title, value, low: interval?.low, high: interval?.high };
    });
    const { majority } = first;
    const mark =
      name === 'accuracy' && majority
        ? { title: say`always “${majority.label}”`, value: majority.share }
        : undefined;
    return html`<figure><figcaption>${name}${first.scores[name]!.better === 'lower' && ' ↓'}</figcaption>${bars(rows, { format: (value) => formatScore(name, value), mark })}</figure>`;
  })}</div>`;
}

/** Losses of one or several runs over their steps, those of validation as dashes. */
export function trainingCharts(runs: readonly TrainingCurves[]): Html | undefined {
  const all = runs.flatMap(({ title, loss, validationLoss }, series) => [
    { title, series, points: loss },
    { title: say`${title}, validation`, series, points: validationLoss, isDashed: true },
  ]);
  if (all.every(({ points }) => points.length === 0)) return undefined;
  const hasValidation = runs.some(({ validationLoss }) => validationLoss.length > 0);
  return html`<h2>${say`Training`}</h2>${runs.length > 1 && legend(runs.map(({ title }) => title))}
<figure><figcaption>${say`loss`}</figcaption>${curves(all, (value) => value.toPrecision(3))}</figure>
${hasValidation && html`<p>${say`Dashes: the loss on validation data.`}</p>`}`;
}

function settingsTable(settings: NonNullable<EvaluationReport['settings']>): Html {
  return html`<h2>${say`Settings`}</h2>
<dl class="settings">${Object.entries(settings).map(([name, value]) => html`<dt>${said(name)}</dt><dd>${value}</dd>`)}</dl>`;
}

function confusions({ evaluations }: EvaluationReport): Html {
  const labels = Object.keys(evaluations[0]!.evaluation.rows[0]!.probabilities!);
  return html`<h2>${say`Confusion matrices`}</h2>
<p>${say`A row for each label of the data, a column for each that was chosen.`}</p>
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
  if (name === undefined) return html`<h2>${say`The first answers`}</h2>${answerTable(report, first)}`;
  const scoreOf = (i: number) => rows[i]!.scores[name]!;
  const sign = metricNamed(name).better === 'higher' ? 1 : -1;
  // For labels, the most confident errors come first.
  const confidence = (i: number) => rows[i]!.probabilities?.[rows[i]!.prediction] ?? 0;
  const worst = order
    .sort((a, b) => sign * (scoreOf(a) - scoreOf(b)) || confidence(b) - confidence(a) || a - b)
    .slice(0, shownRows);
  return html`<h2>${say`The worst answers, by ${name}`}</h2>${answerTable(report, worst, name)}
<details><summary>${say`The first answers`}</summary>${answerTable(report, first, name)}</details>`;
}

function answerTable({ evaluations }: EvaluationReport, indices: readonly number[], name?: string): Html {
  const { rows } = evaluations[0]!.evaluation;
  return html`<div class="scroll"><table class="answers"><thead><tr><th>${say`row`}</th><th>${say`prompt`}</th><th>${say`right`}</th>
${evaluations.map(({ title }) => html`<th>${title}</th>${name && html`<th class="number">${name}</th>`}`)}</tr></thead><tbody>
${indices.map((i) => {
  const row = rows[i]!;
  return html`<tr><td class="place">${row.place}</td><td class="text" data-label="${say`prompt`}">${promptOf(row)}</td><td class="text" data-label="${say`right`}">${row.references.join('\n')}</td>
${evaluations.map(({ title, evaluation }) => {
  const { prediction, probabilities, scores } = evaluation.rows[i]!;
  const share = probabilities?.[prediction];
  const isRight = row.references.includes(prediction);
  return html`<td class="text ${isRight && 'right'}" data-label="${title}">${prediction}${share !== undefined && html` <span class="interval">${(100 * share).toFixed(0)} %</span>`}</td>
${name && html`<td class="number" data-label="${name}">${formatScore(name, scores[name]!)}</td>`}`;
})}</tr>`;
})}
</tbody></table></div>`;
}

/** A conversation as bubbles, other prompts as their text. */
function promptOf({ prompt, messages }: EvaluatedRow): Html | string {
  if (!messages) return prompt;
  return html`<div class="turns">${messages.map(({ role, content }) => html`<div class="turn ${role === 'user' || role === 'assistant' ? role : 'other'}"><span class="role">${role}</span>${content ?? say`calls a tool`}</div>`)}</div>`;
}
