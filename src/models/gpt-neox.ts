/**
 * @file GPT-NeoX (Black et al. 2022, arXiv:2204.06745; Pythia is one) and Phi (phi-1, phi-1.5 and phi-2): layer
 *   normalization, rotary positions for a part of each head, and attention and feed-forward in parallel on the same
 *   input. GPT-NeoX has one matrix for queries, keys and values, interleaved by head, and a normalization per
 *   sub-layer. Phi has three matrices and one normalization for both sub-layers.
 */
import * as z from 'zod';
import { gather, layerNorm, reshape, scope, split, type Value } from '../graph/index.js';
import { fileFields } from '../schema-problems.js';
import type { KeyValue } from './attention.js';
import { activationNamed, divided, layerCount, size } from './config-fields.js';
import { describeLayers, LayerInGraph, type LayerParts } from './layer-parts.js';
import { layersOf, type ModelConfig, type ModelFamily, type Stream, type StreamOutput } from './model.js';
import { parseRotary, type Rotary } from './rotary.js';
import { type AttentionViews, selfAttention, viewsOf } from './self-attention.js';
import type { Weights } from './weights.js';

/** Parameter names of one family. */
interface Names {
  readonly layers: string;
  readonly embedding: string;
  readonly lastNorm: string;
  readonly head: string;
  readonly attention: string;
  readonly output: string;
  readonly up: string;
  readonly down: string;
}

const neoxNames: Names = {
  layers: 'gpt_neox.layers',
  embedding: 'gpt_neox.embed_in.weight',
  lastNorm: 'gpt_neox.final_layer_norm',
  head: 'embed_out',
  attention: 'attention',
  output: 'attention.dense',
  up: 'mlp.dense_h_to_4h',
  down: 'mlp.dense_4h_to_h',
};
const phiNames: Names = {
  layers: 'model.layers',
  embedding: 'model.embed_tokens.weight',
  lastNorm: 'model.final_layernorm',
  head: 'lm_head',
  attention: 'self_attn',
  output: 'self_attn.dense',
  up: 'mlp.fc1',
  down: 'mlp.fc2',
};

interface ParallelConfig extends ModelConfig {
  readonly names: Names;
  readonly innerSize: number;
  readonly activation: (x: Value) => Value;
  readonly epsilon: number;
  readonly rotary: Rotary;
  /** One matrix for queries, keys and values, and a separate normalization for the feed-forward (GPT-NeoX). */
  readonly fused: boolean;
  /** Whether the feed-forward reads the input of the attention instead of its output. */
  readonly parallel: boolean;
  readonly attentionBias: boolean;
  /** Normalization of every head's queries and keys. */
  readonly normalizesHeads: boolean;
  readonly tiedHead: boolean;
}

const sizes = {
  vocab_size: size,
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: layerCount,
  num_attention_heads: size,
  max_position_embeddings: size.default(2048),
  layer_norm_eps: z.number().positive().default(1e-5),
  tie_word_embeddings: z.boolean().default(false),
};
const neoxSchema = z.object({
  ...sizes,
  hidden_act: z.string().default('gelu'),
  attention_bias: z.boolean().default(true),
  use_parallel_residual: z.boolean().default(true),
});
const phiSchema = z.object({
  ...sizes,
  hidden_act: z.string().default('gelu_new'),
  num_key_value_heads: size.nullish(),
  qk_layernorm: z.boolean().default(false),
});

type Raw = Readonly<Record<string, unknown>>;

function parseNeox(raw: Raw, path: string): ParallelConfig {
  const fields = fileFields(neoxSchema, raw, path);
  return {
    ...commonConfig(raw, path, fields, {
      partial: 0.25,
      partialName: 'rotary_pct',
      thetaName: 'rotary_emb_base',
    }),
    modelType: 'gpt_neox',
    names: neoxNames,
    numKeyValueHeads: fields.num_attention_heads,
    fused: true,
    parallel: fields.use_parallel_residual,
    attentionBias: fields.attention_bias,
    normalizesHeads: false,
  };
}

