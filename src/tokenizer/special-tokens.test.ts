/** @file Special and added tokens against transformers' AutoTokenizer, for folders that name them in every way. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { JsonObject } from '../formats/json.js';
import { Pipeline } from './pipeline.js';
import { applyConfig, readTokenizerConfig } from './tokenizer-config.js';
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
  const given =
    'tokenizer.json' in files ? { json: JSON.parse(await readFile(path, 'utf8')), config } : undefined;
  const read = given ?? (await readVocabularyFiles(folder, config));
  const pipeline = new Pipeline(read.json, path);
  const found = applyConfig(pipeline, read.config);
  const encode = (addSpecialTokens: boolean) =>
    pipeline.encode(fixture.text, { addSpecialTokens, continues: false });

  // A class's default that the vocabulary lacks is none here; transformers adds it behind the model's last id.
  const known = Object.entries(names).filter(([, token]) => pipeline.idOf(token) !== undefined);
  expect(Object.fromEntries(Object.entries(found).filter(([name]) => name in names))).toEqual(
    Object.fromEntries(known),
  );
  expect(encode(false)).toEqual(ids);
  expect(encode(true)).toEqual(whole);
  expect(pipeline.decode(ids, true)).toBe(skipped);
});
