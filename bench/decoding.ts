/** @file Times generation: the prefill, and the steps that follow it. */
import type { Decoder } from '../src/generation/decoder.js';
import { streamTokens } from '../src/generation/generate.js';
import type { GenerationOptions } from '../src/generation/options.js';
import type { LanguageModel } from '../src/models/model.js';
import { seededRandom } from '../src/random.js';

/** Prompts of random tokens. */
export function randomPrompts(model: LanguageModel, count: number, length: number): number[][] {
  const random = seededRandom(4);
  return Array.from({ length: count }, () =>
    Array.from({ length }, () => random.below(model.config.vocabSize)),
  );
}

/** Mean seconds per step after the prefill, in a batch from which no row leaves. */
export async function secondsPerStep(
  decoder: Decoder,
  prompts: readonly (readonly number[])[],
  options: GenerationOptions & { maxNewTokens: number },
): Promise<number> {
  const newTokens = prompts.length * options.maxNewTokens;
  let seen = 0;
  let start = 0;
  for await (const _ of streamTokens(decoder, prompts, options)) {
    seen++;
    if (seen === prompts.length) start = performance.now();
  }
  if (seen !== newTokens) throw new Error(`${seen} tokens were generated, ${newTokens} were expected`);
  return (performance.now() - start) / 1000 / (options.maxNewTokens - 1);
}
