/**
 * @file `npm run check:translations`: every guide has a Chinese page with the same headings, code and tables, and so
 *   has the README. Headings are compared by their levels, blocks of code without their comments, tables by their
 *   numbers of rows and columns, each in order; code in sentences section by section, in any order. The words of
 *   drawings (blocks of the language `text`) may be translated, line by line. Prints the first difference of each pair,
 *   and exits with code 1 if there are any.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What a translation has too: a description that has to be the same, and the line where it is. */
interface Part {
  what: string;
  line: number;
}

/** The code within the sentences and tables between one heading and the next, in any order. */
interface Section {
  names: Set<string>;
  line: number;
}

interface Page {
  headings: Part[];
  code: Part[];
  tables: Part[];
  sections: Section[];
}

/** A line of code without its comment, which may be translated: what follows `//` or `#` and a space. */
function withoutComment(line: string): string {
  return line.replace(/(?:^|\s+)(?:\/\/|#)\s.*$/, '');
}

function countColumns(row: string): number {
  return row.trim().replaceAll('\\|', '').split('|').length - 2;
}

function readPage(markdown: string): Page {
  const page: Page = { headings: [], code: [], tables: [], sections: [] };
  let section = { text: '', line: 1 };
  const prose = [section];
  let fence: string | undefined;
  let rows: string[] = [];
  for (const [i, line] of `${markdown}\n`.split('\n').entries()) {
    const isFence = line.trimStart().startsWith('```');
    const isCode = isFence || fence !== undefined;
    if (!isCode && line.startsWith('|')) rows.push(line);
    else if (rows[0] !== undefined) {
      const what = `a table of ${rows.length} rows and ${countColumns(rows[0])} columns`;
      page.tables.push({ what, line: i + 1 - rows.length });
      rows = [];
    }
    if (isCode) {
      const isDrawing = !isFence && fence === '```text';
      page.code.push({
        what: isDrawing ? 'a line of a drawing' : JSON.stringify(withoutComment(line)),
        line: i + 1,
      });
      if (isFence) fence = fence === undefined ? line.trim() : undefined;
      continue;
    }
    const heading = /^#+(?= )/.exec(line)?.[0];
    if (heading !== undefined) {
      page.headings.push({ what: `a heading of level ${heading.length}`, line: i + 1 });
      section = { text: '', line: i + 1 };
      prose.push(section);
    }
    section.text += ` ${line.trim()}`;
  }
  page.sections = prose.map(({ text, line }) => ({ names: new Set(text.match(/`[^`]+`/g)), line }));
  return page;
}

/** The first part that a translation lacks, has otherwise, or has in addition; undefined if there is none. */
export function firstDifference(original: string, translation: string): Part | undefined {
  const [there, here] = [readPage(original), readPage(translation)];
  for (const kind of ['headings', 'code', 'tables'] as const)
    for (let i = 0; i < Math.max(here[kind].length, there[kind].length); i++) {
      const [expected, found] = [there[kind][i], here[kind][i]];
      if (found?.what === expected?.what) continue;
      const wanted = expected
        ? `${expected.what} (line ${expected.line} of the original)`
        : `no more ${kind}`;
      const line = found?.line ?? translation.trimEnd().split('\n').length;
      return { what: `expected ${wanted}, found ${found?.what ?? 'the end'}`, line };
    }
  for (const [i, { line, names }] of here.sections.entries()) {
    const origin = there.sections[i] as Section;
    const [missing] = [...origin.names].filter((name) => !names.has(name));
    const [added] = [...names].filter((name) => !origin.names.has(name));
    if (missing) return { what: `expected ${missing} below (line ${origin.line} of the original)`, line };
    if (added) return { what: `expected no ${added} below (line ${origin.line} of the original)`, line };
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
