/** @file A GPT-2 of a few thousand numbers with a tokenizer of its own, for tests that need a whole model's folder. */
import { createGpt2 } from '../../src/loading/create-model.js';
import { tokenizerConfig, trainBpe } from '../../src/tokenizer-training/index.js';

/** @param folder there must be nothing in its place yet */
export async function createTinyModel(folder: string): Promise<void> {
  const tokenizer = await trainBpe({ texts: ['一只可爱的猫，', 'a cute cat, all fluffy'], vocabSize: 270 });
  const vocabSize = Object.keys(tokenizer.model.vocab).length;
  const sizes = { vocabSize, hiddenSize: 8, numLayers: 1, numAttentionHeads: 2, maxPositions: 128 };
  const files = { 'tokenizer.json': tokenizer, 'tokenizer_config.json': tokenizerConfig(128) };
  await createGpt2({ folder, ...sizes, files });
}
