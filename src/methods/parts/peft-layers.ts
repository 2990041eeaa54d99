/** @file PEFT's form of adapters that change linear layers: names of tensors, and the fields of adapter_config.json. */
import { tensorError, textTaskType } from '../../attach/peft-tensors.js';
import { FileError } from '../../errors.js';
import { baseModelOf, configPath, type PeftContent, weightsPath } from '../../formats/adapter-content.js';
import type { LanguageModel } from '../../models/model.js';
import type { LinearLayer } from '../../models/weights.js';
import type { Tensor } from '../../tensor.js';

/** What PEFT puts before the names of a model's modules. The tensors have these names here as well. */
const prefix = 'base_model.model.';

/** The name of a tensor that belongs to a layer. */
export const layerTensorName = (layer: string, part: string) => `${prefix}${layer}.${part}`;

/** The fields of adapter_config.json that every such kind has, as PEFT fills them in. */
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
 * @throws FileError for a tensor that belongs to nothing
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
    if (!found)
      throw new FileError(
        weightsPath(files),
        name,
        `${model.name} has no linear layer that this tensor belongs to; the adapter was made for another model ` +
          `(${baseModelOf(files) ?? 'not named'}), or with options that are not supported here`,
      );
    layers.set(layer!, found);
  }
  if (layers.size === 0) throw new FileError(weightsPath(files), undefined, 'the adapter has no tensors');
  return layers;
}

/** One part of a layer, which must have this shape; undefined axes may have any size. */
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

/** @throws FileError for a field that asks for something that is not supported here */
export function refuseFields(
  files: PeftContent,
  unsupported: Readonly<Record<string, readonly unknown[]>>,
): void {
  for (const [field, harmless] of Object.entries(unsupported)) {
    const value = files.config[field];
    if (value === undefined || value === null || harmless.includes(value)) continue;
    const problem = `${JSON.stringify(value)} is not supported here; expected ${harmless.map((one) => JSON.stringify(one)).join(' or ') || 'null'}`;
    throw new FileError(configPath(files), field, problem);
  }
}
