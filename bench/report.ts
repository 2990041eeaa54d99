/** @file The report of a part of the benchmark, and how it is printed. */

/** One row of a part's table, by column. Units are in the columns' names. */
export type Row = Readonly<Record<string, string | number>>;

export interface Target {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Report {
  readonly rows: readonly Row[];
  readonly targets?: readonly Target[];
  /** What a reader must know to read the table. */
  readonly notes?: readonly string[];
}

/** Three significant digits; numbers from 100 as integers. */
export function formatNumber(value: number): string {
  if (value === 0 || Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toPrecision(3);
}

/** The columns of a table with its cells as texts, row by row; counts, which are whole in all rows, stay whole. */
export function tableOf(rows: readonly Row[]) {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const columns = names.map((name) => {
    const values = rows.map((row) => row[name]);
    const isText = values.some((value) => typeof value === 'string');
    return { name, isText, isCount: values.every((value) => Number.isInteger(value ?? 0)) };
  });
  const cells = rows.map((row) =>
    columns.map(({ name, isCount }) => {
      const value = row[name] ?? '';
      if (typeof value !== 'number') return value;
      return isCount ? value.toLocaleString('en-US') : formatNumber(value);
    }),
  );
  return { columns, cells };
}

export function formatTable(rows: readonly Row[]): string {
  const { columns, cells } = tableOf(rows);
  const widths = columns.map(({ name }, i) => Math.max(name.length, ...cells.map((line) => line[i]!.length)));
  const format = (line: readonly string[]) =>
    line
      .map((cell, i) => (columns[i]!.isText ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [format(columns.map(({ name }) => name)), ...cells.map(format)].join('\n');
}

export const wantedOf = ({ unit, atLeast, atMost }: Pick<Target, 'unit' | 'atLeast' | 'atMost'>): string =>
  (atLeast === undefined ? `at most ${atMost} ${unit}` : `at least ${atLeast} ${unit}`).trim();

export function formatTargets(targets: readonly Target[]): string {
  return formatTable(
    targets.map(({ name, value, unit, atLeast, atMost }) => ({
      target: name,
      wanted: wantedOf({ unit, atLeast, atMost }),
      measured: `${formatNumber(value)} ${unit}`,
      '': value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity) ? 'reached' : 'missed',
    })),
  );
}
