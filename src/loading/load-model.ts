/** @file Opens a model: its configuration, its family, and where its weights lie. */
import { openModelFolder } from '../formats/model-folder.js';
import type { ModelDtype } from '../models/dtype.js';
import { familyOf } from '../models/families.js';
import type { LanguageModel } from '../models/model.js';
import { findTensor, locateWeights, Weights } from '../models/weights.js';
import type { ConversionOptions } from './gguf-conversion.js';
import { isGgufPath, openGgufModel } from './gguf-model.js';
import { withPrecision } from './precision.js';

/**
 * Opens a model's folder, or a GGUF file: reads the configuration, finds its family, and checks that the weights fit.
 * @param options of conversions, for a GGUF file or another dtype than the file's
 * @throws FileError where the folder, its configuration or its weights are not usable
 */
export async function loadModel(
  folder: string,
  name = folder,
  { dtype = 'auto', ...options }: ConversionOptions & { dtype?: ModelDtype } = {},
): Promise<LanguageModel> {
  const source = await (isGgufPath(folder) ? openGgufModel(folder, options) : openModelFolder(folder));
  const family = familyOf(source);
  const architecture = family.configure(source.config, source.configPath);
  const present = [...(architecture.optionalParameters ?? [])].filter(([parameter]) =>
    findTensor(source, parameter, family.prefix),
  );
  const stored = locateWeights(source, new Map([...architecture.parameters, ...present]), family.prefix);
  const files = await withPrecision(stored, architecture, dtype, options);
  return { ...architecture, name, source, files, dtype, weights: (changes) => new Weights(files, changes) };
}
