/** @file Options of generation, for every command that generates. Each call creates new options. */
import { type GenerationOptions, generationOptionsSchema } from '../../index.js';
import { type ConfigOption, flagsOf } from './schema-flags.js';

const flags = (only: readonly (keyof GenerationOptions)[], path: readonly string[]) =>
  flagsOf(generationOptionsSchema, { only, path });

/** Options of where a text ends. `path` is the place of generation options in a configuration. */
export const lengthOptions = (path: readonly string[] = []): ConfigOption[] =>
  flags(['maxNewTokens', 'stop'], path);

/** Options of how tokens are chosen, by heading. */
export const choiceOptions = (path: readonly string[] = []): [heading: string, options: ConfigOption[]][] => [
  [
    'Sampling (default: always take the most likely token):',
    flags(['temperature', 'topK', 'topP', 'seed'], path),
  ],
  [
    'Other ways to choose tokens:',
    flags(['numBeams', 'lengthPenalty', 'repetitionPenalty', 'presencePenalty', 'frequencyPenalty'], path),
  ],
  ['Speed:', flags(['promptLookupNumTokens'], path)],
];

/** The generation options among the flags. */
export function generationOf(flags: Readonly<Record<string, unknown>>): GenerationOptions {
  const given = Object.keys(generationOptionsSchema.shape).filter((name) => flags[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, flags[name]]));
}
