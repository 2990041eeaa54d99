/** @file Initial values of soft prompts: random vectors, tokens of the vocabulary, a text, or names of classes. */

import * as z from 'zod';
import type { TokenEncoder } from '../../attach/method.js';
import { UsageError } from '../../errors.js';
import { embedTokens } from '../../models/embed-tokens.js';
import type { LanguageModel } from '../../models/model.js';
import { type Random, seededRandom } from '../../random.js';
import { say } from '../../say.js';
import { float32Tensor, type Tensor } from '../../tensor.js';

/** Default of P. */
export const defaultVirtualTokens = 20;

/**
 * P as a method's option, whose default depends on what the prompt starts from.
 * @param what the method's word for what is P long
 * @param start the options that imply P
 */
export const virtualTokensOption = (what: string, start: string) =>
  z
    .int()
    .positive()
    .optional()
    .describe(`P, the length of the ${what} (default: that of ${start}, else ${defaultVirtualTokens})`);

/** Ids drawn uniformly from the vocabulary, with replacement. */
export function sampleIds(model: LanguageModel, count: number, random: Random): number[] {
  return Array.from({ length: count }, () => random.below(model.config.vocabSize));
}

/** The ids of a text, with the begin-of-text token if there is one, as in PEFT. */
export function textIds(tokenizer: TokenEncoder, text: string): number[] {
  return [...(tokenizer.startIds ?? []), ...wordIds(tokenizer, text)];
}

/** The ids of a text without added tokens. Throws a UsageError if there are none. */
function wordIds(tokenizer: TokenEncoder, text: string): number[] {
  const ids = tokenizer.encode(text);
  if (ids.length === 0)
    throw new UsageError(say`the text ${JSON.stringify(text)} has no tokens to start a prompt from`);
  return ids;
}

/**
 * The P ids that a prompt starts from: those of its text, repeated or cut, or drawn ones.
 * @param numVirtualTokens P; default: the length of the text, else `defaultVirtualTokens`
 */
export function startingIds(
  { model, tokenizer }: { model: LanguageModel; tokenizer: TokenEncoder },
  { initText, numVirtualTokens }: { initText?: string; numVirtualTokens?: number },
  random: Random,
): number[] {
  const text = initText === undefined ? undefined : textIds(tokenizer, initText);
  const count = numVirtualTokens ?? text?.length ?? defaultVirtualTokens;
  return text ? cycle(text, count) : sampleIds(model, count, random);
}

/** What `startingIds` are, in words. */
export const startNamed = (initText: string | undefined, count: number): string =>
  initText === undefined ? say`${count} random tokens` : say`the text ${JSON.stringify(initText)}`;

/** The first `count` items of the list, which is repeated as needed. */
export function cycle<T>(list: readonly T[], count: number): T[] {
  return Array.from({ length: count }, (_, i) => list[i % list.length]!);
}

/** The mean and the deviation of each column of a matrix [rows, columns]. */
export function columnStatistics({ shape, data }: Tensor<'float32'>): { mean: number; deviation: number }[] {
  const [rows, columns] = shape as [number, number];
  return Array.from({ length: columns }, (_, column) => {
    const values = Float64Array.from({ length: rows }, (_, row) => data[row * columns + column]!);
    const mean = values.reduce((sum, value) => sum + value, 0) / rows;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows;
    return { mean, deviation: Math.sqrt(variance) };
  });
}

/** Normally distributed rows with the mean and deviation of each column of `sample` [any, columns]. */
export function randomLike(sample: Tensor<'float32'>, rows: number, random: Random): Tensor<'float32'> {
  const columns = columnStatistics(sample);
  const result = float32Tensor([rows, columns.length]);
  for (const [column, { mean, deviation }] of columns.entries())
    for (let row = 0; row < rows; row++)
      result.data[row * columns.length + column] = mean + deviation * random.normal();
  return result;
}

/** A thousand random embeddings of the vocabulary: enough to estimate their scale. */
export function sampleEmbeddings(model: LanguageModel, seed: number): Promise<Tensor<'float32'>> {
  return embedTokens(model, sampleIds(model, 1000, seededRandom(seed)));
}

/** The mean embedding of each label's tokens, [labels, hidden]. */
export async function labelVectors(
  model: LanguageModel,
  tokenizer: TokenEncoder,
  labels: readonly string[],
): Promise<Tensor<'float32'>> {
  const size = model.config.hiddenSize;
  const vectors = float32Tensor([labels.length, size]);
  for (const [row, label] of labels.entries()) {
    const { shape, data } = await embedTokens(model, wordIds(tokenizer, label));
    for (let i = 0; i < data.length; i++) vectors.data[row * size + (i % size)]! += data[i]! / shape[0]!;
  }
  return vectors;
}
