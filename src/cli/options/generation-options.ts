/** @file The options of generation, for every command that generates. Each call makes options of its own. */
import { type GenerationOptions, generationOptionsSchema } from '../../index.js';
import { type ConfigOption, flagsOf } from './schema-flags.js';

const flags = (only: readonly (keyof GenerationOptions)[], path: readonly string[]) =>
  flagsOf(generationOptionsSchema, { only, path });

/** Where a text ends. `path` is where generation has its options in a configuration. */
export const lengthOptions = (path: readonly string[] = []): ConfigOption[] =>
  flags(['maxNewTokens', 'stop'], path);

/** How tokens are chosen, under their headings. */
export const choiceOptions = (path: readonly string[] = []): [heading: string, options: ConfigOption[]][] => [
  [
    'Drawing tokens (default: always take the likeliest):',
    flags(['temperature', 'topK', 'topP', 'seed'], path),
  ],
  [
    'Other ways to choose tokens:',
    flags(['numBeams', 'lengthPenalty', 'repetitionPenalty', 'presencePenalty', 'frequencyPenalty'], path),
  ],
];

/** What flags say of generation, and nothing else that they say. */
export function generationOf(flags: Readonly<Record<string, unknown>>): GenerationOptions {
  const given = Object.keys(generationOptionsSchema.shape).filter((name) => flags[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, flags[name]]));
}
