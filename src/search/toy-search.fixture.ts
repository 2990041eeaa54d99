/** @file A model with a tokenizer and data, small enough for a fast search. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { makeGpt2 } from '../../test/support/tiny-gpt2.js';
import { writeJsonAtomic } from '../formats/files.js';
import type { LanguageModel } from '../models/model.js';
import { loadTokenizer, type Tokenizer } from '../text/tokenizer.js';
import { tokenizerConfig, trainBpe } from '../tokenizer-training/index.js';

export interface Toy {
  readonly model: LanguageModel;
  readonly tokenizer: Tokenizer;
  /** Paths of data files. */
  readonly data: string;
  readonly validation: string;
  readonly folder: string;
}

/**
 * Creates a toy for the tests of a file. Its tokens are bytes with some merges (so that not all ids are text), and its
 * weights are large enough that a prompt changes the loss.
 */
export function useToy(): () => Toy {
  let toy: Toy;
  beforeAll(async () => {
    toy = await makeToy(await mkdtemp(join(tmpdir(), 'promptune-search-')));
  });
  afterAll(() => rm(toy.folder, { recursive: true }));
  return () => toy;
}

async function makeToy(folder: string): Promise<Toy> {
  const texts = [
    'the cat sat on the mat with the other cat',
    '一只可爱的猫，一只猫',
    'this is that {and} "those"',
  ];
  const tokenizer = await trainBpe({ texts, vocabSize: 290 });
  const vocab_size = Object.keys(tokenizer.model.vocab).length;
  const model = await makeGpt2(folder, { vocab_size, n_positions: 64 });
  await writeJsonAtomic(join(folder, 'tokenizer.json'), tokenizer);
  await writeJsonAtomic(join(folder, 'tokenizer_config.json'), tokenizerConfig(64));
  const words = ['the cat', 'a mat', 'that', 'other', '猫', 'those', 'it is', 'with', 'sat on', 'cats'];
  const row = (word: string, i: number) => ({
    question: `${word} ${i % 3}?`,
    answer: `${words[(i * 7) % 10]}.`,
  });
  const lines = (list: readonly string[]) => list.map((word, i) => JSON.stringify(row(word, i))).join('\n');
  const data = join(folder, 'train.jsonl');
  const validation = join(folder, 'validation.jsonl');
  await writeFile(data, lines([...words, ...words]));
  await writeFile(validation, lines(words.toReversed()));
  return { model, tokenizer: await loadTokenizer(folder), data, validation, folder };
}

/** How the toy's records become examples. */
export const toyTemplates = { template: '{question}\n', completionTemplate: '{answer}' };
