import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pathOptions } from './cell-contents.js';

it('knows every option by which a method reads a file', () => {
  const folder = join(import.meta.dirname, '../methods');
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
  const read = sources.flatMap((source) =>
    [...source.matchAll(/fileReader\('(\w+)'/g)].map(([, name]) => name),
  );
  expect([...pathOptions].sort()).toEqual([...new Set(read)].sort());
});