function parsePhi(raw: Raw, path: string): ParallelConfig {
  const fields = fileFields(phiSchema, raw, path);
  const numHeads = fields.num_attention_heads;
  const numKeyValueHeads = fields.num_key_value_heads ?? numHeads;
  divided(path, ['num_attention_heads', numHeads], ['num_key_value_heads', numKeyValueHeads]);
  return {
    ...commonConfig(raw, path, fields, { partial: 0.5 }),
    modelType: 'phi',
    names: phiNames,
    numKeyValueHeads,
    fused: false,
    parallel: true,
    attentionBias: true,
    normalizesHeads: fields.qk_layernorm,
  };
}

function commonConfig(
  raw: Raw,
  path: string,
  fields: Omit<z.output<typeof neoxSchema>, 'attention_bias' | 'use_parallel_residual'>,
  rotaryNames: { partial: number; partialName?: string; thetaName?: string },
) {
  const { hidden_size: hiddenSize, num_attention_heads: numHeads } = fields;
  const headDim = divided(path, ['hidden_size', hiddenSize], ['num_attention_heads', numHeads]);
  return {
    vocabSize: fields.vocab_size,
    hiddenSize,
    numLayers: fields.num_hidden_layers,
    numAttentionHeads: numHeads,
    headDim,
    innerSize: fields.intermediate_size,
    activation: activationNamed(fields.hidden_act, path, 'hidden_act'),
    epsilon: fields.layer_norm_eps,
    tiedHead: fields.tie_word_embeddings,
    ...parseRotary({ raw, path, headDim, maxPositions: fields.max_position_embeddings, ...rotaryNames }),
  };
}

function partsOf(config: ParallelConfig): LayerParts {
  const { names, hiddenSize, headDim, innerSize, attentionBias: bias } = config;
  const keys = config.numKeyValueHeads * headDim;
  const projection = (outSize: number) => ({ inSize: hiddenSize, outSize, bias });
  const norm = (size: number) => ({ size, bias: true });
  return {
    attention: names.attention,
    feedForward: 'mlp',
    linear: {
      ...(config.fused
        ? { 'attention.query_key_value': projection(3 * hiddenSize) }
        : {
            'self_attn.q_proj': projection(hiddenSize),
            'self_attn.k_proj': projection(keys),
            'self_attn.v_proj': projection(keys),
          }),
      [names.output]: projection(hiddenSize),
      [names.up]: { inSize: hiddenSize, outSize: innerSize, bias: true },
      [names.down]: { inSize: innerSize, outSize: hiddenSize, bias: true },
    },
    norms: {
      input_layernorm: norm(hiddenSize),
      ...(config.fused && { post_attention_layernorm: norm(hiddenSize) }),
      ...(config.normalizesHeads && {
        'self_attn.q_layernorm': norm(headDim),
        'self_attn.k_layernorm': norm(headDim),
      }),
    },
  };
}

/** One layer's view of the model: what its sub-layers need. */
interface Layer {
  readonly index: number;
  readonly config: ParallelConfig;
  readonly stream: Stream;
  readonly views: AttentionViews;
  readonly parts: LayerInGraph;
  norm(x: Value, part: string): Value;
}

function forward(config: ParallelConfig, weights: Weights, stream: Stream): StreamOutput {
  const { names, epsilon, rotary } = config;
  const views = viewsOf(stream, { rotary }, config);
  const parts = partsOf(config);
  const { indices, leavesLast } = layersOf(stream, config);
  let hidden = stream.embeddings;
  const keyValues: KeyValue[] = [];
  for (const index of indices) {
    const own = new LayerInGraph(weights, `${names.layers}.${index}`, parts);
    const norm = (x: Value, part: string) => own.layerNorm(part, x, epsilon);
    const output = scope(`layers.${index}`, () =>
      layerOutput({ index, config, stream, views, parts: own, norm }, hidden),
    );
    hidden = output.hidden;
    keyValues.push(output.keyValue);
  }
  if (!leavesLast) return { hidden, keyValues };
  const [weight, bias] = ['weight', 'bias'].map((part) => weights.get(`${names.lastNorm}.${part}`));
  return { hidden: scope('norm', () => layerNorm(hidden, weight!, bias!, epsilon)), keyValues };
}

