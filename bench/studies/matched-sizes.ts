/**
 * @file Options that give a method about as many numbers to train as another has, so that a table compares methods
 * and not sizes.
 */
import { methodNamed } from '../../src/methods/registry.js';
import type { Pretrained } from '../../src/pretrained.js';
import { elementCount } from '../../src/tensor.js';

/** A method whose trained numbers grow evenly with one option: how long, how wide, of what rank. */
export interface SizedMethod {
  readonly method: string;
  /** Its options at a size, a whole number from 1. */
  options(size: number): Record<string, unknown>;
  /** Further options where its numbers are only counted: a start that runs no model. */
  readonly whileCounting?: Record<string, unknown>;
}

export const prefix: SizedMethod = {
  method: 'prefix-tuning',
  options: (size) => ({ numVirtualTokens: size }),
  whileCounting: { init: 'zero' },
};
export const lora: SizedMethod = {
  method: 'lora',
  options: (size) => ({ r: size, loraAlpha: 2 * size }),
};
export const prompt: SizedMethod = {
  method: 'prompt-tuning',
  options: (size) => ({ numVirtualTokens: size }),
};
/** Bottlenecks of `size` in a model of this width. */
export const adapter = (hiddenSize: number): SizedMethod => ({
  method: 'bottleneck-adapter',
  // The width is the whole part of hidden / factor; the half keeps it away from the edge where rounding decides.
  options: (size) => ({ reductionFactor: hiddenSize / (size + 0.5) }),
});

/** The size whose count is nearest to `wanted`, of counts that grow evenly from `ofOne` and `ofTwo`. At least 1. */
export function nearestSize(wanted: number, ofOne: number, ofTwo: number): number {
  return Math.max(1, 1 + Math.round((wanted - ofOne) / (ofTwo - ofOne)));
}

/** The options of a method that train about this many numbers. */
export async function optionsOfCount(
  sized: SizedMethod,
  wanted: number,
  pretrained: Pretrained,
): Promise<Record<string, unknown>> {
  const count = (size: number) =>
    trainedNumbers(sized.method, { ...sized.options(size), ...sized.whileCounting }, pretrained);
  return sized.options(nearestSize(wanted, await count(1), await count(2)));
}

/** How many numbers a method trains with these options. */
export async function trainedNumbers(
  method: string,
  config: Record<string, unknown>,
  { model, tokenizer }: Pretrained,
): Promise<number> {
  const { tensors } = await methodNamed(method).createLearner({ model, tokenizer, config, seed: 0 });
  return [...tensors.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
}

/** How many numbers the model itself has. */
export const modelNumbers = ({ model }: Pretrained): number =>
  [...model.parameters.values()].reduce((sum, shape) => sum + elementCount(shape), 0);
