/** @file Charts as inline SVG, in the page's colors. */
import { type Html, html } from './html.js';

/** The color of the i-th series. */
export const color = (i: number) => `var(--c${i % 7})`;

/** A range a little wider than that of the values. */
function rangeOf(values: readonly number[]): [low: number, high: number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = high > low ? 0.05 * (high - low) : Math.max(1e-6, 0.1 * Math.abs(high));
  return [low - margin, high + margin];
}

export interface Whisker {
  readonly title: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Values with intervals, one per line, on one scale. */
export function whiskers(rows: readonly Whisker[], format: (value: number) => string): Html {
  const [width, rowHeight, left, right] = [560, 26, 10, 10];
  const [low, high] = rangeOf(rows.flatMap((row) => [row.value, row.low, row.high]));
  const x = (value: number) => (left + ((value - low) / (high - low)) * (width - left - right)).toFixed(1);
  const height = rows.length * rowHeight + 22;
  return html`<svg viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="values with intervals">
${rows.map((row, i) => {
  const y = i * rowHeight + rowHeight / 2;
  return html`<g><title>${row.title}: ${format(row.value)} [${format(row.low)}, ${format(row.high)}]</title>
<line x1="${x(row.low)}" x2="${x(row.high)}" y1="${y}" y2="${y}" stroke="${color(i)}" stroke-width="2"/>
<circle cx="${x(row.value)}" cy="${y}" r="5" fill="${color(i)}"/></g>`;
})}
<line x1="${left}" x2="${width - right}" y1="${height - 20}" y2="${height - 20}" stroke="var(--line)"/>
<text x="${left}" y="${height - 4}">${format(low)}</text>
<text x="${width - right}" y="${height - 4}" text-anchor="end">${format(high)}</text>
</svg>`;
}

export interface Series {
  readonly title: string;
  /** Values at each of `xLabels`, one per seed. */
  readonly points: readonly (readonly number[])[];
}

/** Lines through the means at each x, with a dot per value. */
export function lines(
  series: readonly Series[],
  xLabels: readonly string[],
  format: (value: number) => string,
): Html {
  const [width, height, left, bottom, top] = [560, 260, 60, 28, 10];
  const [low, high] = rangeOf(series.flatMap(({ points }) => points.flat()));
  const step = (width - left - 20) / xLabels.length;
  // Shifted, so that the dots of several series do not overlap.
  const x = (place: number, i: number) =>
    left + step * (place + (series.length > 1 ? 0.2 + (0.6 * i) / (series.length - 1) : 0.5));
  const y = (value: number) => top + (1 - (value - low) / (high - low)) * (height - bottom - top);
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  return html`<svg viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="values over sizes">
<line x1="${left}" x2="${width}" y1="${height - bottom}" y2="${height - bottom}" stroke="var(--line)"/>
<text x="${left - 6}" y="${top + 8}" text-anchor="end">${format(high)}</text>
<text x="${left - 6}" y="${height - bottom}" text-anchor="end">${format(low)}</text>
${xLabels.map((label, place) => html`<text x="${left + step * (place + 0.5)}" y="${height - 8}" text-anchor="middle">${label}</text>`)}
${series.map(({ title, points }, i) => {
  const present = points.flatMap((values, place) => (values.length > 0 ? [{ values, place }] : []));
  const path = present
    .map(
      ({ values, place }, j) =>
        `${j === 0 ? 'M' : 'L'}${x(place, i).toFixed(1)} ${y(mean(values)).toFixed(1)}`,
    )
    .join(' ');
  return html`<g><title>${title}</title><path d="${path}" fill="none" stroke="${color(i)}" stroke-width="1.5" opacity=".7"/>
${present.flatMap(({ values, place }) => values.map((value) => html`<circle cx="${x(place, i).toFixed(1)}" cy="${y(value).toFixed(1)}" r="3" fill="${color(i)}" opacity=".6"><title>${title}: ${format(value)}</title></circle>`))}</g>`;
})}
</svg>`;
}

/** The legend of a chart's colors. */
export function legend(titles: readonly string[]): Html {
  return html`<div class="legend">${titles.map((title, i) => html`<span style="--c: ${color(i)}">${title}</span>`)}</div>`;
}
