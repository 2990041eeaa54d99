/** @file A GPT-2 of 37,000 weights whose tokens are bytes: small enough to train in a test, with files as real ones have. */
import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGpt2 } from '../../src/models/create-model.js';
import { tokenizerConfig, trainBpe } from '../../src/tokenizer-training/index.js';

export const tinySizes = {
  vocabSize: 257,
  hiddenSize: 32,
  numLayers: 2,
  numAttentionHeads: 2,
  maxPositions: 96,
};

/** Makes the model in `folder`. A tokenizer that learns from no text has a token a byte, and the end of a text. */
export async function makeTinyModel(folder: string, sizes: Partial<typeof tinySizes> = {}): Promise<void> {
  const { vocabSize, maxPositions, ...rest } = { ...tinySizes, ...sizes };
  const tokenizer = await trainBpe({ texts: [], vocabSize: 257 });
  const files = { 'tokenizer.json': tokenizer, 'tokenizer_config.json': tokenizerConfig(maxPositions) };
  await createGpt2({ folder, files, vocabSize, maxPositions, endOfTextId: 256, ...rest });
}

/** A folder for one test file, with the model in `model/`. */
export async function workplace(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'promptune-test-')));
  await makeTinyModel(join(folder, 'model'));
  return folder;
}
