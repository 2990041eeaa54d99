/** @file The layer at which a late prompt enters: as an option, and as a field of adapter_config.json. */
import * as z from 'zod';
import { FileError, optionError, UsageError } from '../../errors.js';
import { configPath, type PeftContent } from '../../formats/adapter-content.js';
import type { LanguageModel } from '../../models/model.js';
import { say } from '../../say.js';
import { configFields } from './stored-config.js';

export const insertionLayerOption = z
  .int()
  .positive()
  .optional()
  .describe('the first layer that sees the prompt, counted from 0 and at least 1 (default: the middle one)');

const storedSchema = z.object({ insertion_layer: z.int().positive() });

const storedIn = (files: PeftContent): number => configFields(files, storedSchema).insertion_layer;

/**
 * The layer of a new adapter: the given one, that of the adapter that it continues, or the middle one.
 * @throws UsageError if the model has no such layer; FileError if the earlier adapter has another
 */
export function chosenLayer(
  { name, config }: LanguageModel,
  insertionLayer: number | undefined,
  earlier: PeftContent | undefined,
): number {
  const before = earlier && storedIn(earlier);
  const layer = insertionLayer ?? before ?? Math.max(1, Math.floor(config.numLayers / 2));
  if (layer >= config.numLayers)
    throw optionError(
      'insertionLayer',
      config.numLayers === 1
        ? say`${name} has only one layer; use prompt-tuning`
        : say`${name} has no layer ${layer}; expected 1 to ${config.numLayers - 1}`,
    );
  if (before !== undefined && before !== layer)
    throw new FileError(
      configPath(earlier!),
      'insertion_layer',
      say`it enters layer ${before}, and that of this run layer ${layer}; give insertionLayer
        ${before}`,
    );
  return layer;
}

/** @throws FileError if it is missing, or beyond the model's layers */
export function storedLayer(files: PeftContent, { name, config }: LanguageModel): number {
  const layer = storedIn(files);
  if (layer < config.numLayers) return layer;
  const problem = say`it is ${layer}, but the last layer of ${name} is ${config.numLayers - 1}`;
  throw new FileError(configPath(files), 'insertion_layer', problem);
}

/** @throws UsageError for a model in which a text's states depend on what stands behind the layer's prompt */
export function refuseBidirectional({ name, config, bidirectional }: LanguageModel, method: string): void {
  if (bidirectional)
    throw new UsageError(
      say`${method} does not support ${name}, a ${config.modelType} model whose tokens see those
        after them; use prompt-tuning`,
      { code: 'unsupported' },
    );
}
