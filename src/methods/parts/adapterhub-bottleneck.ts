/** @file AdapterHub's format of bottleneck adapters: settings of adapter_config.json and names of tensors. */
import * as z from 'zod';
import { tensorError } from '../../attach/peft-tensors.js';
import { FileError } from '../../errors.js';
import {
  type AdapterHubContent,
  baseModelOf,
  configPath,
  weightsPath,
} from '../../formats/adapter-content.js';
import { activations } from '../../graph/index.js';
import type { LanguageModel } from '../../models/model.js';
import type { SubLayer } from '../../models/weights.js';
import { say } from '../../say.js';
import { fileFields } from '../../schema-problems.js';
import type { TrainableTensors } from '../../tensor.js';

/** What a bottleneck adapter computes, apart from its tensors. */
export interface BottleneckForm {
  /** Input of its first matrix: the sub-layer's output f, x + f, or the residual x. */
  readonly reads: 'output' | 'sum' | 'residual';
  /** A key of `activations`. */
  readonly nonLinearity: string;
  /** Its factor. `learned` and `channel` are trained: one number, or one per channel. */
  readonly scaling: number | 'learned' | 'channel';
}

/** The suffixes of its tensors' names. */
export const parts = {
  down: 'adapter_down.0.weight',
  downBias: 'adapter_down.0.bias',
  up: 'adapter_up.weight',
  upBias: 'adapter_up.bias',
  scaling: 'scaling',
} as const;

/**
 * The module of a sub-layer's adapter. For `transformer.h.0.mlp` it is `transformer.h.0.output_adapters`. If a
 * sub-layer
 *
 * is a module together with its residual, it is that module: `bert.encoder.layer.0.output`, `encoder.block.0.layer.1`.
 */
function moduleOf(
  subLayer: string,
  { kind }: SubLayer,
  { bidirectional, encoder }: Pick<LanguageModel, 'bidirectional' | 'encoder'>,
): string {
  if (bidirectional) return subLayer;
  const outer = subLayer.slice(0, subLayer.lastIndexOf('.'));
  if (encoder) return outer;
  return `${outer}.${kind === 'attention' ? 'attention_adapters' : 'output_adapters'}`;
}

/** Which sub-layers get an adapter. */
export interface Placement {
  readonly attention: boolean;
  readonly crossAttention: boolean;
  readonly feedForward: boolean;
  /** Indices of layers without one. */
  readonly leaveOut: readonly number[];
}

/** The sub-layers that get an adapter, with their adapters' modules. */
export function adapterModules(model: LanguageModel, placement: Placement): ReadonlyMap<string, string> {
  const { attention, crossAttention, feedForward, leaveOut } = placement;
  const getsOne = { attention, 'cross-attention': crossAttention, 'feed-forward': feedForward };
  const chosen = [...model.subLayers].filter(
    ([, { kind, layer }]) => getsOne[kind] && !leaveOut.includes(layer),
  );
  return new Map(chosen.map(([name, subLayer]) => [name, moduleOf(name, subLayer, model)]));
}

export interface BottleneckSettings {
  readonly form: BottleneckForm;
  readonly placement: Placement;
  readonly reductionFactor: number;
}

export function bottleneckContent(
  model: LanguageModel,
  { form, placement, reductionFactor }: BottleneckSettings,
  tensors: TrainableTensors,
): AdapterHubContent {
  const { architectures } = model.source.config;
  return {
    form: 'adapterhub',
    config: {
      hidden_size: model.config.hiddenSize,
      model_class: Array.isArray(architectures) ? architectures[0] : null,
      model_name: model.name,
      model_type: model.config.modelType,
      config: {
        cross_adapter: placement.crossAttention,
        dropout: 0,
        init_weights: 'mam_adapter',
        is_parallel: form.reads === 'residual',
        leave_out: placement.leaveOut,
        ln_after: false,
        ln_before: false,
        mh_adapter: placement.attention,
        non_linearity: form.nonLinearity,
        original_ln_after: true,
        original_ln_before: form.reads === 'sum',
        output_adapter: placement.feedForward,
        reduction_factor: reductionFactor,
        residual_before_ln: true,
        scaling: form.scaling,
      },
    },
    tensors,
  };
}

const off = z.literal([false, null], 'not supported; expected false').optional();

