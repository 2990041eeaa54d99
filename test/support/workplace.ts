/** @file A folder for a test file, with a model in it. */
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { fromPretrained, type Pretrained } from '../../src/index.js';
import { createGpt2 } from '../../src/loading/create-model.js';
import { tokenizerConfig, trainBpe } from '../../src/tokenizer-training/index.js';

/**
 * Makes the folder, with a GPT-2 of 37,000 weights in `model/`: small enough to train in a test. Its tokens are bytes,
 * since a tokenizer that learns from no text has one each, and the end of a text.
 */
export async function workplace(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'promptune-test-')));
  const tokenizer = await trainBpe({ texts: [], vocabSize: 257 });
  const files = { 'tokenizer.json': tokenizer, 'tokenizer_config.json': tokenizerConfig(96) };
  const sizes = { vocabSize: 257, hiddenSize: 32, numLayers: 2, numAttentionHeads: 2, maxPositions: 96 };
  await createGpt2({ folder: join(folder, 'model'), files, ...sizes });
  return folder;
}

/** The folder of a test file and its model, opened; there while its tests run. */
export function useWorkplace(): { readonly root: string; readonly pretrained: Pretrained } {
  const place = {} as { root: string; pretrained: Pretrained };
  beforeAll(async () => {
    place.root = await workplace();
    place.pretrained = await fromPretrained(join(place.root, 'model'));
  });
  afterAll(() => rm(place.root, { recursive: true }));
  return place;
}
