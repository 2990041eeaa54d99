/**
 * @file Folders as people have them against AutoTokenizer: classes and their fields, special and added tokens in old
 *   and new files. The fixture is a part of what tools/conformance/make_tokenizer_folders.py makes.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { differences, type Expected } from '../../tools/conformance/compare-tokenizer-folders.js';
import { loadTokenizer } from './tokenizer.js';

interface Case {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly expected: Expected;
}

const packed = await readFile(new URL('folder-tokenizers.fixture.json.gz', import.meta.url));
const cases: Case[] = JSON.parse(gunzipSync(packed).toString('utf8'));

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promptune-folders-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it.each(cases)('reads $name', async ({ files, expected }) => {
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  expect(differences(await loadTokenizer(folder), expected)).toEqual([]);
});