/** The settings that change the meaning of the tensors, with AdapterHub's defaults. */
const settingsSchema = z.object({
  mh_adapter: z.boolean(),
  cross_adapter: z.boolean().default(false),
  output_adapter: z.boolean(),
  non_linearity: z.string().toLowerCase(),
  original_ln_before: z.boolean().default(false),
  original_ln_after: z.boolean().default(true),
  residual_before_ln: z.boolean().default(true),
  is_parallel: z.boolean().default(false),
  scaling: z.union([z.number(), z.enum(['learned', 'channel'])]).default(1),
  leave_out: z.array(z.int()).nullish(),
  ln_before: off,
  ln_after: off,
  use_gating: off,
  phm_layer: off,
  inv_adapter: off,
});

/** @throws FileError naming the field that is invalid or not supported */
export function readBottleneckForm(
  content: AdapterHubContent,
  { bidirectional }: Pick<LanguageModel, 'bidirectional'>,
): Pick<BottleneckSettings, 'form' | 'placement'> {
  const wrong = (field: string, problem: string) =>
    new FileError(configPath(content), `config.${field}`, problem);
  const settings = fileFields(settingsSchema, content.config.config, configPath(content), ['config']);
  if (!Object.hasOwn(activations, settings.non_linearity)) {
    const known = Object.keys(activations).join(', ');
    throw wrong('non_linearity', say`"${settings.non_linearity}" is not supported; expected one of ${known}`);
  }
  // The residual must be added exactly once: after the adapter, or before it to the adapter's input.
  const { is_parallel: isParallel, original_ln_before: before, original_ln_after: after } = settings;
  const within = !isParallel && before && !settings.residual_before_ln;
  if (after === within) {
    const times = after ? 'twice' : 'never';
    throw wrong(
      'original_ln_after',
      say`these values of original_ln_before and residual_before_ln add the model's residual
        ${times}, which is not supported`,
    );
  }
  if (within && bidirectional)
    throw wrong(
      'residual_before_ln',
      say`false puts the adapter after the model's own normalization, which is not supported`,
    );
  const reads = isParallel ? 'residual' : before ? 'sum' : 'output';
  return {
    form: { reads, nonLinearity: settings.non_linearity, scaling: settings.scaling },
    placement: {
      attention: settings.mh_adapter,
      crossAttention: settings.cross_adapter,
      feedForward: settings.output_adapter,
      leaveOut: settings.leave_out ?? [],
    },
  };
}

/**
 * The tensors of the adapters of `modules`, which must be all that the file holds. If the base model was saved without
 * its head, AdapterHub's names lack the model's prefix (`transformer.`).
 * @throws FileError for a tensor that is missing, has the wrong shape, or is unexpected
 */
export function readBottleneckTensors(
  files: AdapterHubContent,
  modules: Iterable<string>,
  { scaling }: BottleneckForm,
  hidden: number,
): TrainableTensors {
  const tensors: TrainableTensors = new Map();
  const read = new Set<string>();
  for (const module of modules) {
    const take = (part: string, shape: readonly (number | undefined)[]) => {
      const name = `${module}.${part}`;
      const nameInFile = files.tensors.has(name) ? name : name.replace(/^[^.]+\./, '');
      const tensor = files.tensors.get(nameInFile);
      const fits =
        tensor?.shape.length === shape.length &&
        shape.every((size, i) => size === undefined || size === tensor.shape[i]);
      if (!fits) throw tensorError(files, name, shape, tensor);
      tensors.set(name, tensor);
      read.add(nameInFile);
      return tensor;
    };
    const size = take(parts.down, [undefined, hidden]).shape[0];
    take(parts.downBias, [size]);
    take(parts.up, [hidden, size]);
    take(parts.upBias, [hidden]);
    if (typeof scaling === 'string') take(parts.scaling, [scaling === 'channel' ? hidden : 1]);
  }
  const foreign = [...files.tensors.keys()].find((name) => !read.has(name));
  if (foreign !== undefined)
    throw new FileError(
      weightsPath(files),
      foreign,
      say`the model and adapter_config.json have no use for this tensor; the adapter was made for
        another model (${baseModelOf(files) ?? say`not named`}), or with options that are not
        supported`,
      { code: 'incompatible' },
    );
  return tensors;
}
