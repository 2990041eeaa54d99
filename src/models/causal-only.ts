/** @file What is asked of a model that writes from left to right, and cannot be asked of others. */
import { UsageError } from '../errors.js';
import type { CausalLM } from './model.js';

/** Throws a UsageError for a model that sees texts as a whole. */
export function requireCausal({ name, config, bidirectional }: CausalLM): void {
  if (bidirectional)
    throw new UsageError(
      `${name} is a ${config.modelType} model: each token sees those after it, so it cannot write a text ` +
        'from left to right; use it with a head (train --task-type, classify)',
    );
}
