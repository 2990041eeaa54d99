/** @file The table of a benchmark, as cells and as a page. */
import { html, page } from '../evaluation/report/html.js';
import type { BenchmarkResult, BenchmarkRow } from './benchmark.js';

const headings = ['prompt', 'accuracy', '95 %', 'p', 'tokens', 'ms', 'size', 'made in'];

/** The heading, and a row per prompt. `p` compares with the best prompt of text. */
export function benchmarkTable({ rows }: Pick<BenchmarkResult, 'rows'>): string[][] {
  return [headings, ...rows.map(cells)];
}

function cells({ name, accuracy, interval, comparison, ...costs }: BenchmarkRow): string[] {
  const percent = (share: number) => (100 * share).toFixed(1);
  return [
    name,
    percent(accuracy),
    `${percent(interval.low)} to ${percent(interval.high)}`,
    comparison?.pValue === undefined ? '' : comparison.pValue.toPrecision(2),
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
    'most common label': `${majority.label}, ${(100 * majority.share).toFixed(1)} %`,
  };
  return page(
    'Prompts compared',
    html`<p><strong>${advice}</strong></p>
<dl>${Object.entries(facts).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
<div class="scroll"><table><thead><tr>${heading.map((cell, i) => html`<th class="${i > 0 && 'number'}">${cell}</th>`)}</tr></thead>
<tbody>${body.map((row) => html`<tr>${row.map((cell, i) => html`<td class="${i > 0 && 'number'}">${cell}</td>`)}</tr>`)}</tbody></table></div>
<p>Accuracy in percent with the interval of 95 % over resampled rows; p compares with the best prompt of text, by random
exchanges of answers. Tokens and milliseconds are per request, in batches; size is what the prompt adds on disk.</p>`,
  );
}
