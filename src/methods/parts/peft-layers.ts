/** @file PEFT's format of adapters that change linear layers: names of tensors and fields of adapter_config.json. */

import * as z from 'zod';
import { tensorError, textTaskType } from '../../attach/peft-tensors.js';
import { FileError } from '../../errors.js';
import { baseModelOf, configPath, type PeftContent, weightsPath } from '../../formats/adapter-content.js';
import type { LanguageModel } from '../../models/model.js';
import type { LinearLayer } from '../../models/weights.js';
import { say } from '../../say.js';
import type { Tensor } from '../../tensor.js';
import { inConfig, namePattern } from './name-patterns.js';
import { configFields } from './stored-config.js';
import { endsWithTarget } from './target-layers.js';

/** PEFT's prefix of module names. Tensors have the same names in memory. */
const prefix = 'base_model.model.';

/** The name of a tensor that belongs to a layer. */
export const layerTensorName = (layer: string, part: string) => `${prefix}${layer}.${part}`;

/** The fields of adapter_config.json that all these adapters share, as PEFT fills them in. */
export function layerAdapterConfig(model: LanguageModel, peftType: string) {
  return {
    auto_mapping: null,
    base_model_name_or_path: model.name,
    exclude_modules: null,
    fan_in_fan_out: [...model.linearLayers.values()].some(({ layout }) => layout === 'in-out'),
    inference_mode: true,
    modules_to_save: null,
    peft_type: peftType,
    revision: null,
    task_type: textTaskType(model),
  };
}

/**
 * The layers that an adapter's tensors belong to. Every tensor must be one of `parts` of a layer of the model.
 * @throws FileError for any other tensor
 */
export function layersOf(
  files: PeftContent,
  model: LanguageModel,
  parts: readonly string[],
): ReadonlyMap<string, LinearLayer> {
  const layers = new Map<string, LinearLayer>();
  for (const name of files.tensors.keys()) {
    const part = parts.find((candidate) => name.endsWith(`.${candidate}`));
    const layer = part && name.startsWith(prefix) ? name.slice(prefix.length, -part.length - 1) : undefined;
    const found = layer === undefined ? undefined : model.linearLayers.get(layer);
    const isWhole = /\.(?:embed_tokens|wte|embed_in|lm_head|embed_out|shared)\.weight$/.test(name);
    if (!found && isWhole)
      throw new FileError(
        weightsPath(files),
        name,
        say`these are whole embeddings, or a whole head, which PEFT saves if tokens were added or
          the layer was trained; merge the adapter with PEFT (merge_and_unload), and use that
          model`,
        { code: 'unsupported' },
      );
    if (!found)
      throw new FileError(
        weightsPath(files),
        name,
        say`${model.name} has no linear layer that this tensor belongs to; the adapter was made for
          another model (${baseModelOf(files) ?? say`not named`}), or with options that are not
          supported`,
        { code: 'incompatible' },
      );
    layers.set(layer!, found);
  }
  if (layers.size === 0) throw new FileError(weightsPath(files), undefined, say`the adapter has no tensors`);
  return layers;
}

/** One part of a layer, checked for its shape; undefined axes may have any size. */
export function layerTensor(
  files: PeftContent,
  layer: string,
  part: string,
  shape: readonly (number | undefined)[],
): Tensor<'float32'> {
  const name = layerTensorName(layer, part);
  const tensor = files.tensors.get(name);
  const fits =
    tensor?.shape.length === shape.length &&
    shape.every((size, i) => size === undefined || size === tensor.shape[i]);
  if (fits) return tensor;
  throw tensorError(files, name, shape, tensor);
}

/**
 * PEFT drops tensors of layers that the configuration does not name, with a warning: such files do not belong to their
 * configuration.
 * @throws FileError for a layer that `target_modules`, `exclude_modules` or `layers_to_transform` leave out
 */
export function refuseOtherLayers(files: PeftContent, layers: Iterable<string>): void {
  const { target_modules, exclude_modules, layers_to_transform, layers_pattern } = configFields(
    files,
    targetSchema,
  );
  const refuse = (field: string, layer: string, why: string) =>
    new FileError(
      configPath(files),
      field,
      say`it ${why} ${layer}, but the file has tensors of that layer, which PEFT would drop`,
    );
  const isExcluded = targetsOf(files, 'exclude_modules', exclude_modules);
  const isTarget = targetsOf(files, 'target_modules', target_modules);
  const indexOf = layerIndexBy(files, [layers_pattern ?? []].flat());
  for (const layer of layers) {
    if (isExcluded(layer)) throw refuse('exclude_modules', layer, say`leaves out`);
    if (target_modules && !isTarget(layer) && !isAllLinear(target_modules))
      throw refuse('target_modules', layer, say`does not name`);
    const chosen =
      layers_to_transform === null || layers_to_transform === undefined ? [] : [layers_to_transform].flat();
    if (
      chosen.length === 0 ||
      typeof target_modules === 'string' ||
      layer === target_modules?.find((name) => name === layer)
    )
      continue;
    const index = indexOf(layer);
    if (index !== undefined && !chosen.includes(index))
      throw refuse('layers_to_transform', layer, say`leaves out the layer of`);
  }
}

const modules = z.union([z.string(), z.array(z.string())], 'expected a name, or a list of names').nullish();
const targetSchema = z.object({
  target_modules: modules,
  exclude_modules: modules,
  layers_to_transform: z
    .union([z.int(), z.array(z.int())], 'expected the index of a layer, or a list of them')
    .nullish(),
  layers_pattern: modules,
});

const isAllLinear = (targets: z.output<typeof modules>) => `${targets}`.toLowerCase() === 'all-linear';

/**
 * PEFT's `check_target_module_exists`: a list of names or their endings, or a regular expression for the whole name.
 */
function targetsOf(
  files: PeftContent,
  field: string,
  targets: z.output<typeof modules>,
): (layer: string) => boolean {
  if (!targets || targets.length === 0) return () => false;
  if (typeof targets !== 'string') return (layer) => endsWithTarget(layer, targets);
  return namePattern(targets, inConfig(files, field));
}

/** The number of the layer in a name, by PEFT's rule: the first number, or the last behind one of the patterns. */
function layerIndexBy(
  files: PeftContent,
  patterns: readonly string[],
): (layer: string) => number | undefined {
  const fits = patterns.map((pattern) =>
    namePattern(`.*\\.(?:${pattern})`, inConfig(files, 'layers_pattern')),
  );
  return (layer) => {
    if (fits.length === 0) {
      const [, digits] = /.*\.[^.]*\.(\d+)\./.exec(layer) ?? [];
      return digits === undefined ? undefined : Number(digits);
    }
    const numbers = [...layer.matchAll(/\.(\d+)(?=\.)/g)].reverse();
    for (const fit of fits) {
      const found = numbers.find(({ index }) => fit(layer.slice(0, index)));
      if (found) return Number(found[1]);
    }
    return undefined;
  };
}
