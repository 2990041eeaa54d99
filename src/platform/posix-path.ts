/** @file POSIX paths, for a platform without paths of its own. The current folder is `/`. */

export const sep = '/';

/** Removes empty parts, `.`, and `..` after a name. */
function normalized(path: string): string {
  const isAbsolute = path.startsWith('/');
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (!isAbsolute) kept.push(part);
  }
  if (kept.length === 0) return isAbsolute ? '/' : path.endsWith('/') ? './' : '.';
  return `${isAbsolute ? '/' : ''}${kept.join('/')}${path.endsWith('/') ? '/' : ''}`;
}

const withoutEnd = (path: string) => (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path);

export const join = (...parts: string[]): string => normalized(parts.filter((part) => part !== '').join('/'));

export function resolve(...parts: string[]): string {
  const start = parts.findLastIndex((part) => part.startsWith('/'));
  return withoutEnd(normalized(['', ...parts.slice(Math.max(start, 0))].join('/')));
}

export function dirname(path: string): string {
  const end = withoutEnd(path).lastIndexOf('/');
  return end < 0 ? '.' : withoutEnd(path.slice(0, end) || '/');
}

export const basename = (path: string): string => withoutEnd(path).split('/').at(-1)!;

export function extname(path: string): string {
  const name = basename(path);
  const dot = name.lastIndexOf('.');
  return dot < 1 || name === '..' ? '' : name.slice(dot);
}

export function relative(from: string, to: string): string {
  const [here, there] = [from, to].map((path) =>
    resolve(path)
      .split('/')
      .filter((part) => part !== ''),
  ) as [string[], string[]];
  const differs = here.findIndex((part, i) => part !== there[i]);
  const shared = differs < 0 ? here.length : differs;
  return [...here.slice(shared).map(() => '..'), ...there.slice(shared)].join('/');
}
