/**
 * @file LoRA (Hu et al. 2021, arXiv:2106.09685): y = Wx + s·BAx with A [r, in] and B [out, r] trained; s = alpha/r, or
 *   alpha/√r for rsLoRA (Kalajdzievski 2023, arXiv:2312.03732). DoRA (Liu et al. 2024, arXiv:2402.09353) also trains
 *   the norm m of every row: y = m/‖W + s·BA‖ ∘ (Wx + s·BAx).
 */

import * as z from 'zod';
import { type Adapter, defineMethod, type Learner, type LearnerOptions } from '../attach/method.js';
import { type LinearRowChange, nestRowChanges, type RowChanges, transposed } from '../attach/row-changes.js';
import { FileError, optionError, UsageError } from '../errors.js';
import { configPath, expectPeft, nameOf, type PeftContent } from '../formats/adapter-content.js';
import {
  add,
  detach,
  divide,
  matmul,
  multiply,
  reduceSum,
  reshape,
  slice,
  sqrt,
  subtract,
  transpose,
  type Value,
} from '../graph/index.js';
import type { LanguageModel } from '../models/model.js';
import type { LinearChange, LinearLayer, Weights } from '../models/weights.js';
import { seededRandom } from '../random.js';
import { say } from '../say.js';
import { float32Tensor, type TrainableTensors } from '../tensor.js';
import { sumOfLoras } from './parts/combine-loras.js';
import { compute, computeAll } from './parts/compute.js';
import { earlierContent, initAdapterOption, takeOver } from './parts/earlier-adapter.js';
import { uniformTensor } from './parts/linear-start.js';
import { loraFields, scaleOf } from './parts/lora-fields.js';
import { byPattern, inOption } from './parts/name-patterns.js';
import {
  layerAdapterConfig,
  layersOf,
  layerTensor,
  layerTensorName,
  refuseOtherLayers,
} from './parts/peft-layers.js';
import { defaultTargets, targetLayers, targetModulesOption } from './parts/target-layers.js';

const schema = z.strictObject({
  r: z.int().positive().default(8).describe('rank of the update BA, with A [r, in] and B [out, r]'),
  loraAlpha: z.number().positive().default(8).describe('the update BA is scaled by alpha / r'),
  targetModules: targetModulesOption,
  layersToTransform: z
    .array(z.int().nonnegative())
    .min(1)
    .optional()
    .describe('indices of the layers to change (default: all)'),
  rankPattern: z
    .record(z.string(), z.int().positive())
    .default({})
    .describe('ranks of layers whose name ends with the key, a regular expression'),
  alphaPattern: z.record(z.string(), z.number().positive()).default({}).describe('alphas, in the same way'),
  useRslora: z.boolean().default(false).describe('scale by alpha / √r instead (Kalajdzievski 2023)'),
  useDora: z
    .boolean()
    .default(false)
    .describe("also learn the norms of the weights' rows (DoRA, Liu et al. 2024)"),
  initAdapter: initAdapterOption,
});
type LoraConfig = z.output<typeof schema>;

const parts = { a: 'lora_A.weight', b: 'lora_B.weight', magnitude: 'lora_magnitude_vector' } as const;
/** DoRA's m/‖W + s·BA‖ [out], which is in no file. */
const factorsPart = 'dora_factors';

/** A changed layer: its shape, and s. */
interface Change {
  readonly layer: LinearLayer;
  readonly scale: number;
}

