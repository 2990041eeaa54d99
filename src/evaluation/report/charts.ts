/** @file Charts of a report in the page's colors: bars as HTML, which fits any width, and lines as inline SVG. */
import { say } from '../../say.js';
import { type Html, html } from './html.js';

/** The color of the i-th series. */
export const color = (i: number) => `var(--c${i % 7})`;

export interface Bar {
  readonly title: string;
  readonly value: number;
  /** Ends of its interval. Default: none is known. */
  readonly low?: number;
  readonly high?: number;
  /** Single values that it is the mean of, such as those of seeds. */
  readonly parts?: readonly number[];
  /** Which color it has. Default: its place. */
  readonly series?: number;
}

export interface BarOptions {
  readonly format: (value: number) => string;
  /** A line across all bars, such as what needs no model. */
  readonly mark?: { readonly title: string; readonly value: number };
}

/** Bars from 0 with their intervals, one per line, on one scale. */
export function bars(rows: readonly Bar[], { format, mark }: BarOptions): Html {
  const ends = rows.flatMap(({ value, low = value, high = value, parts = [] }) => [low, high, ...parts]);
  const [low, high] = [
    Math.min(0, ...ends, ...(mark ? [mark.value] : [])),
    Math.max(0, ...ends, ...(mark ? [mark.value] : [])),
  ];
  const span = high - low || 1;
  const at = (value: number) => `${((100 * (value - low)) / span).toFixed(2)}%`;
  const between = (from: number, to: number) =>
    `left: ${at(Math.min(from, to))}; width: ${((100 * Math.abs(to - from)) / span).toFixed(2)}%`;
  return html`<div class="bars">
${rows.map(({ title, value, low: from, high: to, parts = [], series }, i) => {
  const interval = from !== undefined && to !== undefined ? ` [${format(from)}, ${format(to)}]` : '';
  return html`<div class="bar" style="--c: ${color(series ?? i)}"><span class="name">${title}</span>
<span class="track"><span class="fill" style="${between(0, value)}"></span>
${from !== undefined && to !== undefined && html`<span class="range" style="${between(from, to)}"></span>`}
${parts.map((part) => html`<span class="part" style="left: ${at(part)}"></span>`)}
${mark && html`<span class="mark" style="left: ${at(mark.value)}"></span>`}</span>
<span class="value">${format(value)}<span class="interval">${interval}</span></span></div>`;
})}
${mark && html`<p class="note"><span class="mark"></span> ${mark.title}: ${format(mark.value)}</p>`}
</div>`;
}

export interface Series {
  readonly title: string;
  /** Values at each of `xLabels`, one per seed. */
  readonly points: readonly (readonly number[])[];
  /** It has one value at all x, and is drawn as a line across. */
  readonly isLevel?: boolean;
}

const size = { width: 400, height: 240, left: 52, right: 8, top: 10, bottom: 26 };

/** The y of a value, and the lines of a scale with round numbers. */
function scaleOf(values: readonly number[], format: (value: number) => string) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const margin = most > least ? 0.06 * (most - least) : Math.max(1e-6, 0.1 * Math.abs(most));
  const [low, high] = [least - margin, most + margin];
  const { width, height, left, right, top, bottom } = size;
  const y = (value: number) => top + (1 - (value - low) / (high - low)) * (height - bottom - top);
  const lines = roundBetween(low, high).map(
    (
      value,
    ) => html`<line class="grid" x1="${left}" x2="${width - right}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}"/>
<text x="${left - 6}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${format(value)}</text>`,
  );
  return { y, lines };
}

/** Three to six round numbers between two others. */
function roundBetween(low: number, high: number): number[] {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough)!;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step);
}

