/**
 * @file (IA)³ (Liu et al. 2022, arXiv:2205.05638): learned factors of the outputs of linear layers, l ∘ (Wx + b), and
 *   of
 *
 *    the inputs in the feed-forward, W(l ∘ x) + b.
 */

import * as z from 'zod';
import {
  type Adapter,
  type Combined,
  defineMethod,
  type Learner,
  type LearnerOptions,
} from '../attach/method.js';
import { FileError } from '../errors.js';
import { configPath, nameOf, type PeftContent } from '../formats/adapter-content.js';
import { divide, multiply, reshape, slice, type Value } from '../graph/index.js';
import type { LanguageModel } from '../models/model.js';
import type { LinearChange, LinearLayer, Weights } from '../models/weights.js';
import { say } from '../say.js';
import { float32Tensor, type TrainableTensors } from '../tensor.js';
import { weightedSum } from './parts/combine-tensors.js';
import { earlierContent, initAdapterOption, takeOver } from './parts/earlier-adapter.js';
import {
  layerAdapterConfig,
  layersOf,
  layerTensor,
  layerTensorName,
  refuseOtherLayers,
} from './parts/peft-layers.js';
import { configFields, refuseFields } from './parts/stored-config.js';
import { defaultTargets, endsWithTarget, targetLayers, targetModulesOption } from './parts/target-layers.js';

const schema = z.strictObject({
  targetModules: targetModulesOption,
  feedforwardModules: z
    .array(z.string())
    .optional()
    .describe("those whose input is scaled instead of their output (default: PEFT's for the family)"),
  initAdapter: initAdapterOption,
});

const part = 'ia3_l';

async function createLearner({
  model,
  config,
  files,
}: LearnerOptions<z.output<typeof schema>>): Promise<Learner> {
  const targets = config.targetModules ?? defaultTargets(model).ia3;
  const feedforward = config.feedforwardModules ?? defaultTargets(model).feedforward;
  const layers = targetLayers(model, targets);
  const tensors: TrainableTensors = new Map();
  for (const [name, layer] of layers) {
    const ones = float32Tensor(factorShape(layer, endsWithTarget(name, feedforward)));
    ones.data.fill(1);
    tensors.set(layerTensorName(name, part), ones);
  }
  const earlier = await earlierContent({ config, files });
  if (earlier) takeOver(tensors, earlier);
  return {
    ...ia3Adapter(tensors, layers, feedforward),
    initialization: earlier
      ? nameOf(earlier)
      : say`ones in ${layers.size} layer|layers (${[targets].flat().join(', ')}): the unchanged model`,
    content: () => ({
      form: 'peft',
      config: {
        ...layerAdapterConfig(model, 'IA3'),
        feedforward_modules: feedforward,
        target_modules: targets,
      },
      tensors,
    }),
  };
}

const factorShape = ({ inSize, outSize }: LinearLayer, scalesInput: boolean) =>
  scalesInput ? [1, inSize] : [outSize, 1];

function ia3Adapter(
  tensors: TrainableTensors,
  layers: ReadonlyMap<string, LinearLayer>,
  feedforward: readonly string[],
): Adapter {
  return {
    method: ia3.name,
    tensors,
    numVirtualTokens: 0,
    attach: (values) => ({
      linear: new Map(
        [...layers].map(([name, layer]) => {
          const factors = values.get(layerTensorName(name, part))!;
          return [
            name,
            endsWithTarget(name, feedforward) ? scaleInput(factors) : scaleOutput(factors, layer),
          ];
        }),
      ),
    }),
    rowChanges: async () => ({
      linear: new Map(
        [...layers.keys()].map((name) => {
          const { data } = tensors.get(layerTensorName(name, part))!;
          return [name, endsWithTarget(name, feedforward) ? { inputFactors: data } : { outputFactors: data }];
        }),
      ),
      subLayers: new Map(),
    }),
    merge: (values, weights) => mergedWeights(layers, feedforward, values, weights, multiply),
    unmerge: (values, weights) => mergedWeights(layers, feedforward, values, weights, divide),
  };
}

/** The weights multiplied or divided by l: columns if the input is scaled, else rows and bias. */
function mergedWeights(
  layers: ReadonlyMap<string, LinearLayer>,
  feedforward: readonly string[],
  values: ReadonlyMap<string, Value>,
  weights: Weights,
  apply: (a: Value, b: Value) => Value,
): ReadonlyMap<string, Value> {
  const merged = new Map<string, Value>();
  for (const [name, { inSize, outSize, layout }] of layers) {
    const factors = values.get(layerTensorName(name, part))!;
    const scalesInput = endsWithTarget(name, feedforward);
    const alongLast = scalesInput === (layout === 'out-in');
    const size = scalesInput ? inSize : outSize;
    const ofWeight = reshape(factors, alongLast ? [size] : [size, 1]);
    merged.set(`${name}.weight`, apply(weights.get(`${name}.weight`), ofWeight));
    if (!scalesInput && weights.has(`${name}.bias`))
      merged.set(`${name}.bias`, apply(weights.get(`${name}.bias`), reshape(factors, [size])));
  }
  return merged;
}

function scaleInput(factors: Value): LinearChange {
  return ({ input, compute }) => compute(multiply(input, factors));
}

function scaleOutput(factors: Value, { outSize }: LinearLayer): LinearChange {
  return ({ input, compute, columns = [0, outSize] }) =>
    multiply(compute(input), slice(reshape(factors, [outSize]), 0, ...columns));
}

const storedSchema = z.object({ feedforward_modules: z.union([z.array(z.string()), z.string()]).nullish() });

function load(files: PeftContent, model: LanguageModel): Adapter {
  const { feedforward_modules } = configFields(files, storedSchema);
  if (typeof feedforward_modules === 'string')
    throw new FileError(
      configPath(files),
      'feedforward_modules',
      say`a pattern is not supported; expected a list of names`,
    );
  const feedforward = feedforward_modules ?? [];
  const layers = layersOf(files, model, [part]);
  refuseFields(files, { modules_to_save: [] });
  refuseOtherLayers(files, layers.keys());
  const tensors: TrainableTensors = new Map();
  for (const [name, layer] of layers) {
    const shape = factorShape(layer, endsWithTarget(name, feedforward));
    tensors.set(layerTensorName(name, part), layerTensor(files, name, part, shape));
  }
  return ia3Adapter(tensors, layers, feedforward);
}

function average(files: readonly PeftContent[], weights: readonly number[]): Combined {
  const [first] = files;
  for (const file of files) refuseFields(file, { modules_to_save: [] });
  const scaled = (file: PeftContent) => `${file.config.feedforward_modules ?? ''}`;
  const tensors = weightedSum(files, weights);
  const other = files.find((file) => scaled(file) !== scaled(first!));
  if (!other) return { tensors };
  const problem = say`it scales other inputs than ${nameOf(first!)}`;
  throw new FileError(configPath(other), 'feedforward_modules', problem);
}

export const ia3 = defineMethod({
  name: 'ia3',
  summary: 'learned factors of the inputs or outputs of linear layers (Liu et al. 2022)',
  schema,
  defaultLearningRate: 0.003,
  suitsEncoders: true,
  createLearner,
  peftType: 'IA3',
  isInPeft: true,
  combining: { average },
  load,
});
