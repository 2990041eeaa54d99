/**
 * @file Bottleneck adapters: a small network after or beside a sub-layer. Where the model continues with x + f, f being
 *   the output of its attention or feed-forward, the adapter continues with x + f + s·(U φ(D h + b) + c). D [size,
 *   hidden] reads
 *
 * - h = f, after attention and feed-forward (Houlsby et al. 2019, arXiv:1902.00751);
 * - h = x + f, after the feed-forward only (Pfeiffer et al. 2020, arXiv:2005.00247), or LayerNorm(x + f) in a model
 *   that continues with that (BERT);
 * - h = x, beside the feed-forward (He et al. 2022, arXiv:2110.04366).
 *
 * U [hidden, size] starts at zero, so training starts from the unchanged model.
 */
import * as z from 'zod';
import { type Adapter, defineMethod, type Learner, type LearnerOptions } from '../attach/method.js';
import { type SubLayerRowChange, transposed } from '../attach/row-changes.js';
import { FileError, optionError } from '../errors.js';
import {
  type AdapterContent,
  type AdapterHubContent,
  configPath,
  nameOf,
} from '../formats/adapter-content.js';
import { activations, add, linear, multiply, type Value } from '../graph/index.js';
import type { LanguageModel } from '../models/model.js';
import type { SubLayerChange } from '../models/weights.js';
import { seededRandom } from '../random.js';
import { say } from '../say.js';
import { float32Tensor, type Tensor, type TrainableTensors } from '../tensor.js';
import {
  adapterModules,
  type BottleneckForm,
  bottleneckContent,
  parts,
  readBottleneckForm,
  readBottleneckTensors,
} from './parts/adapterhub-bottleneck.js';
import { earlierContent, initAdapterOption, takeOver } from './parts/earlier-adapter.js';
import { uniformTensor } from './parts/linear-start.js';

/** AdapterHub's double_seq_bn, seq_bn and par_bn, with its defaults. */
const kinds = {
  houlsby: { reads: 'output', placement: 'both', nonLinearity: 'swish', reductionFactor: 16, scaling: 1 },
  pfeiffer: {
    reads: 'sum',
    placement: 'feed-forward',
    nonLinearity: 'relu',
    reductionFactor: 16,
    scaling: 1,
  },
  parallel: {
    reads: 'residual',
    placement: 'feed-forward',
    nonLinearity: 'relu',
    reductionFactor: 2,
    scaling: 4,
  },
} as const;

const schema = z.strictObject({
  kind: z
    .enum(['houlsby', 'pfeiffer', 'parallel'])
    .default('pfeiffer')
    .describe(
      'whether the adapter reads the output of the sub-layer, its sum with the residual, or the residual only',
    ),
  placement: z
    .enum(['attention', 'feed-forward', 'both'])
    .optional()
    .describe('the sub-layers that get an adapter (default: both for houlsby, else feed-forward)'),
  crossAttention: z
    .boolean()
    .default(false)
    .describe('whether cross-attention gets an adapter too, in a model with an encoder'),
  reductionFactor: z
    .number()
    .positive()
    .optional()
    .describe('the bottleneck is this many times narrower than the model (default: 16, parallel 2)'),
  nonLinearity: z
    .enum(Object.keys(activations))
    .optional()
    .describe('the activation function in the bottleneck (default: relu, houlsby swish)'),
  scaling: z
    .union(
      [z.enum(['learned', 'channel']), z.coerce.number().positive()],
      'expected a number above 0, learned or channel',
    )
    .optional()
    .describe(
      'factor of the adapter: a number, learned (from 1 on), or channel, one learned per channel (default: 1, parallel 4)',
    ),
  leaveOut: z
    .array(z.int().nonnegative())
    .default([])
    .describe('indices of layers that get no adapter (default: none)'),
  initAdapter: initAdapterOption,
});

async function createLearner({
  model,
  config,
  seed,
  files,
}: LearnerOptions<z.output<typeof schema>>): Promise<Learner> {
  const { kind, crossAttention, leaveOut } = config;
  if (crossAttention && !model.encoder)
    throw optionError(
      'crossAttention',
      say`${model.name} has no encoder to attend to; leave the option out`,
      { code: 'unsupported' },
    );
  const { placement = kinds[kind].placement, reductionFactor = kinds[kind].reductionFactor } = config;
  const { nonLinearity = kinds[kind].nonLinearity, scaling = kinds[kind].scaling } = config;
  const form: BottleneckForm = { reads: kinds[kind].reads, nonLinearity, scaling };
  const settings = {
    form,
    placement: {
      attention: placement !== 'feed-forward',
      crossAttention,
      feedForward: placement !== 'attention',
      leaveOut: checkedLayers(leaveOut, model),
    },
    reductionFactor,
  };
  const modules = adapterModules(model, settings.placement);
  const { hiddenSize } = model.config;
  const size = bottleneckSize(hiddenSize, reductionFactor);
  const random = seededRandom(seed);
  const tensors: TrainableTensors = new Map();
  for (const module of modules.values()) {
    tensors.set(`${module}.${parts.down}`, uniformTensor([size, hiddenSize], hiddenSize, random));
    tensors.set(`${module}.${parts.downBias}`, float32Tensor([size]));
    tensors.set(`${module}.${parts.up}`, float32Tensor([hiddenSize, size]));
    tensors.set(`${module}.${parts.upBias}`, float32Tensor([hiddenSize]));
    if (typeof scaling === 'number') continue;
    const factors = float32Tensor([scaling === 'channel' ? hiddenSize : 1]);
    factors.data.fill(1);
    tensors.set(`${module}.${parts.scaling}`, factors);
  }
  const earlier = await earlierContent({ config, files });
  if (earlier) {
    takeOver(tensors, earlier);
    checkForm(earlier, form, model);
  }
  return {
    ...bottleneckOf(tensors, modules, form),
    initialization: earlier
      ? nameOf(earlier)
      : say`U = 0 in ${modules.size} bottlenecks of ${size} (${kind}): the unchanged model`,
    content: () => bottleneckContent(model, settings, tensors),
  };
}

