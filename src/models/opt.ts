/**
 * @file OPT (Zhang et al. 2022, arXiv:2205.01068): learned positions that start at row 2, and normalization before or
 *   after each sub-layer.
 */
import * as z from 'zod';
import { add, gather, layerNorm, scalar, scope, type Value } from '../graph/index.js';
import { say } from '../say.js';
import { fileFields } from '../schema-problems.js';
import type { KeyValue } from './attention.js';
import { activationNamed, divided, layerCount, size } from './config-fields.js';
import { describeLayers, LayerInGraph, type LayerParts } from './layer-parts.js';
import { layersOf, type ModelConfig, type ModelFamily, type Stream, type StreamOutput } from './model.js';
import { type AttentionViews, selfAttention, viewsOf } from './self-attention.js';
import { withPositions } from './unpadded.js';
import type { Weights } from './weights.js';

const embeddingName = 'model.decoder.embed_tokens.weight';
const headName = 'lm_head.weight';
const positionsName = 'model.decoder.embed_positions.weight';
const lastNormName = 'model.decoder.final_layer_norm';
const layerPath = (layer: number) => `model.decoder.layers.${layer}`;
/** The first rows of the position table are unused. */
const firstPosition = 2;
const epsilon = 1e-5;

interface OptConfig extends ModelConfig {
  readonly innerSize: number;
  readonly activation: (x: Value) => Value;
  /** Whether a sub-layer's input is normalized, or its output with the residual (opt-350m). */
  readonly normalizesBefore: boolean;
  readonly lastNorm: boolean;
  readonly bias: boolean;
  readonly tiedHead: boolean;
}

const schema = z.object({
  vocab_size: size,
  hidden_size: size,
  ffn_dim: size,
  num_hidden_layers: layerCount,
  num_attention_heads: size,
  max_position_embeddings: size.default(2048),
  activation_function: z.string().default('relu'),
  do_layer_norm_before: z.boolean().default(true),
  _remove_final_layer_norm: z.boolean().default(false),
  layer_norm_elementwise_affine: z
    .literal(true, 'normalization without weights is not supported')
    .default(true),
  enable_bias: z.boolean().default(true),
  word_embed_proj_dim: size.nullish(),
  tie_word_embeddings: z.boolean().default(true),
});

function parseConfig(raw: Record<string, unknown>, path: string): OptConfig {
  const fields = fileFields(
    schema.refine(({ word_embed_proj_dim: own, hidden_size: hidden }) => !own || own === hidden, {
      path: ['word_embed_proj_dim'],
      error: () => say`embeddings narrower or wider than the layers (as in opt-350m) are not supported`,
    }),
    raw,
    path,
  );
  const { hidden_size: hiddenSize, num_attention_heads: numHeads } = fields;
  return {
    modelType: 'opt',
    vocabSize: fields.vocab_size,
    hiddenSize,
    numLayers: fields.num_hidden_layers,
    numAttentionHeads: numHeads,
    numKeyValueHeads: numHeads,
    headDim: divided(path, ['hidden_size', hiddenSize], ['num_attention_heads', numHeads]),
    maxPositions: fields.max_position_embeddings,
    innerSize: fields.ffn_dim,
    activation: activationNamed(fields.activation_function, path, 'activation_function'),
    normalizesBefore: fields.do_layer_norm_before,
    lastNorm: fields.do_layer_norm_before && !fields._remove_final_layer_norm,
    bias: fields.enable_bias,
    tiedHead: fields.tie_word_embeddings,
  };
}

function partsOf({ hiddenSize, innerSize, bias }: OptConfig): LayerParts {
  const linear = (inSize: number, outSize: number) => ({ inSize, outSize, bias });
  const norm = { size: hiddenSize, bias: true };
  return {
    attention: 'self_attn',
    feedForward: 'fc2',
    linear: {
      'self_attn.q_proj': linear(hiddenSize, hiddenSize),
      'self_attn.k_proj': linear(hiddenSize, hiddenSize),
      'self_attn.v_proj': linear(hiddenSize, hiddenSize),
      'self_attn.out_proj': linear(hiddenSize, hiddenSize),
      fc1: linear(hiddenSize, innerSize),
      fc2: linear(innerSize, hiddenSize),
    },
    norms: { self_attn_layer_norm: norm, final_layer_norm: norm },
  };
}

