/**
 * @file The graphs of generation: the cache entries of a learned prompt, and a step of one or more tokens from a cache.
 */

import { type AdaptedModel, adaptModel, decoderPast, runEncoder } from '../attach/adapted-model.js';
import { forwardLate, type LateRows } from '../attach/late-rows.js';
import type { Adapter } from '../attach/method.js';
import { queriesDim } from '../attach/text-inputs.js';
import {
  constant,
  expand,
  input,
  iota,
  logSumExp,
  multiplyDims,
  type OnnxGraph,
  reshape,
  scalar,
  toOnnx,
  topK,
  type Value,
} from '../graph/index.js';
import { logitsOf, type VocabularyHead } from '../models/head.js';
import type { EncoderOutput, LanguageModel, ModelConfig } from '../models/model.js';
import { cacheMaskName, cachePositionsName } from '../runtime/cache-names.js';
import { type Device, onnxOptionsFor } from '../runtime/device.js';
import { int64Tensor } from '../tensor.js';
import { newKeyValues, stepCache } from './step-cache.js';

/** Names of the cross-attention inputs of an encoder-decoder: a layer's tensors, and their mask. */
export const crossNames = (layer: number) => ({ key: `cross_key_${layer}`, value: `cross_value_${layer}` });
export const crossMaskName = 'cross_mask';

/** Names of the output scores: of all tokens, or of the best ones with their ids. */
export const scoreNames = {
  all: ['logits', 'log_sum_exp'],
  best: ['best_logits', 'best_ids', 'log_sum_exp'],
} as const;

/**
 * What precedes the first step and is computed only once: the keys and values of a learned prompt at every layer,
 * [1, heads, P, headDim], and the scores of a text's first token if the prompt predicts it. Undefined if there is
 * nothing.
 *
 * With an encoder, the outputs also include the cross-attention tensors (`cross_…`, one row per text) of the texts in
 * the inputs of `runEncoder`.
 */
export function promptGraph(
  model: LanguageModel,
  adapter: Adapter | undefined,
  device?: Device,
): OnnxGraph | undefined {
  const options = onnxOptionsFor(device);
  const adapted = adaptModel(model, adapter);
  if (model.encoder) {
    const encoderOutput = runEncoder(model, model.encoder, adapted);
    const keyValues = newKeyValues(decoderPast(model, adapted, encoderOutput) ?? []);
    return toOnnx({ ...crossOutputs(encoderOutput), ...keyValues }, options);
  }
  const { past, pastFrom = 0, promptEnd, weights } = adapted;
  if (!past) return undefined;
  // Layers that do not see the prompt have room for it too, since a row has as many positions in all layers.
  const unseen = Array.from({ length: pastFrom }, () => {
    const empty = expand(scalar(0, 'float32'), past[0]!.key.shape);
    return { key: empty, value: empty };
  });
  const scores = promptEnd && nextTokenScores(promptEnd, model.head(weights));
  return toOnnx({ ...newKeyValues([...unseen, ...past]), ...scores }, options);
}

function crossOutputs({ keyValues, mask }: EncoderOutput): Record<string, Value> {
  const ofLayers = keyValues.flatMap(({ key, value }, layer) => {
    const names = crossNames(layer);
    return [
      [names.key, key],
      [names.value, value],
    ] as const;
  });
  return { [crossMaskName]: mask, ...Object.fromEntries(ofLayers) };
}

/** The cross-attention tensors as inputs. */
function crossInputs({ numLayers, numKeyValueHeads: numHeads, headDim }: ModelConfig): EncoderOutput {
  const part = (name: string) => input(name, 'float32', ['batch', numHeads, 'encoder_length', headDim]);
  return {
    keyValues: Array.from({ length: numLayers }, (_, layer) => ({
      key: part(crossNames(layer).key),
      value: part(crossNames(layer).value),
    })),
    mask: input(crossMaskName, 'float32', ['batch', 1, 1, 'encoder_length']),
  };
}

/** What a step needs of an adapted model. */
export interface StepModel extends Pick<AdaptedModel, 'weights' | 'embed'> {
  /** If rows have prompts that enter at later layers. */
  readonly late?: LateRows;
}

/** Steps of rows that all have the same adapter. */
export function stepModel(model: LanguageModel, adapter: Adapter | undefined): StepModel {
  const { weights, embed, pastFrom, numVirtualTokens } = adaptModel(model, adapter);
  if (!pastFrom) return { weights, embed };
  const [ofRows, lengths] = [pastFrom, numVirtualTokens].map((of) => constant(int64Tensor([1], [of])));
  return { weights, embed, late: { layers: [pastFrom], ofRows: ofRows!, lengths: lengths! } };
}

/**
 * One step from a cache. Inputs: `input_ids` and `positions` [batch, length], `last_positions` [batch, queries]
 * (indices of the tokens of each row whose scores are wanted, mostly its last one), `cache_mask` [batch, 1, 1,
 * capacity], the cache's keys and values (see `stepCache`), cross-attention tensors with an encoder, and `candidates`
 * [1]. Outputs: the scores after those tokens [batch * queries, …], of all tokens and of the best `candidates`, of
 * which a run fetches what it needs; and what becomes of the new keys and values.
 *
 * @param adapted the weights with the changes of adapters. What adapters put before a text is in the cache.
 */
export function decodeGraph(model: LanguageModel, adapted: StepModel, device?: Device): OnnxGraph {
  const { weights, embed, late } = adapted;
  const ids = input('input_ids', 'int64', ['batch', 'length']);
  const cache = stepCache(model.config, device);
  const stream = {
    embeddings: embed(reshape(ids, [multiplyDims('batch', 'length')])),
    batch: 'batch',
    length: 'length',
    positions: input(cachePositionsName, 'int64', ['batch', 'length']),
    cache: { layers: cache.layers, mask: input(cacheMaskName, 'float32', ['batch', 1, 1, 'capacity']) },
    encoderOutput: model.encoder && crossInputs(model.config),
    outputs: {
      queryPositions: input('last_positions', 'int64', ['batch', queriesDim]),
      rows: iota(multiplyDims('batch', queriesDim)),
    },
  };
  const { hidden, keyValues } = late
    ? forwardLate(model, weights, stream, late)
    : model.forward(weights, stream);
  const scores = nextTokenScores(hidden, model.head(weights));
  const candidates = { value: input('candidates', 'int64', [1]), symbol: 'candidates' };
  const best = topK(scores.logits, candidates);
  // The cache comes first: onnxruntime-node (1.30.0) takes the place of an output among those that a run asks for, all
  // of the cache and some of the scores, for its place in the graph, where it looks up whether it stays on the device.
  const outputs = {
    ...cache.outputs(keyValues),
    ...scores,
    best_logits: best.values,
    best_ids: best.indices,
  };
  return toOnnx(outputs, onnxOptionsFor(device));
}

function nextTokenScores(hidden: Value, head: VocabularyHead) {
  const logits = logitsOf(hidden, head);
  return { logits, log_sum_exp: logSumExp(logits) };
}
