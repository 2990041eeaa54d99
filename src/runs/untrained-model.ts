/** @file The start of pretraining: a GPT-2 with random weights, and a tokenizer, existing or learned from the texts. */
import { join } from '#platform';
import { FileError } from '../errors.js';
import { type JsonObject, readJsonObject, readJsonObjectIfPresent } from '../formats/json.js';
import { createGpt2, type Gpt2Sizes } from '../loading/create-model.js';
import { say } from '../say.js';
import { readTexts, type TextsOptions } from '../text/texts.js';
import { loadTokenizer } from '../text/tokenizer.js';
import { tokenizerConfig, trainBpe } from '../tokenizer-training/index.js';
import { makeStart } from './run-folder.js';

export interface UntrainedModelOptions extends TextsOptions, Omit<Gpt2Sizes, 'vocabSize'> {
  /** The folder of the run. The model goes into its `start/`. */
  output: string;
  /** Delete the run in `output` first. */
  overwrite?: boolean;
  /** The folder of a tokenizer to use, with tokenizer.json. Default: learns a byte-level BPE from the texts. */
  tokenizer?: string;
  /** Size of the vocabulary to learn, including special tokens and the 256 bytes. */
  vocabSize: number;
  /** Seed of the weights. */
  seed: number;
  onProgress?: (progress: { done: number; total: number }) => void;
}

/**
 * Creates a GPT-2 for the texts in `paths`: first the tokenizer, then weights, which depend only on the seed.
 * @returns a function that removes the model again, unless a run has started with it
 * @throws UsageError for invalid sizes, FileError for unusable files
 */
export async function createUntrainedModel(options: UntrainedModelOptions): Promise<() => Promise<void>> {
  const { output, overwrite, tokenizer, hiddenSize, numLayers, numAttentionHeads, maxPositions, seed } =
    options;
  const { files, vocabSize, endOfTextId } = tokenizer
    ? await givenTokenizer(tokenizer)
    : await learnedTokenizer(options);
  const sizes = { vocabSize, hiddenSize, numLayers, numAttentionHeads, maxPositions };
  return makeStart(output, { overwrite }, (folder) =>
    createGpt2({ folder, files, endOfTextId, seed, ...sizes }),
  );
}

async function givenTokenizer(folder: string) {
  const { vocabSize, eosTokenId } = await loadTokenizer(folder);
  const files: Record<string, JsonObject> = {
    'tokenizer.json': await readJsonObject(join(folder, 'tokenizer.json')),
  };
  // The other files may name special tokens, or add some.
  for (const name of ['tokenizer_config.json', 'special_tokens_map.json', 'added_tokens.json']) {
    const json = await readJsonObjectIfPresent(join(folder, name));
    if (json) files[name] = json;
  }
  if (eosTokenId === undefined) {
    const problem = say`it names no eos_token, which pretraining needs to end every text`;
    throw new FileError(join(folder, 'tokenizer_config.json'), 'eos_token', problem);
  }
  return { files, vocabSize, endOfTextId: eosTokenId };
}

/** A small corpus may give fewer tokens than requested. The model's vocabulary has as many as there are. */
async function learnedTokenizer({
  vocabSize,
  maxPositions,
  signal,
  onProgress,
  ...texts
}: UntrainedModelOptions) {
  const tokenizer = await trainBpe({
    texts: readTexts({ ...texts, signal }),
    vocabSize,
    signal,
    onProgress: onProgress && (({ merges, maxMerges }) => onProgress({ done: merges, total: maxMerges })),
  });
  const learned = Object.keys(tokenizer.model.vocab).length;
  const files = { 'tokenizer.json': tokenizer, 'tokenizer_config.json': tokenizerConfig(maxPositions) };
  return { files, vocabSize: learned, endOfTextId: learned - 1 };
}
