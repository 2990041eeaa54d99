/** @file The vectors of a learned prompt, where they are in the space of the model's embeddings. */
import { UsageError } from '../errors.js';
import { type AdapterContent, singlesIn } from '../formats/adapter-content.js';
import type { LanguageModel } from '../models/model.js';
import { say } from '../say.js';
import type { Tensor } from '../tensor.js';

export interface PromptAtStep {
  readonly step: number;
  readonly vectors: Tensor<'float32'>;
}

/**
 * The vectors [P, hidden] of an adapter that learns some in the space of the model's embeddings, as prompt tuning and
 * P-tuning do.
 * @throws UsageError for others, such as a prefix, whose vectors are keys and values
 */
export function promptVectors(content: AdapterContent, { config }: LanguageModel): Tensor<'float32'> {
  const vectors = vectorsIn(content, config.hiddenSize);
  if (vectors) return vectors;
  throw new UsageError(say`the adapter has no vectors in the space of the model's embeddings`, {
    code: 'unsupported',
  });
}

/** The same; undefined for others. */
export function vectorsIn(content: AdapterContent, hiddenSize: number): Tensor<'float32'> | undefined {
  for (const { config, tensors } of singlesIn(content)) {
    const vectors = tensors.get('prompt_embeddings');
    const isOfTexts = !tensors.has('prefix_task_cols') && config.num_virtual_tokens === vectors?.shape[0];
    if (vectors?.shape[1] === hiddenSize && isOfTexts) return vectors;
  }
  return undefined;
}
