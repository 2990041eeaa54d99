/** @file The end-of-text tokens of a model's configuration. */
import type { ModelFolder } from '../formats/model-folder.js';

/**
 * The tokens at which `generate` of transformers 5.18 ends: those in generation_config.json if that file exists, even
 * if it names none; otherwise those in config.json. Both may have one token or a list. Defaults of the configuration
 * classes do not count.
 */
export const modelEnds = ({ generationConfig, config }: ModelFolder): number[] =>
  endsIn(generationConfig ?? config);

/** The end-of-text token in a model's files, for a tokenizer that names none. */
export const namedEnd = ({ generationConfig, config }: ModelFolder): number | undefined =>
  endsIn(generationConfig ?? {})[0] ?? endsIn(config)[0];

function endsIn({ eos_token_id: named }: Readonly<Record<string, unknown>>): number[] {
  return [named].flat().filter((id) => typeof id === 'number' && Number.isInteger(id) && id >= 0) as number[];
}
