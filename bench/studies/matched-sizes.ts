/**
 * @file Options that give a method about as many trainable parameters as another, so that a table compares methods
 *   rather than sizes.
 */
import { methodNamed } from '../../src/methods/registry.js';
import type { Pretrained } from '../../src/open-pretrained.js';
import { elementCount } from '../../src/tensor.js';

/** A method whose number of trainable parameters grows linearly with one option: its length, width or rank. */
export interface SizedMethod {
  readonly method: string;
  /** Its options for a size, an integer from 1. */
  options(size: number): Record<string, unknown>;
  /** Additional options for counting: an initialization that does not run a model. */
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
  // The width is floor(hidden / factor); the half keeps it away from the edge where rounding decides.
  options: (size) => ({ reductionFactor: hiddenSize / (size + 0.5) }),
});

/** The size whose count is nearest to `wanted`, if counts grow linearly from `ofOne` and `ofTwo`. At least 1. */
export function nearestSize(wanted: number, ofOne: number, ofTwo: number): number {
  return Math.max(1, 1 + Math.round((wanted - ofOne) / (ofTwo - ofOne)));
}

/** The options of a method with about this many trainable parameters. */
export async function optionsOfCount(
  sized: SizedMethod,
  wanted: number,
  pretrained: Pretrained,
): Promise<Record<string, unknown>> {
  const count = (size: number) =>
    trainedNumbers(sized.method, { ...sized.options(size), ...sized.whileCounting }, pretrained);
  return sized.options(nearestSize(wanted, await count(1), await count(2)));
}

/** The number of trainable parameters of a method with these options. */
export async function trainedNumbers(
  method: string,
  config: Record<string, unknown>,
  { model, tokenizer }: Pretrained,
): Promise<number> {
  const { tensors } = await methodNamed(method).createLearner({ model, tokenizer, config, seed: 0 });
  return [...tensors.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
}

/** The number of parameters of the model itself. */
export const modelNumbers = ({ model }: Pretrained): number =>
  [...model.parameters.values()].reduce((sum, shape) => sum + elementCount(shape), 0);