/** @throws FileError where the earlier adapter does something else with the same tensors */
function checkForm(earlier: AdapterContent, form: BottleneckForm, model: LanguageModel): void {
  if (earlier.form !== 'adapterhub') return;
  const { form: found } = readBottleneckForm(earlier, model);
  const fields = { reads: 'original_ln_before', nonLinearity: 'non_linearity', scaling: 'scaling' } as const;
  for (const [key, field] of Object.entries(fields)) {
    const [theirs, ours] = [found, form].map((one) => one[key as keyof BottleneckForm]);
    if (theirs === ours) continue;
    const problem = say`it gives ${key} ${theirs}, and this run has ${ours}; give the options that the adapter was
      learned with`;
    throw new FileError(configPath(earlier), `config.${field}`, problem);
  }
}

function checkedLayers(leaveOut: readonly number[], { subLayers }: LanguageModel): readonly number[] {
  const numLayers = new Set([...subLayers.values()].map(({ layer }) => layer)).size;
  const beyond = leaveOut.find((layer) => layer >= numLayers);
  if (beyond !== undefined)
    throw optionError('leaveOut', say`there is no layer ${beyond}; expected 0 to ${numLayers - 1}`);
  if (new Set(leaveOut).size === numLayers)
    throw optionError('leaveOut', say`this leaves out all layers, so nothing would be trained`);
  return leaveOut;
}

/** AdapterHub's int(hidden // factor) or 1. Python's // uses the exact remainder, which a rounded division loses. */
function bottleneckSize(hidden: number, factor: number): number {
  return Math.max(1, Math.round((hidden - (hidden % factor)) / factor));
}

/** @param modules sub-layer → the module that names its adapter's tensors */
function bottleneckOf(
  tensors: TrainableTensors,
  modules: ReadonlyMap<string, string>,
  form: BottleneckForm,
): Adapter {
  return {
    method: bottleneckAdapter.name,
    tensors,
    numVirtualTokens: 0,
    attach: (values) => ({
      subLayers: new Map(
        [...modules].map(([name, module]) => [
          name,
          changeOf(form, (part) => values.get(`${module}.${part}`)!),
        ]),
      ),
    }),
    rowChanges: async () => ({
      linear: new Map(),
      subLayers: new Map(
        [...modules].map(([name, module]) => [
          name,
          rowChangeOf(form, (part) => tensors.get(`${module}.${part}`)!),
        ]),
      ),
    }),
  };
}

/** The same as numbers, with s in U and c. */
function rowChangeOf(
  { reads, nonLinearity, scaling }: BottleneckForm,
  tensor: (part: string) => Tensor<'float32'>,
): SubLayerRowChange {
  const [down, up] = [tensor(parts.down), tensor(parts.up)];
  const [hidden, size] = up.shape as [number, number];
  const factors = typeof scaling === 'number' ? Float32Array.of(scaling) : tensor(parts.scaling).data;
  const scaled = (line: Float32Array) => line.map((value, i) => value * factors[i % factors.length]!);
  return {
    ...{ reads, nonLinearity, down: down.data, downBias: tensor(parts.downBias).data },
    up: scaled(transposed(up.data, hidden, size)),
    upBias: scaled(tensor(parts.upBias).data),
  };
}

/** x + f + s·(U φ(D h + b) + c), with tensors from `tensor`. */
function changeOf(
  { reads, nonLinearity, scaling }: BottleneckForm,
  tensor: (part: string) => Value,
): SubLayerChange {
  const activation = activations[nonLinearity]!;
  return ({ output, residual, normalize = (sum) => sum }) => {
    const sum = add(residual, output);
    const h = { output, sum: normalize(sum), residual }[reads]; // unread ones are never emitted
    const inner = activation(
      linear(h, tensor(parts.down), tensor(parts.downBias), { transposeWeight: true }),
    );
    const change = linear(inner, tensor(parts.up), tensor(parts.upBias), { transposeWeight: true });
    return add(sum, multiply(change, typeof scaling === 'number' ? scaling : tensor(parts.scaling)));
  };
}

function loadAdapterHub(files: AdapterHubContent, model: LanguageModel): Adapter {
  const { form, placement } = readBottleneckForm(files, model);
  const modules = adapterModules(model, placement);
  const tensors = readBottleneckTensors(files, modules.values(), form, model.config.hiddenSize);
  return bottleneckOf(tensors, modules, form);
}

export const bottleneckAdapter = defineMethod({
  name: 'bottleneck-adapter',
  summary: 'small networks after or beside attention and feed-forward (Houlsby et al. 2019)',
  schema,
  defaultLearningRate: 3e-3,
  suitsEncoders: true,
  createLearner,
  adapterHubArchitecture: 'bottleneck',
  loadAdapterHub,
});
