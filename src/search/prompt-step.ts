/**
 * @file The loss of examples after the embeddings of a prompt, and its gradient: prompt tuning's step as a function.
 */

import type { Adapter } from '../attach/method.js';
import { PromptuneError } from '../errors.js';
import { concat, constant } from '../graph/index.js';
import type { ModelStepOptions } from '../loss/evaluator.js';
import { createModelStep } from '../loss/model-step.js';
import { embedTokens } from '../models/embed-tokens.js';
import type { LanguageModel } from '../models/model.js';
import { say } from '../say.js';
import { tensorOf } from '../tensor.js';
import type { EncodedExample } from '../text/encode.js';

/** Vectors are [numTokens, hidden], row after row; the loss is the mean over label tokens. */
export interface PromptStep {
  lossAndGradient(
    vectors: Float32Array,
    examples: readonly EncodedExample[],
  ): Promise<{ loss: number; gradient: Float32Array }>;
  loss(vectors: Float32Array, examples: readonly EncodedExample[]): Promise<number>;
  /** How many calls of `loss` gain from being under way at once. Default 1. */
  readonly atOnce?: number;
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Creates what computes `loss` elsewhere, for prompts of that many tokens. */
export type PromptLossesSource = (shape: {
  numTokens: number;
  startIds: readonly number[] | undefined;
}) => Promise<Required<Pick<PromptStep, 'loss' | 'atOnce'>>>;

/**
 * The prompt goes through the layers once per call, whatever the number of examples.
 * @param startIds tokens that start every text of the model: they go before the prompt
 */
export async function createPromptStep(
  model: LanguageModel,
  {
    numTokens,
    startIds = [],
    ...options
  }: { numTokens: number; startIds?: readonly number[] } & ModelStepOptions,
): Promise<PromptStep> {
  const name = 'prompt_embeddings';
  const shape = [numTokens, model.config.hiddenSize];
  const start = startIds.length > 0 ? constant(await embedTokens(model, startIds)) : undefined;
  const adapter: Adapter = {
    method: 'search',
    tensors: new Map([[name, tensorOf('float32', shape, new Float32Array(shape[0]! * shape[1]!))]]),
    numVirtualTokens: startIds.length + numTokens,
    attach: (values) => {
      const prompt = values.get(name)!;
      return { prompt: start ? concat([start, prompt], 0) : prompt };
    },
  };
  const step = await createModelStep(model, adapter, options);
  /** A copy, because the step transfers the tensor's numbers to its worker. */
  const use = (vectors: Float32Array) => {
    adapter.tensors.set(name, tensorOf('float32', shape, Float32Array.from(vectors)));
  };
  return {
    async lossAndGradient(vectors, examples) {
      use(vectors);
      const labels = step.count(examples);
      const { lossSum, gradients } = await step.run(examples, 1 / labels);
      return { loss: finite(lossSum / labels), gradient: gradients.get(name)! };
    },
    async loss(vectors, examples) {
      use(vectors);
      const { lossSum } = await step.evaluate(examples);
      return finite(lossSum / step.count(examples));
    },
    dispose: () => step.dispose(),
    [Symbol.asyncDispose]: () => step.dispose(),
  };
}

function finite(loss: number): number {
  if (Number.isFinite(loss)) return loss;
  throw new PromptuneError(
    say`the loss is ${loss}: look for NaN or very large values in the model's weights`,
  );
}
