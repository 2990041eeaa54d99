/**
 * @file `npm run check:translations`: every guide has a Chinese page with the same headings, code and tables, and so
 *   has the README. Headings are compared by their levels, code without its comments, tables by their numbers of rows
 *   and columns, each in order. The words of drawings (blocks of the language `text`) may be translated, line by line.
 *   Prints the first difference of each pair, and exits with code 1 if there are any.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A part of a page that its translation has too: what has to be the same, in words, and the line where it is. */
interface Part {
  what: string;
  line: number;
}

/** A line of code without its comment, which may be translated: what follows `//` or `#` and a space. */
function withoutComment(line: string): string {
  return line.replace(/(?:^|\s+)(?:\/\/|#)\s.*$/, '');
}

function columns(row: string): number {
  return row.trim().replaceAll('\\|', '').split('|').length - 2;
}

/** The headings, lines of code and tables of a page. */
export function parts(text: string): { headings: Part[]; code: Part[]; tables: Part[] } {
  const headings: Part[] = [];
  const code: Part[] = [];
  const tables: Part[] = [];
  let isCode = false;
  let isDrawing = false;
  let rows: string[] = [];
  for (const [i, line] of `${text}\n`.split('\n').entries()) {
    const isFence = line.trimStart().startsWith('```');
    const isRow = !isCode && line.startsWith('|');
    if (isRow) rows.push(line);
    else if (rows[0] !== undefined) {
      const what = `a table of ${rows.length} rows and ${columns(rows[0])} columns`;
      tables.push({ what, line: i + 1 - rows.length });
      rows = [];
    }
    if (isFence) isDrawing = !isCode && line.trim() === '```text';
    if (isFence || isCode) {
      const what = isDrawing && !isFence ? 'a line of a drawing' : JSON.stringify(withoutComment(line));
      code.push({ what, line: i + 1 });
    }
    const heading = isCode ? null : /^(#+) /.exec(line);
    if (heading?.[1]) headings.push({ what: `a heading of level ${heading[1].length}`, line: i + 1 });
    if (isFence) isCode = !isCode;
  }
  return { headings, code, tables };
}

/** The first part that a translation lacks, has otherwise, or has in addition; undefined if there is none. */
export function firstDifference(original: string, translation: string): Part | undefined {
  const [here, there] = [parts(translation), parts(original)];
  const end = translation.trimEnd().split('\n').length;
  for (const kind of ['headings', 'code', 'tables'] as const)
    for (let i = 0; i < Math.max(here[kind].length, there[kind].length); i++) {
      const [found, expected] = [here[kind][i], there[kind][i]];
      if (found?.what === expected?.what) continue;
      const wanted = expected
        ? `${expected.what} (line ${expected.line} of the original)`
        : `no more ${kind}`;
      return { what: `expected ${wanted}, found ${found?.what ?? 'the end'}`, line: found?.line ?? end };
    }
  return undefined;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = join(import.meta.dirname, '..');
  const listed = execFileSync('git', ['ls-files', 'docs'], { cwd: root, encoding: 'utf8' }).split('\n');
  const guides = listed.filter((path) => /^docs\/[^/]+\.md$/.test(path));
  const pages = listed.filter((path) => /^docs\/zh\/.+\.md$/.test(path));
  const pairs = new Map(guides.map((path) => [path.replace('docs/', 'docs/zh/'), path]));

  const faults = [
    ...[...pairs].filter(([page]) => !pages.includes(page)).map(([, guide]) => `${guide}: no Chinese page`),
    ...pages.filter((page) => !pairs.has(page)).map((page) => `${page}: no English page`),
  ];
  pairs.set('README.zh-CN.md', 'README.md');
  for (const [page, guide] of pairs) {
    if (faults.some((fault) => fault.startsWith(`${guide}:`))) continue;
    const [original, translation] = [guide, page].map((path) => readFileSync(join(root, path), 'utf8'));
    const difference = firstDifference(original as string, translation as string);
    if (difference) faults.push(`${page}:${difference.line}: ${difference.what}`);
  }
  for (const fault of faults) console.error(fault);
  console.log(`translations: ${pairs.size} pages, ${faults.length} faults`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}