/**
 * x + attention(norm(x)) + mlp(norm(x)); in the last layer, for the output rows only. Without `parallel` the
 * feed-forward reads x + attention(norm(x)).
 */
function layerOutput(layer: Layer, hidden: Value): { hidden: Value; keyValue: KeyValue } {
  const { config, index, stream, views, parts, norm } = layer;
  const { names } = config;
  const x = norm(hidden, 'input_layernorm');
  const { rows, keyValue, outputRows } = scope('attention', () =>
    selfAttention({
      stream,
      config,
      layer: index,
      views,
      scoring: { scale: config.headDim ** -0.5 },
      queriesKeysValues: (queryRows) => queriesKeysValues(layer, x, queryRows),
      normalize: config.normalizesHeads
        ? (heads, part) => norm(heads, part === 'query' ? 'self_attn.q_layernorm' : 'self_attn.k_layernorm')
        : undefined,
    }),
  );
  const [input, residual] = [outputRows(x), outputRows(hidden)];
  const output = parts.linear(names.output, rows);
  const attended = parts.addSubLayer(names.attention, { output, residual });
  return scope('mlp', () => {
    const read = config.parallel ? residual : attended;
    const own = config.fused ? norm(read, 'post_attention_layernorm') : input;
    const inner = config.activation(parts.linear(names.up, own));
    const use = { output: parts.linear(names.down, inner), residual: attended };
    return { hidden: parts.addSubLayer('mlp', use), keyValue };
  });
}

function queriesKeysValues({ config, parts }: Layer, x: Value, queryRows: Value | undefined) {
  const selected = (rows: Value) => (queryRows ? gather(rows, queryRows) : rows);
  if (!config.fused) {
    return {
      query: parts.linear('self_attn.q_proj', selected(x)),
      key: parts.linear('self_attn.k_proj', x),
      value: parts.linear('self_attn.v_proj', x),
    };
  }
  // Output columns: query, key and value of the first head, then of the second, …
  const { numAttentionHeads: numHeads, headDim, hiddenSize } = config;
  const all = parts.linear('attention.query_key_value', x);
  const count = all.shape[0]!;
  const [query, key, value] = split(reshape(all, [count, numHeads, 3, headDim]), 2, 3).map((part) =>
    reshape(part, [count, hiddenSize]),
  );
  return { query: selected(query!), key: key!, value: value! };
}

function family(
  modelType: string,
  prefix: string,
  parse: (raw: Raw, path: string) => ParallelConfig,
): ModelFamily {
  return {
    modelTypes: [modelType],
    prefix,
    configure: (raw, path) => {
      const config = parse(raw, path);
      const { names, vocabSize, hiddenSize, tiedHead, fused } = config;
      const paths = Array.from({ length: config.numLayers }, (_, layer) => `${names.layers}.${layer}`);
      const { parameters, ...layers } = describeLayers(paths, partsOf(config));
      const headName = `${names.head}.weight`;
      const headBias = fused ? undefined : `${names.head}.bias`;
      parameters.set(names.embedding, [vocabSize, hiddenSize]);
      parameters.set(`${names.lastNorm}.weight`, [hiddenSize]).set(`${names.lastNorm}.bias`, [hiddenSize]);
      if (!tiedHead) parameters.set(headName, [vocabSize, hiddenSize]);
      if (headBias) parameters.set(headBias, [vocabSize]);
      return {
        config,
        parameters,
        ...(tiedHead && { tiedHead: headName }),
        ...layers,
        embeddingName: names.embedding,
        embed: (weights, ids) => gather(weights.get(names.embedding), ids),
        forward: (weights, stream) => forward(config, weights, stream),
        head: (weights) => ({
          weight: weights.getFirst(headName, names.embedding),
          bias: headBias ? weights.get(headBias) : undefined,
        }),
      };
    },
  };
}

export const gptNeox = family('gpt_neox', 'gpt_neox.', parseNeox);
export const phi = family('phi', 'model.', parsePhi);