async function createLearner({ model, config, seed, files }: LearnerOptions<LoraConfig>): Promise<Learner> {
  const layers = chosenLayers(model, config);
  const random = seededRandom(seed);
  const tensors: TrainableTensors = new Map();
  const changes = new Map<string, Change>();
  const rankOf = byPattern(config.rankPattern, config.r, inOption('rankPattern'));
  const alphaOf = byPattern(config.alphaPattern, config.loraAlpha, inOption('alphaPattern'));
  for (const [name, layer] of layers) {
    const rank = rankOf(name);
    changes.set(name, { layer, scale: scaleOf(alphaOf(name), rank, config.useRslora) });
    tensors.set(layerTensorName(name, parts.a), uniformTensor([rank, layer.inSize], layer.inSize, random));
    tensors.set(layerTensorName(name, parts.b), float32Tensor([layer.outSize, rank]));
    if (config.useDora)
      tensors.set(layerTensorName(name, parts.magnitude), await rowLengths(model, name, layer));
  }
  const earlier = await earlierContent({ config, files });
  if (earlier) {
    takeOver(tensors, earlier);
    checkScales(expectPeft(earlier), changes);
  }
  const targets = config.targetModules ?? defaultTargets(model).lora;
  return {
    ...loraAdapter(tensors, changes, model),
    initialization: earlier
      ? nameOf(earlier)
      : say`B = 0 in ${layers.size} layer|layers (${[targets].flat().join(', ')}): the unchanged model`,
    content: () => ({
      form: 'peft',
      config: {
        ...layerAdapterConfig(model, 'LORA'),
        alpha_pattern: config.alphaPattern,
        bias: 'none',
        layers_to_transform: config.layersToTransform ?? null,
        lora_alpha: config.loraAlpha,
        lora_dropout: 0,
        r: config.r,
        rank_pattern: config.rankPattern,
        target_modules: targets,
        use_dora: config.useDora,
        use_rslora: config.useRslora,
      },
      tensors,
    }),
  };
}

/** @throws FileError where the earlier adapter's change is multiplied by another number, so that it would be another */
function checkScales(files: PeftContent, changes: ReadonlyMap<string, Change>): void {
  // The head that an earlier adapter may have is taken over apart from it.
  const earlierFields = loraFields({ ...files, config: { ...files.config, modules_to_save: null } });
  for (const [name, { scale }] of changes) {
    const rank = files.tensors.get(layerTensorName(name, parts.a))!.shape[0]!;
    const earlier = earlierFields.scaleOf(name, rank);
    if (earlier === scale) continue;
    const problem = say`it multiplies the change of ${name} by ${earlier}, and this run by ${scale}`;
    throw new FileError(
      configPath(files),
      'lora_alpha',
      say`${problem}; give the options that the adapter was learned with`,
    );
  }
}

function chosenLayers(model: LanguageModel, { targetModules, layersToTransform }: LoraConfig) {
  const layers = targetLayers(model, targetModules ?? defaultTargets(model).lora);
  if (!layersToTransform) return layers;
  const { numLayers } = model.config;
  const beyond = layersToTransform.find((layer) => layer >= numLayers);
  if (beyond !== undefined)
    throw optionError('layersToTransform', say`there is no layer ${beyond}; expected 0 to ${numLayers - 1}`);
  return new Map(
    [...layers].filter(([name]) => layersToTransform.includes(Number(/\.(\d+)\./.exec(name)?.[1]))),
  );
}

function loraAdapter(
  tensors: TrainableTensors,
  changes: ReadonlyMap<string, Change>,
  model: LanguageModel,
): Adapter {
  const hasMagnitudes = [...changes.keys()].some((name) =>
    tensors.has(layerTensorName(name, parts.magnitude)),
  );
  return {
    method: lora.name,
    tensors,
    numVirtualTokens: 0,
    attach: (values) => ({
      linear: new Map([...changes].map(([name, change]) => [name, changeOf(name, change, values)])),
    }),
    rowChanges: () => rowChangesOf(tensors, changes, model),
    ...(hasMagnitudes && { derived: () => doraFactors(tensors, changes, model) }),
    merge: (values, weights) => mergedWeights(changes, values, weights, 1),
    // Merged weights do not tell the norms that DoRA's rows had before they became m.
    ...(!hasMagnitudes && {
      unmerge: (values: ReadonlyMap<string, Value>, weights: Weights) =>
        mergedWeights(changes, values, weights, -1),
    }),
  };
}

/** W ± s·BA. With DoRA, its rows then get the norms m. */
function mergedWeights(
  changes: ReadonlyMap<string, Change>,
  values: ReadonlyMap<string, Value>,
  weights: Weights,
  sign: 1 | -1,
): ReadonlyMap<string, Value> {
  const merged = new Map<string, Value>();
  for (const [name, { layer, scale }] of changes) {
    const [a, b, magnitude] = [parts.a, parts.b, parts.magnitude].map((part) =>
      values.get(layerTensorName(name, part)),
    );
    const alpha = sign * scale;
    const inFirst = layer.layout === 'in-out';
    const delta = inFirst
      ? matmul(a!, b!, { transposeA: true, transposeB: true, alpha })
      : matmul(b!, a!, { alpha });
    const changed = add(weights.get(`${name}.weight`), delta);
    merged.set(`${name}.weight`, magnitude ? withLengths(changed, magnitude, layer) : changed);
  }
  return merged;
}

