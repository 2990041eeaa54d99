import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import config from '../vitest.config.js';

it('runs tests that replace modules of the library in workers of their own', async () => {
  const found: string[] = [];
  const call = ['vi', 'mock('].join('.');
  for (const folder of ['src', 'test', 'studio/src', 'bench', 'tools', 'examples'])
    for (const name of await readdir(join(import.meta.dirname, '..', folder), { recursive: true }))
      if (name.endsWith('.test.ts')) {
        const path = `${folder}/${name.replaceAll('\\', '/')}`;
        if ((await readFile(join(import.meta.dirname, '..', path), 'utf8')).includes(call)) found.push(path);
      }
  const [replacing] = config.test!.projects!.flatMap((project) =>
    typeof project === 'object' && 'test' in project && project.test!.name === 'replacing'
      ? [project.test!.include]
      : [],
  );
  expect(found.filter((path) => !path.startsWith('test/browser/')).sort()).toEqual(replacing);
});