/** One layer's view of the model: what its sub-layers need. */
interface Layer {
  readonly index: number;
  readonly config: OptConfig;
  readonly stream: Stream;
  readonly views: AttentionViews;
  readonly parts: LayerInGraph;
}

function forward(config: OptConfig, weights: Weights, stream: Stream): StreamOutput {
  const views = viewsOf(stream, {}, config);
  const parts = partsOf(config);
  const { indices, entersFirst, leavesLast } = layersOf(stream, config);
  const places = add(stream.positions, scalar(firstPosition, 'int64'));
  let hidden = entersFirst ? withPositions(stream, weights.get(positionsName), places) : stream.embeddings;
  const keyValues: KeyValue[] = [];
  for (const index of indices) {
    const own = new LayerInGraph(weights, layerPath(index), parts);
    const layer: Layer = { index, config, stream, views, parts: own };
    hidden = scope(`layers.${index}`, () => {
      const attention = scope('self_attn', () => attentionSubLayer(layer, hidden));
      keyValues.push(attention.keyValue);
      return scope('mlp', () => feedForwardSubLayer(layer, attention.output));
    });
  }
  if (!leavesLast || !config.lastNorm) return { hidden, keyValues };
  const [weight, bias] = ['weight', 'bias'].map((part) => weights.get(`${lastNormName}.${part}`));
  return { hidden: scope('norm', () => layerNorm(hidden, weight!, bias!, epsilon)), keyValues };
}

/** x + out_proj(attention(norm(x))), or norm(x + …(x)); in the last layer, for the output rows only. */
function attentionSubLayer(layer: Layer, hidden: Value): { output: Value; keyValue: KeyValue } {
  const { config, index, stream, views, parts } = layer;
  const [x, after] = norms(layer, 'self_attn_layer_norm', hidden);
  const { rows, keyValue, outputRows } = selfAttention({
    stream,
    config,
    layer: index,
    views,
    scoring: { scale: config.headDim ** -0.5 },
    queriesKeysValues: (queryRows) => ({
      query: parts.linear('self_attn.q_proj', queryRows ? gather(x, queryRows) : x),
      key: parts.linear('self_attn.k_proj', x),
      value: parts.linear('self_attn.v_proj', x),
    }),
  });
  const output = parts.linear('self_attn.out_proj', rows);
  const use = { output, residual: outputRows(hidden) };
  return { output: after(parts.addSubLayer('self_attn', use)), keyValue };
}

/** x + fc2(activation(fc1(norm(x)))), or norm(x + …(x)) */
function feedForwardSubLayer(layer: Layer, hidden: Value): Value {
  const { config, parts } = layer;
  const [input, after] = norms(layer, 'final_layer_norm', hidden);
  const output = parts.linear('fc2', config.activation(parts.linear('fc1', input)));
  return after(parts.addSubLayer('fc2', { output, residual: hidden }));
}

/** The normalizations of a sub-layer: of its input, and of its sum with the residual. */
function norms(
  { config, parts }: Layer,
  part: string,
  x: Value,
): [input: Value, after: (sum: Value) => Value] {
  const norm = (rows: Value) => parts.layerNorm(part, rows, epsilon);
  return config.normalizesBefore ? [norm(x), (sum) => sum] : [x, norm];
}

export const opt: ModelFamily = {
  modelTypes: ['opt'],
  prefix: 'model.',
  configure: (raw, path) => {
    const config = parseConfig(raw, path);
    const { vocabSize, hiddenSize, maxPositions, numLayers } = config;
    const paths = Array.from({ length: numLayers }, (_, layer) => layerPath(layer));
    const { parameters, ...layers } = describeLayers(paths, partsOf(config));
    parameters.set(embeddingName, [vocabSize, hiddenSize]);
    parameters.set(positionsName, [maxPositions + firstPosition, hiddenSize]);
    if (config.lastNorm)
      parameters.set(`${lastNormName}.weight`, [hiddenSize]).set(`${lastNormName}.bias`, [hiddenSize]);
    if (!config.tiedHead) parameters.set(headName, [vocabSize, hiddenSize]);
    return {
      config,
      parameters,
      ...(config.tiedHead && { tiedHead: headName }),
      ...layers,
      embeddingName,
      embed: (weights, ids) => gather(weights.get(embeddingName), ids),
      forward: (weights, stream) => forward(config, weights, stream),
      head: (weights) => ({ weight: weights.getFirst(headName, embeddingName) }),
    };
  },
};