/** Rescales the rows of a weight (its columns in layout [in, out]) to the norms `lengths` [out]. */
function withLengths(weight: Value, lengths: Value, { layout, outSize }: LinearLayer): Value {
  const alongIn = layout === 'in-out' ? 0 : 1;
  const factor = divide(lengths, sqrt(reduceSum(multiply(weight, weight), { axes: [alongIn] })));
  return multiply(weight, alongIn === 0 ? factor : reshape(factor, [outSize, 1]));
}

/** One layer's output for rows x [n, in], or the part of it in `columns`. */
function changeOf(name: string, { layer, scale }: Change, values: ReadonlyMap<string, Value>): LinearChange {
  const [a, b, magnitude] = [parts.a, parts.b, parts.magnitude].map((part) =>
    values.get(layerTensorName(name, part)),
  );
  return ({ input, compute, columns = [0, layer.outSize], weight, bias }) => {
    const base = compute(input);
    const reduced = matmul(input, a!, { transposeB: true });
    const delta = matmul(reduced, slice(b!, 0, ...columns), { transposeB: true, alpha: scale });
    if (!magnitude) return add(base, delta);
    const known = values.get(layerTensorName(name, factorsPart));
    const factors = known ?? divide(magnitude, detach(sqrt(changedLengths(weight, a!, b!, layer, scale))));
    const factor = slice(factors, 0, ...columns);
    if (!bias) return multiply(factor, add(base, delta));
    const partBias = slice(bias, 0, ...columns);
    return add(multiply(factor, add(subtract(base, partBias), delta)), partBias);
  };
}

/**
 * ‖W + s·BA‖² of every output row, [out], without the product BA:
 * ‖w‖² + 2s·(Aw)·b + s²·b(AAᵀ)b for a row w of W and its row b of B. The first term does not depend on trained tensors,
 * so ONNX Runtime computes it once, when the session is made.
 */
function changedLengths(weight: Value, a: Value, b: Value, { layout }: LinearLayer, scale: number): Value {
  const alongIn = layout === 'in-out' ? 0 : 1;
  const squares = reduceSum(multiply(weight, weight), { axes: [alongIn] });
  const products = transpose(matmul(a, weight, { transposeB: layout === 'out-in' }), [1, 0]); // [out, r]
  const both = reduceSum(multiply(products, b), { axes: [1] });
  const gram = matmul(a, a, { transposeB: true });
  const changes = reduceSum(multiply(matmul(b, gram), b), { axes: [1] });
  return add(squares, add(multiply(both, 2 * scale), multiply(changes, scale ** 2)));
}

/**
 * The changes as numbers: B with s in it. With DoRA's factors f = m/‖W + s·BA‖, which are computed here once,
 * y = f ∘ (Wx + s·BAx) + bias is f ∘ (Wx + bias) + (f ∘ s·B)Ax + (1 - f) ∘ bias.
 */
async function rowChangesOf(
  tensors: TrainableTensors,
  changes: ReadonlyMap<string, Change>,
  model: LanguageModel,
): Promise<RowChanges> {
  const part = (name: string, which: string) => tensors.get(layerTensorName(name, which));
  const factors = await doraFactors(tensors, changes, model);
  const weights = model.weights();
  const biases = await computeAll(
    factors,
    (values) => {
      const results = new Map<string, Value>();
      for (const name of changes.keys()) {
        const own = values.get(layerTensorName(name, factorsPart));
        if (!own || !weights.has(`${name}.bias`)) continue;
        const bias = weights.get(`${name}.bias`);
        results.set(name, subtract(bias, multiply(own, bias)));
      }
      return results;
    },
    model,
  );
  const linear = new Map<string, LinearRowChange>();
  for (const [name, { layer, scale }] of changes) {
    const [a, b] = [part(name, parts.a)!, part(name, parts.b)!];
    const plain = { down: a.data, up: transposed(b.data, layer.outSize, a.shape[0]!, scale) };
    const outputFactors = factors.get(layerTensorName(name, factorsPart))?.data;
    const bias = biases.get(name)?.data;
    linear.set(name, outputFactors ? nestRowChanges(plain, { outputFactors, bias }) : plain);
  }
  return { linear, subLayers: new Map() };
}

