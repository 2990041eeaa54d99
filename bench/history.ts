/**
 * @file The records that stay: bench/history/NAME.json, from which docs/performance.md and the page of history are
 *   written. They are `BenchRecord`s with numbers of four digits.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchRecord, type PartRecord, writeRecord } from './record.js';
import { formatNumber, type Report, type Row, wantedOf } from './report.js';

/** All records that stay, the newest first. */
export function readHistory(folder: string): BenchRecord[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const records = names.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as BenchRecord);
  return records.sort((a, b) => b.date.localeCompare(a.date));
}

/** Keeps a record, without the parts that measured nothing. */
export async function keepRecord(folder: string, record: BenchRecord): Promise<void> {
  const parts = Object.entries(record.parts).filter(([, { report }]) => report.rows.length > 0);
  if (parts.length === 0) return;
  const kept = { ...record, parts: Object.fromEntries(parts) };
  await writeRecord(folder, JSON.parse(JSON.stringify(kept, (_, value) => rounded(value))));
}

const rounded = (value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value);

/** The ratios of a report: its targets, and the columns whose unit is "×". Their names say what they are of. */
function ratiosOf({ rows, targets = [] }: Report): Map<string, string> {
  const ratios = new Map<string, string>();
  for (const { name, value, unit } of targets) ratios.set(name, `${formatNumber(value)} ${unit}`.trim());
  for (const row of rows)
    for (const [column, value] of Object.entries(row))
      if (column.startsWith('×') && typeof value === 'number')
        ratios.set(`${titleOf(row)}: ${column}`, formatNumber(value));
  return ratios;
}

const loadOf = ({ load }: PartRecord) => (load === undefined ? '' : `<br>load ${load.toFixed(1)}`);

/** The first text of a row. */
const titleOf = (row: Row) => Object.values(row).find((value) => typeof value === 'string') ?? '';

const mostColumns = 6;

/** bench/history/README.md: each ratio over the days. */
export function historyPage(history: readonly BenchRecord[]): string {
  const parts = [...new Set(history.flatMap((record) => Object.keys(record.parts)))].sort();
  const sections = parts.flatMap((part) => {
    const records = history.filter((record) => record.parts[part]).slice(0, mostColumns);
    const ratios = records.map((record) => ratiosOf(record.parts[part]!.report));
    const targets = records.flatMap((record) => record.parts[part]!.report.targets ?? []);
    const wanted = new Map(targets.reverse().map((target) => [target.name, wantedOf(target)]));
    const names = [...new Set(ratios.flatMap((each) => [...each.keys()]))];
    if (names.length === 0) return [];
    const heads = records.map(
      ({ date, commit, parts }) => `${date.slice(0, 10)}<br>${commit}${loadOf(parts[part]!)}`,
    );
    return [
      `## ${part}`,
      [
        `| | wanted | ${heads.join(' | ')} |`,
        `|---|---|${'---:|'.repeat(heads.length)}`,
        ...names.map((name) => {
          const values = ratios.map((each) => each.get(name) ?? '');
          return `| ${[name, wanted.get(name) ?? '', ...values].join(' | ')} |`;
        }),
      ].join('\n'),
    ];
  });
  const machines = [...new Set(history.map(({ machine }) => machine))].map((machine) => `- ${machine}`);
  return `${[
    '# The same ratios over the days',
    [
      'Written by `npx tsx bench/write-docs.ts` from the records beside it, the newest first. The load is that of the',
      "machine when the part began, other work included; figures without one were taken from that commit's page.",
    ].join('\n'),
    machines.join('\n'),
    ...sections,
  ].join('\n\n')}\n`;
}
