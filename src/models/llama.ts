/**
 * @file Llama (Touvron et al. 2023, arXiv:2302.13971) and models like it: RMS normalization before each sub-layer,
 *   rotary positions, grouped-query attention, gated feed-forward. Their differences are data: see `llama-config.ts`.
 */
import { add, gather, multiply, rmsNorm, scope, slice, split, type Value } from '../graph/index.js';
import type { KeyValue } from './attention.js';
import { describeLayers, LayerInGraph, type LayerParts } from './layer-parts.js';
import { type LlamaConfig, llamaTypes, parseLlamaConfig } from './llama-config.js';
import { layersOf, type ModelFamily, type Stream, type StreamOutput } from './model.js';
import { type AttentionPattern, type AttentionViews, selfAttention, viewsOf } from './self-attention.js';
import type { Weights } from './weights.js';

const embeddingName = 'model.embed_tokens.weight';
const headName = 'lm_head.weight';
const lastNormName = 'model.norm.weight';
const layerPath = (layer: number) => `model.layers.${layer}`;

function partsOf(config: LlamaConfig): LayerParts {
  const { hiddenSize, headDim, innerSize, biases } = config;
  const [queries, keys] = queryAndKeySize(config);
  const linear = (inSize: number, outSize: number, bias: boolean) => ({ inSize, outSize, bias });
  const norm = (size: number) => ({ size, bias: false });
  return {
    attention: 'self_attn',
    feedForward: 'mlp',
    linear: {
      ...(config.fused
        ? { 'self_attn.qkv_proj': linear(hiddenSize, queries + 2 * keys, false) }
        : {
            'self_attn.q_proj': linear(hiddenSize, queries, biases.queryKeyValue),
            'self_attn.k_proj': linear(hiddenSize, keys, biases.queryKeyValue),
            'self_attn.v_proj': linear(hiddenSize, keys, biases.queryKeyValue),
          }),
      'self_attn.o_proj': linear(queries, hiddenSize, biases.output),
      ...(config.fused
        ? { 'mlp.gate_up_proj': linear(hiddenSize, 2 * innerSize, false) }
        : {
            'mlp.gate_proj': linear(hiddenSize, innerSize, biases.feedForward),
            'mlp.up_proj': linear(hiddenSize, innerSize, biases.feedForward),
          }),
      'mlp.down_proj': linear(innerSize, hiddenSize, biases.feedForward),
    },
    norms: {
      input_layernorm: norm(hiddenSize),
      post_attention_layernorm: norm(hiddenSize),
      ...(config.normalizesOutputs && {
        pre_feedforward_layernorm: norm(hiddenSize),
        post_feedforward_layernorm: norm(hiddenSize),
      }),
      ...(config.normalizesHeads && { 'self_attn.q_norm': norm(headDim), 'self_attn.k_norm': norm(headDim) }),
    },
  };
}

const queryAndKeySize = ({ numAttentionHeads, numKeyValueHeads, headDim }: LlamaConfig) =>
  [numAttentionHeads * headDim, numKeyValueHeads * headDim] as const;

/** One layer's view of the model: what its sub-layers need. */
interface Layer {
  readonly index: number;
  readonly config: LlamaConfig;
  readonly stream: Stream;
  readonly views: AttentionViews;
  readonly parts: LayerInGraph;
  norm(x: Value, part: string): Value;
}

function forward(config: LlamaConfig, weights: Weights, stream: Stream): StreamOutput {
  const parts = partsOf(config);
  const { epsilon, normOffset } = config;
  const scaleOf = (weight: Value) => (normOffset === 0 ? weight : add(weight, normOffset));
  const views = new Map<AttentionPattern, AttentionViews>(
    [...new Set(config.attentionPatterns)].map((pattern) => [
      pattern,
      viewsOf(stream, pattern, config, config.scoring.scale),
    ]),
  );
  const { indices, leavesLast } = layersOf(stream, config);
  let hidden = stream.embeddings;
  const keyValues: KeyValue[] = [];
  for (const index of indices) {
    const pattern = config.attentionPatterns[index]!;
    const own = new LayerInGraph(weights, layerPath(index), parts);
    const norm = (x: Value, part: string) => own.rmsNorm(part, x, epsilon, scaleOf);
    const layer: Layer = { index, config, stream, views: views.get(pattern)!, parts: own, norm };
    hidden = scope(`layers.${index}`, () => {
      const attention = scope('self_attn', () => attentionSubLayer(layer, hidden));
      keyValues.push(attention.keyValue);
      return scope('mlp', () => feedForwardSubLayer(layer, attention.output));
    });
  }
  if (!leavesLast) return { hidden, keyValues };
  const last = scaleOf(weights.get(lastNormName));
  return { hidden: scope('norm', () => rmsNorm(hidden, last, epsilon)), keyValues };
}

