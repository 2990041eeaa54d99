/**
 * @file PEZ (Wen et al. 2023, arXiv:2302.03668): the model reads each vector's nearest token (by cosine, as in the
 *   paper's code), and the gradient at that token is applied to the vector (straight-through).
 */

import type { Tensor, TrainableTensors } from '../tensor.js';
import type { EncodedExample } from '../text/encode.js';
import { createOptimizer } from '../training/optimizers.js';
import type { TokenPrompt } from './gcg.js';
import type { PromptStep } from './prompt-step.js';
import type { TokenRanker } from './token-ranking.js';

export interface PezOptions {
  step: Pick<PromptStep, 'lossAndGradient'>;
  /** Ranks by cosine, one token per vector. */
  ranker: Pick<TokenRanker, 'rank'>;
  learningRate: number;
  weightDecay: number;
}

export interface Pez {
  /** The current vectors [P, hidden]. */
  readonly vectors: Tensor<'float32'>;
  /** The nearest tokens. */
  project(): Promise<TokenPrompt>;
  /** Updates the vectors with the gradient at their projection. Returns the projection's loss. */
  update(projection: TokenPrompt, examples: readonly EncodedExample[]): Promise<number>;
}

/** @param vectors [P, hidden], changed in place */
export function createPez(
  vectors: Tensor<'float32'>,
  { step, ranker, learningRate, weightDecay }: PezOptions,
): Pez {
  const name = 'prompt_embeddings';
  const trainable: TrainableTensors = new Map([[name, vectors]]);
  const adamW = { name: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay } as const;
  const optimizer = createOptimizer(adamW, trainable);
  return {
    vectors,
    async project() {
      const { ids, embeddings } = await ranker.rank(vectors);
      return { ids: ids.flat(), vectors: embeddings };
    },
    async update(projection, examples) {
      const { loss, gradient } = await step.lossAndGradient(projection.vectors, examples);
      await optimizer.update(new Map([[name, gradient]]), learningRate);
      return loss;
    },
  };
}
