import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { historyPage, keepRecord, readHistory } from './history.js';
import { english, withTables } from './performance-page.js';
import type { BenchRecord } from './record.js';
import { pages } from './write-docs.js';

const recordOf = (date: string, commit: string, seconds: number): BenchRecord => ({
  name: `${date}-${commit}`,
  date: `${date}T10:00:00.000Z`,
  commit,
  machine: '2 × CPU',
  parts: {
    training: {
      load: 0.25,
      report: {
        rows: [{ case: 'a step', seconds, '× the peer': 2 * seconds }],
        targets: [{ name: 'share', value: 100 * seconds, unit: '%', atLeast: 80 }],
      },
    },
    peers: { load: 0, report: { rows: [], notes: ['nothing to compare with'] } },
  },
});

it('keeps records with four digits, the newest first, without parts that measured nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'promptune-history-'));
  await keepRecord(folder, recordOf('2026-03-01', 'aaa1111', 0.123456));
  await keepRecord(folder, recordOf('2026-03-02', 'bbb2222', 0.2));
  await keepRecord(folder, { ...recordOf('2026-03-03', 'ccc3333', 1), parts: {} });
  expect(await readdir(folder)).toHaveLength(2);
  const history = readHistory(folder);
  expect(history.map(({ commit }) => commit)).toEqual(['bbb2222', 'aaa1111']);
  expect(Object.keys(history[1]!.parts)).toEqual(['training']);
  expect(history[1]!.parts.training!.report.rows).toEqual([
    { case: 'a step', seconds: 0.1235, '× the peer': 0.2469 },
  ]);
  await rm(folder, { recursive: true });
});

it('puts the newest record of a part into its table', () => {
  const history = [recordOf('2026-03-02', 'bbb2222', 0.2), recordOf('2026-03-01', 'aaa1111', 0.1)];
  const page =
    'Before.\n<!-- bench training -->\nold\n<!-- /bench -->\nBetween.\n<!-- bench session -->\n<!-- /bench -->\n';
  const table = '| case | seconds | × the peer |\n|---|---:|---:|\n| a step | 0.200 | 0.400 |';
  const caption = '2026-03-02, commit `bbb2222`, load 0.3 when it began, 2 × CPU.';
  const expected =
    `Before.\n<!-- bench training -->\n\n${table}\n\n${caption}\n\n<!-- /bench -->\nBetween.\n` +
    '<!-- bench session -->\n\nThere is no record of it yet.\n\n<!-- /bench -->\n';
  expect(withTables(page, history, english)).toBe(expected);
  expect(withTables(expected, history, english)).toBe(expected);
});

it('has the same ratios of several days in one table', () => {
  const history = [recordOf('2026-03-02', 'bbb2222', 0.2), recordOf('2026-03-01', 'aaa1111', 0.1)];
  const page = historyPage(history);
  expect(page).toContain(
    '| | wanted | 2026-03-02<br>bbb2222<br>load 0.3 | 2026-03-01<br>aaa1111<br>load 0.3 |',
  );
  expect(page).toContain(
    '| share | at least 80 % | 20.0 % | 10.0 % |\n| a step: × the peer |  | 0.400 | 0.200 |',
  );
});

it('has pages that are what its records say: npx tsx bench/write-docs.ts writes them', () => {
  for (const { path, is, wanted } of pages(join(import.meta.dirname, '..'))) expect(is, path).toBe(wanted);
});

it('has Chinese words for all but names', () => {
  const names = ['GPT-2 small', 'T5 small', 'BERT base', 'Pythia-160M (GPT-NeoX)', 'SmolLM2-135M (Llama)'];
  const tools = ['cartridge', 'llama.cpp', 'transformers', '× transformers', 'dtype'];
  const cells = pages(join(import.meta.dirname, '..'))
    .filter(({ path }) => path.startsWith('docs/zh/'))
    .flatMap(({ wanted }) => wanted.match(/<!-- bench [\s\S]*?<!-- \/bench -->/g)!)
    .flatMap((table) => table.match(/^\|.*\|$/gm) ?? [])
    .flatMap((row) => row.slice(2, -2).split(' | '));
  const english = cells.filter((cell) => /[a-z]{4}/.test(cell) && !/[\p{Script=Han}，]|^`/u.test(cell));
  expect(new Set(english)).toEqual(new Set([...names, ...tools]));
});
