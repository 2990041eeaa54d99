/** @file The end tokens that a model's own files name. */
import type { ModelFolder } from '../formats/model-folder.js';

/** As transformers takes them: generation_config.json's, or else config.json's, one or a list in either. */
export function modelEnds({ generationConfig, config }: ModelFolder): number[] {
  const named = generationConfig?.eos_token_id ?? config.eos_token_id;
  return [named].flat().filter((id) => typeof id === 'number' && Number.isInteger(id) && id >= 0) as number[];
}