const svg = (label: string, content: readonly (Html | readonly Html[])[]) =>
  html`<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${label}">${content}</svg>`;

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** Lines through the means at each x, with a dot per value. */
export function lines(
  series: readonly Series[],
  xLabels: readonly string[],
  format: (value: number) => string,
): Html {
  const { width, height, left, right } = size;
  const { y, lines: grid } = scaleOf(
    series.flatMap(({ points }) => points.flat()),
    format,
  );
  const step = (width - left - right) / xLabels.length;
  const moving = series.filter(({ isLevel }) => !isLevel);
  // Shifted, so that the dots of several series do not overlap.
  const x = (place: number, i: number) =>
    left + step * (place + (moving.length > 1 ? 0.3 + (0.4 * i) / (moving.length - 1) : 0.5));
  const drawn = series.map(({ title, points, isLevel }, i) => {
    if (isLevel) {
      const at = y(mean(points.flat())).toFixed(1);
      return html`<g><title>${title}: ${format(mean(points.flat()))}</title><line class="level" x1="${left}" x2="${width - right}" y1="${at}" y2="${at}" stroke="${color(i)}"/></g>`;
    }
    const present = points.flatMap((values, place) => (values.length > 0 ? [{ values, place }] : []));
    const path = pathThrough(present.map(({ values, place }) => [x(place, i), y(mean(values))]));
    return html`<g><title>${title}</title><path d="${path}" fill="none" stroke="${color(i)}" stroke-width="2"/>
${present.flatMap(({ values, place }) => values.map((value) => html`<circle cx="${x(place, i).toFixed(1)}" cy="${y(value).toFixed(1)}" r="3" fill="${color(i)}"><title>${title}: ${format(value)}</title></circle>`))}</g>`;
  });
  return svg(say`values over sizes`, [
    grid,
    xLabels.map(
      (label, place) =>
        html`<text x="${(left + step * (place + 0.5)).toFixed(1)}" y="${height - 8}" text-anchor="middle">${label}</text>`,
    ),
    drawn,
  ]);
}

export interface Curve {
  readonly title: string;
  readonly points: readonly { readonly step: number; readonly value: number }[];
  /** Which color it has. */
  readonly series: number;
  /** Drawn as dashes: a second figure of the same series. */
  readonly isDashed?: boolean;
}

/** Most points of a curve; others are means of several. */
const mostPoints = 120;

/** Values over steps. */
export function curves(all: readonly Curve[], format: (value: number) => string): Html {
  const { width, height, left, right } = size;
  const shown = all
    .map((curve) => ({
      ...curve,
      points: thinned(curve.points.filter(({ value }) => Number.isFinite(value))),
    }))
    .filter(({ points }) => points.length > 0);
  const { y, lines: grid } = scaleOf(
    shown.flatMap(({ points }) => points.map(({ value }) => value)),
    format,
  );
  const last = Math.max(1, ...shown.flatMap(({ points }) => points.map(({ step }) => step)));
  const x = (step: number) => left + (step / last) * (width - left - right);
  return svg(say`loss over steps`, [
    grid,
    html`<text x="${left}" y="${height - 8}">0</text><text x="${width - right}" y="${height - 8}" text-anchor="end">${say`${last} step|steps`}</text>`,
    shown.map(
      ({ title, points, series, isDashed }) =>
        html`<g><title>${title}</title><path d="${pathThrough(points.map(({ step, value }) => [x(step), y(value)]))}" fill="none" stroke="${color(series)}" stroke-width="${isDashed ? 2 : 1.5}" stroke-dasharray="${isDashed ? '5 4' : 'none'}"/></g>`,
    ),
  ]);
}

function thinned(points: Curve['points']): Curve['points'] {
  const each = Math.ceil(points.length / mostPoints);
  if (each < 2) return points;
  return Array.from({ length: Math.ceil(points.length / each) }, (_, i) => {
    const some = points.slice(i * each, (i + 1) * each);
    return { step: some.at(-1)!.step, value: mean(some.map(({ value }) => value)) };
  });
}

const pathThrough = (points: readonly (readonly [number, number])[]) =>
  points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join(' ');

/** The legend of a chart's colors. */
export function legend(titles: readonly string[]): Html {
  return html`<div class="legend">${titles.map((title, i) => html`<span style="--c: ${color(i)}">${title}</span>`)}</div>`;
}
