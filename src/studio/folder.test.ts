import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { useTemporaryFolder } from '../formats/temporary-folder.fixture.js';
import { StudioFolder } from './folder.js';

const inFolder = useTemporaryFolder();

it('names what is in it by the names that the page knows', async () => {
  const runs = inFolder('runs');
  const folder = await StudioFolder.open(runs);
  const dropped = join(folder.path, '.studio/data/0123456789ab/films.csv');
  expect(folder.named(`${dropped}:3: it has 2 fields`)).toBe('films.csv:3: it has 2 fields');
  expect(folder.named(`${resolve(runs, 'a/adapter')} and "${runs}/b"`)).toBe('a/adapter and "b"');
  expect(folder.named(`/elsewhere${runs}/a and ${runs}-2/a`)).toBe(`/elsewhere${runs}/a and ${runs}-2/a`);
});
