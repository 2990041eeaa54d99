/** @file Opens a model: its configuration, family and weights. */
import { openModelFolder } from '../formats/model-folder.js';
import type { ModelDtype } from '../models/dtype.js';
import { familyOf } from '../models/families.js';
import type { LanguageModel } from '../models/model.js';
import { findTensor, locateWeights, Weights } from '../models/weights.js';
import type { ConversionOptions } from './gguf-conversion.js';
import { isGgufPath, openGgufModel } from './gguf-model.js';
import { withPrecision } from './precision.js';
import { withTiedHead } from './tied-head.js';

/**
 * Opens a model's folder, or a GGUF file: reads the configuration, finds its family, and checks that the weights fit.
 * @param options `dtype`: precision of the matrices in memory. The others are of conversions, to it or of a GGUF file
 * @throws FileError if the folder, its configuration or its weights are not usable; the signal's reason
 */
export async function loadModel(
  folder: string,
  name = folder,
  { dtype = 'auto', ...options }: ConversionOptions & { dtype?: ModelDtype } = {},
): Promise<LanguageModel> {
  options.signal?.throwIfAborted();
  const opened = await (isGgufPath(folder)
    ? openGgufModel(folder, options)
    : openModelFolder(folder, options.signal));
  const family = familyOf(opened);
  const configured = family.configure(opened.config, opened.configPath);
  const { source, parameters } = await withTiedHead(opened, configured, family.prefix);
  const architecture = { ...configured, parameters };
  const present = [...(architecture.optionalParameters ?? [])].filter(([parameter]) =>
    findTensor(source, parameter, family.prefix),
  );
  const stored = locateWeights(source, new Map([...parameters, ...present]), family.prefix);
  const files = await withPrecision(stored, architecture, dtype, options);
  return { ...architecture, name, source, files, dtype, weights: (changes) => new Weights(files, changes) };
}
