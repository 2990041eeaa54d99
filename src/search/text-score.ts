/** @file Scores a text as a prompt: the frozen model's loss on held-out data with the text before every example. */

import { type LossResult, lossOn } from '../evaluation/loss.js';
import { createLossEvaluator, type EvaluatorSource, type ModelStepOptions } from '../loss/evaluator.js';
import type { LanguageModel } from '../models/model.js';
import { datasetOf } from '../text/dataset.js';
import type { EncodedExample } from '../text/encode.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { withTextBefore } from './prompt-texts.js';

export interface TextScorer {
  /** The result of `evaluateLoss` with the text at the start of the template. Each text is computed once. */
  score(text: string): Promise<LossResult>;
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface TextScorerOptions extends ModelStepOptions {
  model: LanguageModel;
  tokenizer: Tokenizer;
  validation: readonly EncodedExample[];
  signal?: AbortSignal;
  /** Where losses are computed. Default: here. */
  createEvaluator?: EvaluatorSource;
}

export async function createTextScorer(options: TextScorerOptions): Promise<TextScorer> {
  const { model, tokenizer, validation, signal } = options;
  const { createEvaluator = () => createLossEvaluator(model, undefined, options) } = options;
  const evaluator = await createEvaluator(undefined);
  const known = new Map<string, LossResult>();
  return {
    async score(text) {
      const earlier = known.get(text);
      if (earlier) return earlier;
      const examples = validation.map((example) => withTextBefore(text, example, tokenizer));
      const result = await lossOn(evaluator, datasetOf(examples), { signal });
      known.set(text, result);
      return result;
    },
    dispose: () => evaluator.dispose(),
    [Symbol.asyncDispose]: () => evaluator.dispose(),
  };
}
