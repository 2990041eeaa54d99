/** @file The options of generation, for every command that generates. Each call makes options of its own. */
import { type GenerationOptions, generationOptionsSchema } from '../../index.js';
import { type ConfigOption, flagsOf } from './schema-flags.js';

const flags = (...only: (keyof GenerationOptions)[]) => flagsOf(generationOptionsSchema, { only });

/** Where a text ends. */
export const lengthOptions = (): ConfigOption[] => flags('maxNewTokens', 'stop');

/** How tokens are chosen, under their headings. */
export const choiceOptions = (): [heading: string, options: ConfigOption[]][] => [
  ['Drawing tokens (default: always take the likeliest):', flags('temperature', 'topK', 'topP', 'seed')],
  ['Other ways to choose tokens:', flags('numBeams', 'lengthPenalty', 'repetitionPenalty')],
];

/** What flags say of generation, and nothing else that they say. */
export function generationOf(flags: Readonly<Record<string, unknown>>): GenerationOptions {
  const given = Object.keys(generationOptionsSchema.shape).filter((name) => flags[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, flags[name]]));
}
