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

export function formatTable(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = rows.map((row) =>
    columns.map((column) => {
      const value = row[column];
      return typeof value === 'number' ? formatNumber(value) : (value ?? '');
    }),
  );
  const widths = columns.map((column, i) => Math.max(column.length, ...cells.map((line) => line[i]!.length)));
  const isText = columns.map((column) => rows.some((row) => typeof row[column] === 'string'));
  const format = (line: readonly string[]) =>
    line
      .map((cell, i) => (isText[i] ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [format(columns), ...cells.map(format)].join('\n');
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
