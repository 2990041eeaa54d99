/**
 * @file `npm run check:prose`: no line of Markdown and no comment is over 120 characters, tables and code aside, and
 *   the spelling of identifiers and comments is American. Prints one line per fault, and ends with exit code 1 where
 *   there is one.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const longest = 120;
const british = /(?:normal|token|quant|serial|initial|recogn|summar|optim|random)is(?:e[drs]?|ing|ation)\b/i;

/**
 * Lines that are too long, by their number from 1. In TypeScript only comments count: the formatter sees to the code.
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

/** Lines with a British spelling of a word that the project's names have. */
export function britishWords(text: string): number[] {
  return text.split('\n').flatMap((line, i) => (british.test(line) ? [i + 1] : []));
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
  let faults = 0;
  for (const path of listed.split('\n').filter(Boolean)) {
    const text = readFileSync(join(root, path), 'utf8');
    const found = [
      ...longLines(path, text).map((line) => `${path}:${line}: the line is over ${longest} characters`),
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
