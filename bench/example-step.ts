/** @file The measured step: prompt tuning of a model on batches of random tokens. */

import type { Learner } from '../src/attach/method.js';
import type { RowLengths } from '../src/loss/row-lengths.js';
import { methodNamed } from '../src/methods/registry.js';
import type { LanguageModel } from '../src/models/model.js';
import { seededRandom } from '../src/random.js';
import type { EncodedExample } from '../src/text/encode.js';
import type { StepShape } from './required-work.js';

/** The standard step: 20 virtual tokens, 8 rows of 64 tokens, 16 of them labels. */
export const standardStep: StepShape = { batch: 8, length: 64, labels: 16, virtualTokens: 20 };

/** The lengths of the step's rows, as a run knows those of its data. */
export const rowLengthsOf = ({ length }: Pick<StepShape, 'length'>): RowLengths => ({
  longest: length,
  padding: 0,
});

/** Prompt tuning, or another method, ready to train. In texts, each character is a token. */
export function createLearner(model: LanguageModel, method: string, config: object): Promise<Learner> {
  const { vocabSize } = model.config;
  const tokenizer = { encode: (text: string) => Array.from(text, (c) => c.charCodeAt(0) % vocabSize) };
  return methodNamed(method).createLearner({ model, config, tokenizer, seed: 1 });
}

export function promptLearner(model: LanguageModel, numVirtualTokens: number): Promise<Learner> {
  return createLearner(model, 'prompt-tuning', { numVirtualTokens });
}

/** Rows of random tokens, the last `labels` of which count in the loss. */
export function randomExamples(
  model: LanguageModel,
  { batch, length, labels }: Pick<StepShape, 'batch' | 'length' | 'labels'>,
): EncodedExample[] {
  const random = seededRandom(3);
  return Array.from({ length: batch }, () => ({
    inputIds: Int32Array.from({ length }, () => random.below(model.config.vocabSize)),
    lossMask: new Uint8Array(length).fill(1, length - labels),
  }));
}
