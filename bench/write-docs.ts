/**
 * @file `npx tsx bench/write-docs.ts [RECORD.json …]`: keeps these records in bench/history, and writes the pages that
 *   are made of all records there.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { historyPage, keepRecord, readHistory } from './history.js';
import { english, withTables } from './performance-page.js';
import { chinese } from './performance-zh.js';
import type { BenchRecord } from './record.js';

/** The pages with their texts as they are, and as they should be. */
export function pages(root: string): { path: string; is: string; wanted: string }[] {
  const history = readHistory(join(root, 'bench/history'));
  const read = (path: string) => readFileSync(join(root, path), 'utf8');
  const guides = ['performance.md', 'precision.md'].flatMap((name) =>
    [
      { path: `docs/${name}`, words: english },
      { path: `docs/zh/${name}`, words: chinese },
    ].map(({ path, words }) => {
      const is = read(path);
      return { path, is, wanted: withTables(is, history, words) };
    }),
  );
  const path = 'bench/history/README.md';
  return [...guides, { path, is: read(path), wanted: historyPage(history) }];
}

export async function writeDocs(root: string, records: readonly BenchRecord[]): Promise<void> {
  for (const record of records) await keepRecord(join(root, 'bench/history'), record);
  for (const { path, wanted } of pages(root)) writeFileSync(join(root, path), wanted);
}

if (import.meta.url === pathToFileURL(resolve(process.argv[1]!)).href) {
  const records = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, 'utf8')) as BenchRecord);
  await writeDocs(fileURLToPath(new URL('..', import.meta.url)), records);
}
