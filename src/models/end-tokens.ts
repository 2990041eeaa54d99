/** @file The end-of-text tokens of a model's configuration. */
import type { ModelFolder } from '../formats/model-folder.js';

/**
 * Those that `generate` of transformers 5.18 ends at: generation_config.json's, where there is such a file, whether
 * it names any or not; without it config.json's. One or a list in either. The defaults of the classes of
 * configurations do not count.
 */
export const modelEnds = ({ generationConfig, config }: ModelFolder): number[] =>
  endsIn(generationConfig ?? config);

/** What a model's files call its end of text, for a tokenizer that names none. */
export const namedEnd = ({ generationConfig, config }: ModelFolder): number | undefined =>
  endsIn(generationConfig ?? {})[0] ?? endsIn(config)[0];

function endsIn({ eos_token_id: named }: Readonly<Record<string, unknown>>): number[] {
  return [named].flat().filter((id) => typeof id === 'number' && Number.isInteger(id) && id >= 0) as number[];
}
