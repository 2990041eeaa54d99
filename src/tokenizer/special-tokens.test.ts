/**
 * @file Special and added tokens against transformers' AutoTokenizer, for folders that name them in every possible way.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { JsonObject } from '../formats/json.js';
import { folderTokenizer } from './folder-tokenizer.js';
import { readTokenizerConfig } from './tokenizer-config.js';
import { readVocabularyFiles } from './vocabulary-files.js';

interface Case {
  readonly name: string;
  readonly files: Readonly<Record<string, unknown>>;
  readonly names: Readonly<Record<string, string>>;
  readonly ids: readonly number[];
  readonly whole: readonly number[];
  readonly skipped: string;
}

const fixture: { text: string; vocab: JsonObject; cases: Case[] } = JSON.parse(
  await readFile(new URL('special-tokens.fixture.json', import.meta.url), 'utf8'),
);

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promptune-special-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it.each(fixture.cases)('reads $name', async ({ files, names, ids, whole, skipped }) => {
  for (const [name, content] of Object.entries(files)) {
    const json = JSON.stringify(content).replace('"VOCAB"', () => JSON.stringify(fixture.vocab));
    const isText = typeof content === 'string' && content !== 'VOCAB';
    await writeFile(join(folder, name), isText ? content : json);
  }
  const config = await readTokenizerConfig(folder);
  const path = join(folder, 'tokenizer.json');
  const isWhole = 'tokenizer.json' in files;
  const read = isWhole
    ? { json: JSON.parse(await readFile(path, 'utf8')), config }
    : await readVocabularyFiles(folder, config);
  const { pipeline, names: found } = folderTokenizer(read.json, read.config, path, isWhole);
  const encode = (addSpecialTokens: boolean) =>
    pipeline.encode(fixture.text, { addSpecialTokens, continues: false });

  expect(Object.fromEntries(Object.entries(found).filter(([name]) => name in names))).toEqual(names);
  expect(encode(false)).toEqual(ids);
  expect(encode(true)).toEqual(whole);
  expect(pipeline.decode(ids, true)).toBe(skipped);
});