/** m/‖W + s·BA‖ [out] of every layer with DoRA. */
function doraFactors(
  tensors: TrainableTensors,
  changes: ReadonlyMap<string, Change>,
  model: LanguageModel,
): Promise<TrainableTensors> {
  const build = (values: ReadonlyMap<string, Value>) => {
    const weights = model.weights();
    const factors = new Map<string, Value>();
    for (const [name, { layer, scale }] of changes) {
      const [a, b, magnitude] = [parts.a, parts.b, parts.magnitude].map((which) =>
        values.get(layerTensorName(name, which)),
      );
      if (!magnitude) continue;
      const lengths = sqrt(changedLengths(weights.get(`${name}.weight`), a!, b!, layer, scale));
      factors.set(layerTensorName(name, factorsPart), divide(magnitude, lengths));
    }
    return factors;
  };
  return computeAll(tensors, build, model);
}

/** The norms [out] of the rows of a frozen weight: the initial m of DoRA. */
function rowLengths(model: LanguageModel, name: string, { layout }: LinearLayer) {
  const build = () => {
    const weight = model.weights().get(`${name}.weight`);
    return sqrt(reduceSum(multiply(weight, weight), { axes: [layout === 'in-out' ? 0 : 1] }));
  };
  return compute(new Map(), build, model);
}

/**
 * A [r, in], B [out, r] and s of every layer that a LoRA's files change.
 * @throws FileError as loading them does; UsageError for DoRA, whose change is no product of two matrices
 */
export function* loraChanges(files: PeftContent, model: LanguageModel) {
  const { scaleOf, useDora } = loraFields(files);
  if (useDora)
    throw new UsageError(say`DoRA scales rows of the changed weight; a plain LoRA cannot hold that`, {
      code: 'unsupported',
    });
  const layers = layersOf(files, model, [parts.a, parts.b]);
  refuseOtherLayers(files, layers.keys());
  for (const [name, layer] of layers) {
    const a = layerTensor(files, name, parts.a, [undefined, layer.inSize]);
    const b = layerTensor(files, name, parts.b, [layer.outSize, a.shape[0]!]);
    yield { name, a, b, scale: scaleOf(name, a.shape[0]!) };
  }
}

function load(files: PeftContent, model: LanguageModel): Adapter {
  const config = loraFields(files);
  const tensors: TrainableTensors = new Map();
  const changes = new Map<string, Change>();
  const layers = layersOf(files, model, Object.values(parts));
  refuseOtherLayers(files, layers.keys());
  for (const [name, layer] of layers) {
    const a = layerTensor(files, name, parts.a, [undefined, layer.inSize]);
    const rank = a.shape[0]!;
    tensors.set(layerTensorName(name, parts.a), a);
    tensors.set(layerTensorName(name, parts.b), layerTensor(files, name, parts.b, [layer.outSize, rank]));
    if (config.useDora || files.tensors.has(layerTensorName(name, parts.magnitude))) {
      if (!config.useDora)
        throw new FileError(
          configPath(files),
          'use_dora',
          say`expected true, since the file has the magnitudes of DoRA`,
        );
      tensors.set(
        layerTensorName(name, parts.magnitude),
        layerTensor(files, name, parts.magnitude, [layer.outSize]),
      );
    }
    changes.set(name, { layer, scale: config.scaleOf(name, rank) });
  }
  return loraAdapter(tensors, changes, model);
}

export const lora = defineMethod({
  name: 'lora',
  summary: 'low-rank updates of linear layers, with rsLoRA and DoRA (Hu et al. 2021)',
  schema,
  defaultLearningRate: 2e-3, // see bench/studies/defaults.md
  learningRateWidth: 576,
  combinedLearningRate: 3e-4, // so that earlier versions' runs of several methods resume as they began
  suitsEncoders: true,
  createLearner,
  peftType: 'LORA',
  isInPeft: true,
  combining: { average: sumOfLoras },
  load,
});
