/** @file A table on the terminal. */
import { padEnd, padStart, widthOf } from './text-width.js';

/** Prints rows of cells in columns, the first left-aligned, the others right-aligned. The first row is the heading. */
export function printTable(rows: readonly (readonly string[])[]): void {
  for (const line of tableLines(rows)) console.log(line);
}

export function tableLines(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => widthOf(row[column]!))));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? padEnd(cell, widths[column]!) : padStart(cell, widths[column]!)))
      .join('   ')
      .trimEnd(),
  );
}
