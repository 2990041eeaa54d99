/**
 * @file `npm run check:prose`: lines of Markdown and comments have at most 120 characters, tables and code aside; the
 *   spelling in src is American; links between pages lead to an existing file and heading; Chinese pages have
 *   full-width punctuation, and spaces around Latin words. Prints one line per fault, and exits with code 1 if any.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';

const longest = 120;
const british = /(?:normal|token|quant|serial|initial|recogn|summar|optim|random)is(?:e[drs]?|ing|ation)\b/i;

/**
 * The numbers of lines that are too long, from 1. In TypeScript only comments count: the formatter takes care of code.
 */
export function longLines(path: string, text: string): number[] {
  const lines = text.split('\n');
  const isLong = (line: string) => [...line].length > longest && !/https?:\/\/\S{60,}/.test(line);
  if (path.endsWith('.ts'))
    return lines.flatMap((line, i) =>
      isLong(line) && /^\s*(?:\/?\*|\/\/)|\s\/\/ /.test(line) ? [i + 1] : [],
    );
  let isCode = false;
  return lines.flatMap((line, i) => {
    if (line.trimStart().startsWith('```')) isCode = !isCode;
    return isLong(line) && !isCode && !line.startsWith('|') ? [i + 1] : [];
  });
}

/** Lines with British spellings of words that occur in the project's names. */
export function britishWords(text: string): number[] {
  return text.split('\n').flatMap((line, i) => (british.test(line) ? [i + 1] : []));
}

/** The lines of Markdown, with those inside code blocks empty. */
function proseLines(text: string): string[] {
  let isCode = false;
  return text.split('\n').map((line) => {
    const isFence = line.trimStart().startsWith('```');
    if (isFence) isCode = !isCode;
    return isCode || isFence ? '' : line;
  });
}

/** Lines of a Chinese page with half-width punctuation, or with a space too few or too many. */
export function chineseFaults(text: string): number[] {
  const faults = [
    /\p{Script=Han}[,;:?!()]|[,;:?!()]\p{Script=Han}/u,
    /\p{Script=Han}[A-Za-z0-9]|[A-Za-z0-9%]\p{Script=Han}/u,
    /\S [，。；：？！、（）]|[，。；：？！、（）] (?!\|)/,
  ];
  return proseLines(text).flatMap((line, i) => {
    const prose = line.replace(/`[^`]*`/g, 'code').replace(/\]\([^)]*\)/g, ']');
    return faults.some((fault) => fault.test(prose)) ? [i + 1] : [];
  });
}

/** GitHub's anchors for the headings of a page: `## Where it *ends*` becomes `where-it-ends`. */
function anchors(text: string): Set<string> {
  const headings = proseLines(text).flatMap((line) => /^#+ (.*)$/.exec(line)?.[1] ?? []);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\- _]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/**
 * Links to pages of this repository that lead nowhere.
 * @param path the page, relative to the repository, like all paths here
 * @param read returns the text of a page; any text for another existing file; undefined if there is no such file
 */
export function brokenLinks(
  path: string,
  text: string,
  read: (path: string) => string | undefined,
): { line: number; link: string }[] {
  const isBroken = (link: string) => {
    const [page = '', heading] = link.split('#');
    const target = page === '' ? path : posix.join(posix.dirname(path), page);
    const found = read(target);
    return found === undefined || (heading !== undefined && !anchors(found).has(heading));
  };
  return proseLines(text).flatMap((prose, i) =>
    [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !/^\w+:/.test(link) && isBroken(link))
      .map((link) => ({ line: i + 1, link })),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = join(import.meta.dirname, '..');
  const listed = execFileSync(
    'git',
    ['ls-files', '*.md', 'src/*.ts', 'bench/*.ts', 'test/*.ts', 'tools/*.ts'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  const read = (path: string) => {
    if (!existsSync(join(root, path))) return undefined;
    return path.endsWith('.md') ? readFileSync(join(root, path), 'utf8') : '';
  };
  let faults = 0;
  for (const path of listed.split('\n').filter(Boolean)) {
    const text = readFileSync(join(root, path), 'utf8');
    const found = [
      ...longLines(path, text).map((line) => `${path}:${line}: the line is over ${longest} characters`),
      ...(path.endsWith('.md') ? brokenLinks(path, text, read) : []).map(
        ({ line, link }) => `${path}:${line}: ${link} leads nowhere`,
      ),
      ...(/^docs\/zh\/|\.zh-CN\.md$/.test(path) ? chineseFaults(text) : []).map(
        (line) =>
          `${path}:${line}: expected full-width punctuation, and a space between Chinese and Latin alone`,
      ),
      ...(path.startsWith('src/')
        ? britishWords(text).map((line) => `${path}:${line}: use American spelling`)
        : []),
    ];
    for (const fault of found) console.error(fault);
    faults += found.length;
  }
  console.log(`prose: ${faults} faults`);
  process.exitCode = faults > 0 ? 1 : 0;
}
