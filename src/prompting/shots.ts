/** @file The examples before an input: the same for all, drawn by a seed, or the most similar ones. */
import { optionError } from '../errors.js';
import type { LanguageModel } from '../models/model.js';
import { randomFor, shuffledIndices } from '../random.js';
import { type Data, openData } from '../records/data.js';
import type { DataRecord } from '../records/records.js';
import { type FileOptions, fileOptionsOf } from '../records/text-encoding.js';
import { say } from '../say.js';
import { encodePrompt, type PromptPart, type PromptText } from '../text/prompt-text.js';
import type { ExampleText } from '../text/template.js';
import type { Tokenizer } from '../text/tokenizer.js';
import type { Verbalizer } from '../text/verbalizer.js';

/** How examples are chosen: the same ones for every input, by a seed; or those most similar to the input. */
export const shotChoices = ['seed', 'similarity'] as const;
export type ShotChoice = (typeof shotChoices)[number];

/** Labeled examples to put before each input. */
export interface ShotOptions extends Readonly<FileOptions> {
  /** Rows, a path (see openRecords), or several of these. */
  readonly data: Data;
  /** Examples before each input. */
  readonly count: number;
  /** Default `seed`. */
  readonly choose?: ShotChoice;
  /** Default 42. */
  readonly seed?: number;
  /** Separator between them. Default: an empty line. */
  readonly separator?: string;
}

/** All examples to choose from; none are read if none are wanted. */
export async function shotRecords(
  shots: ShotOptions | undefined,
  signal?: AbortSignal,
): Promise<DataRecord[]> {
  if (!shots || shots.count === 0) return [];
  const records: DataRecord[] = [];
  const opened = await openData(shots.data, { ...fileOptionsOf(shots), signal });
  try {
    for await (const record of opened) records.push(record);
  } finally {
    await opened.close();
  }
  return records;
}

/** The examples before a record, with separators. @throws UsageError if there are too few */
export function shotsBefore(
  { shots, tokenizer, model }: { shots?: ShotOptions; tokenizer: Tokenizer; model: LanguageModel },
  records: readonly DataRecord[],
  words: Verbalizer,
  textWith: (record: DataRecord, word: string) => ExampleText,
): (record: DataRecord, prompt: PromptText) => readonly PromptPart[] {
  if (!shots || shots.count === 0) return () => [];
  const { count, choose = 'seed', seed = 42, separator = '\n\n' } = shots;
  if (records.length < count)
    throw optionError('shots', say`expected at least ${count} example|examples, found ${records.length}`);
  const texts = records.map((record) => textWith(record, words.wordsOf(words.labelOf(record))[0]!));
  const joined = (indices: readonly number[]) => indices.map((i) => `${shotText(texts[i]!)}${separator}`);
  if (choose === 'seed') {
    const same = joined(drawnShots(records.length, count, seed));
    return () => same;
  }
  const idsOf = (prompt: PromptText) => encodePrompt(tokenizer, prompt, model.config.vocabSize);
  const ids = texts.map(({ prompt = '' }) => idsOf(prompt));
  return (_, prompt) => joined(similarShots(idsOf(prompt), ids, count));
}

/** An example as text, with a word in place of the mask. */
function shotText({ prompt = '', completion }: ExampleText): string {
  if (typeof prompt === 'string') return prompt + completion;
  return prompt.map((part) => (typeof part === 'string' ? part : completion.trimStart())).join('');
}

/** `count` of `length` examples in random order. A larger count extends a smaller one of the same seed. */
export function drawnShots(length: number, count: number, seed: number): number[] {
  return shuffledIndices(length, randomFor('shots', seed)).slice(0, count);
}

/**
 * The `count` examples whose tokens are most similar to the input's, in ascending order, so that the most similar is
 * next to it. Similarity is the Jaccard index, the fraction of tokens of either text that both have; of equally similar
 * examples the earlier one is taken. An example equal to the input is not used.
 */
export function similarShots(
  input: readonly number[],
  examples: readonly (readonly number[])[],
  count: number,
): number[] {
  const own = new Set(input);
  const isInput = (example: readonly number[]) =>
    example.length === input.length && example.every((id, i) => id === input[i]);
  const likeness = examples.map((example) => {
    if (isInput(example)) return -1;
    const other = new Set(example);
    let common = 0;
    for (const id of other) if (own.has(id)) common++;
    return common / Math.max(1, own.size + other.size - common);
  });
  return [...examples.keys()]
    .filter((i) => likeness[i]! >= 0)
    .sort((a, b) => likeness[b]! - likeness[a]! || a - b)
    .slice(0, count)
    .reverse();
}
