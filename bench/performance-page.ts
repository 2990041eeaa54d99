/**
 * @file The tables of docs/performance.md, docs/precision.md and their Chinese pages, from the records in
 *   bench/history. Each stands between the marks `<!-- bench PART -->` and `<!-- /bench -->`, and is that of the newest
 *   record that has the part.
 */
import type { BenchRecord } from './record.js';
import { type Row, tableOf } from './report.js';

/** What a page says around tables, and its words for titles and columns. */
export interface PageWords {
  /** The line below a table. */
  caption(record: BenchRecord, load: number | undefined): string;
  readonly none: string;
  /** A `#` stands for a number, in a name and in its words. */
  readonly words: Readonly<Record<string, string>>;
}

export const english: PageWords = {
  caption: ({ date, commit, machine }, load) =>
    `${day(date)}, commit \`${commit}\`, ${load === undefined ? '' : `load ${load.toFixed(1)} when it began, `}${machine}.`,
  none: 'There is no record of it yet.',
  words: {
    'labels a row': 'labels per row',
    's a step': 's per step',
    's, a step': 's per step',
    'ms a step': 'ms per step',
    'ms a token': 'ms per token',
    'numbers trained': 'trainable parameters',
    'reading the weights once a token, at # GB/s': 'reading the weights once per token, at # GB/s',
    'private, four steps with # labels a row: peak': 'private, four steps with # labels per row: peak',
    'private, four steps with # labels a row, low memory: peak':
      'private, four steps with # labels per row, low memory: peak',
  },
};

export const day = (date: string) => date.slice(0, 10);

/** A page with all its tables as the records have them. */
export function withTables(page: string, history: readonly BenchRecord[], words: PageWords): string {
  return page.replace(
    /(<!-- bench (\w+) -->\n)[\s\S]*?(<!-- \/bench -->)/g,
    (_, begin: string, part: string, end: string) => {
      const record = history.find((each) => each.parts[part]);
      if (!record) return `${begin}\n${words.none}\n\n${end}`;
      const { load, report } = record.parts[part]!;
      return `${begin}\n${table(report.rows, words.words)}\n\n${words.caption(record, load)}\n\n${end}`;
    },
  );
}

function table(rows: readonly Row[], words: Readonly<Record<string, string>>): string {
  const said = (text: string) => (words[text] ?? withNumbers(text, words) ?? text).replaceAll('|', '\\|');
  const { columns, cells } = tableOf(rows);
  return [
    `| ${columns.map(({ name }) => said(name)).join(' | ')} |`,
    `|${columns.map(({ isText }) => (isText ? '---|' : '---:|')).join('')}`,
    ...cells.map((line) => `| ${line.map(said).join(' | ')} |`),
  ].join('\n');
}

/** The words of a text that is listed with `#` in place of its numbers. */
function withNumbers(text: string, words: Readonly<Record<string, string>>): string | undefined {
  const number = /\d+(?:\.\d+)?/g;
  const numbers = text.match(number) ?? [];
  return words[text.replaceAll(number, '#')]?.replaceAll('#', () => numbers.shift()!);
}