/** x + o_proj(attention(norm(x))); in the last layer, for the output rows only. */
function attentionSubLayer(layer: Layer, hidden: Value): { output: Value; keyValue: KeyValue } {
  const { config, index, stream, views, parts, norm } = layer;
  const x = norm(hidden, 'input_layernorm');
  const { rows, keyValue, outputRows } = selfAttention({
    stream,
    config,
    layer: index,
    views,
    scoring: config.scoring,
    queriesKeysValues: (queryRows) => queriesKeysValues(layer, x, queryRows),
    normalize: config.normalizesHeads
      ? (heads, part) => norm(heads, part === 'query' ? 'self_attn.q_norm' : 'self_attn.k_norm')
      : undefined,
  });
  const projected = parts.linear('self_attn.o_proj', rows);
  const output = config.normalizesOutputs ? norm(projected, 'post_attention_layernorm') : projected;
  const use = { output, residual: outputRows(hidden) };
  return { output: parts.addSubLayer('self_attn', use), keyValue };
}

function queriesKeysValues({ config, parts }: Layer, x: Value, queryRows: Value | undefined) {
  const asking = queryRows ? gather(x, queryRows) : x;
  if (!config.fused) {
    return {
      query: parts.linear('self_attn.q_proj', asking),
      key: parts.linear('self_attn.k_proj', x),
      value: parts.linear('self_attn.v_proj', x),
    };
  }
  const [queries, keys] = queryAndKeySize(config);
  const all = queryRows ? undefined : parts.linear('self_attn.qkv_proj', x);
  const others = all
    ? slice(all, 1, queries, queries + 2 * keys)
    : parts.linear('self_attn.qkv_proj', x, [queries, queries + 2 * keys]);
  return {
    query: all ? slice(all, 1, 0, queries) : parts.linear('self_attn.qkv_proj', asking, [0, queries]),
    key: slice(others, 1, 0, keys),
    value: slice(others, 1, keys, 2 * keys),
  };
}

/** x + down_proj(activation(gate_proj(norm(x))) ∘ up_proj(norm(x))) */
function feedForwardSubLayer({ config, parts, norm }: Layer, hidden: Value): Value {
  const input = norm(
    hidden,
    config.normalizesOutputs ? 'pre_feedforward_layernorm' : 'post_attention_layernorm',
  );
  const [gate, up] = config.fused
    ? split(parts.linear('mlp.gate_up_proj', input), 1, 2)
    : [parts.linear('mlp.gate_proj', input), parts.linear('mlp.up_proj', input)];
  const down = parts.linear('mlp.down_proj', multiply(config.activation(gate!), up!));
  const output = config.normalizesOutputs ? norm(down, 'post_feedforward_layernorm') : down;
  return parts.addSubLayer('mlp', { output, residual: hidden });
}

export const llama: ModelFamily = {
  modelTypes: llamaTypes,
  prefix: 'model.',
  configure: (raw, path) => {
    const config = parseLlamaConfig(raw, path);
    const { vocabSize, hiddenSize, embeddingScale, headCap: cap } = config;
    const paths = config.attentionPatterns.map((_, layer) => layerPath(layer));
    const { parameters, ...layers } = describeLayers(paths, partsOf(config));
    parameters.set(embeddingName, [vocabSize, hiddenSize]);
    parameters.set(lastNormName, [hiddenSize]);
    if (!config.tiedHead) parameters.set(headName, [vocabSize, hiddenSize]);
    return {
      config,
      parameters,
      ...(config.tiedHead && { tiedHead: headName }),
      ...layers,
      embeddingName,
      embed: (weights, ids) => {
        const rows = gather(weights.get(embeddingName), ids);
        return embeddingScale === 1 ? rows : multiply(rows, embeddingScale);
      },
      forward: (weights, stream) => forward(config, weights, stream),
      head: (weights) => ({ weight: weights.getFirst(headName, embeddingName), cap }),
    };
  },
};
