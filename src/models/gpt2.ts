/**
 * @file GPT-2 (Radford et al. 2019): learned positions, normalization before each sub-layer, one matrix for queries,
 *   keys and values.
 */
import * as z from 'zod';
import { gather, layerNorm, linear, scope, slice, split, type Value } from '../graph/index.js';
import { fileFields } from '../schema-problems.js';
import type { KeyValue } from './attention.js';
import { activationNamed, divided, layerCount, size } from './config-fields.js';
import { layersOf, type ModelConfig, type ModelFamily, type Stream, type StreamOutput } from './model.js';
import { type AttentionViews, selfAttention, viewsOf } from './self-attention.js';
import { withPositions } from './unpadded.js';
import type { LinearLayer, ParameterShapes, SubLayer, SubLayerUse, Weights } from './weights.js';

const embeddingName = 'transformer.wte.weight';
const headName = 'lm_head.weight';

/** config.json of a GPT-2, with transformers' defaults. */
const configSchema = z.object({
  vocab_size: size.default(50257),
  n_positions: size.default(1024),
  n_embd: size.default(768),
  n_layer: layerCount.default(12),
  n_head: size.default(12),
  n_inner: size.nullish(),
  activation_function: z.string().default('gelu_new'),
  layer_norm_epsilon: z.number().positive().default(1e-5),
  scale_attn_weights: z.boolean().default(true),
  scale_attn_by_inverse_layer_idx: z.boolean().default(false),
  add_cross_attention: z.literal(false).default(false),
  tie_word_embeddings: z.boolean().default(true),
});

interface Gpt2Config extends ModelConfig {
  readonly innerSize: number;
  readonly activation: (x: Value) => Value;
  readonly epsilon: number;
  readonly scaleAttention: boolean;
  readonly scaleByInverseLayer: boolean;
  readonly tiedHead: boolean;
}

function parseConfig(raw: Record<string, unknown>, path: string): Gpt2Config {
  const config = fileFields(configSchema, raw, path);
  return {
    modelType: 'gpt2',
    vocabSize: config.vocab_size,
    hiddenSize: config.n_embd,
    numLayers: config.n_layer,
    numAttentionHeads: config.n_head,
    numKeyValueHeads: config.n_head,
    headDim: divided(path, ['n_embd', config.n_embd], ['n_head', config.n_head]),
    maxPositions: config.n_positions,
    innerSize: config.n_inner ?? 4 * config.n_embd,
    activation: activationNamed(config.activation_function, path, 'activation_function'),
    epsilon: config.layer_norm_epsilon,
    scaleAttention: config.scale_attn_weights,
    scaleByInverseLayer: config.scale_attn_by_inverse_layer_idx,
    tiedHead: config.tie_word_embeddings,
  };
}

/** The linear layers of one layer, by their names within it. */
function linearLayersOf({ hiddenSize, innerSize }: Gpt2Config): Readonly<Record<string, LinearLayer>> {
  return {
    'attn.c_attn': { inSize: hiddenSize, outSize: 3 * hiddenSize, layout: 'in-out' },
    'attn.c_proj': { inSize: hiddenSize, outSize: hiddenSize, layout: 'in-out' },
    'mlp.c_fc': { inSize: hiddenSize, outSize: innerSize, layout: 'in-out' },
    'mlp.c_proj': { inSize: innerSize, outSize: hiddenSize, layout: 'in-out' },
  };
}

const layerPath = (layer: number) => `transformer.h.${layer}`;

function linearLayers(config: Gpt2Config): Map<string, LinearLayer> {
  const layers = Array.from({ length: config.numLayers }, (_, layer) =>
    Object.entries(linearLayersOf(config)).map(
      ([part, linear]) => [`${layerPath(layer)}.${part}`, linear] as const,
    ),
  );
  return new Map(layers.flat());
}

function subLayers({ numLayers }: Gpt2Config): Map<string, SubLayer> {
  const found = new Map<string, SubLayer>();
  for (let layer = 0; layer < numLayers; layer++) {
    found.set(`${layerPath(layer)}.attn`, { kind: 'attention', layer });
    found.set(`${layerPath(layer)}.mlp`, { kind: 'feed-forward', layer });
  }
  return found;
}

function parameters(config: Gpt2Config): ParameterShapes {
  const { hiddenSize } = config;
  const shapes = new Map<string, readonly number[]>();
  const norm = (name: string) => shapes.set(`${name}.weight`, [hiddenSize]).set(`${name}.bias`, [hiddenSize]);
  shapes.set(embeddingName, [config.vocabSize, hiddenSize]);
  shapes.set('transformer.wpe.weight', [config.maxPositions, hiddenSize]);
  for (let layer = 0; layer < config.numLayers; layer++) {
    for (const [part, { inSize, outSize }] of Object.entries(linearLayersOf(config))) {
      if (part === 'attn.c_attn') norm(`${layerPath(layer)}.ln_1`);
      if (part === 'mlp.c_fc') norm(`${layerPath(layer)}.ln_2`);
      const name = `${layerPath(layer)}.${part}`;
      shapes.set(`${name}.weight`, [inSize, outSize]).set(`${name}.bias`, [outSize]);
    }
  }
  norm('transformer.ln_f');
  if (!config.tiedHead) shapes.set(headName, [config.vocabSize, hiddenSize]);
  return shapes;
}

/** One layer's view of the model: what its sub-layers need. */
interface Layer {
  readonly index: number;
  readonly config: Gpt2Config;
  readonly stream: Stream;
  readonly views: AttentionViews;
  readonly weights: Weights;
  /** Prefix of its parameters' names. */
  readonly path: string;
  norm(x: Value, name: string): Value;
}

function forward(config: Gpt2Config, weights: Weights, stream: Stream): StreamOutput {
  const views = viewsOf(stream, {}, config);
  const layerNormOf = (x: Value, name: string) =>
    layerNorm(x, weights.get(`${name}.weight`), weights.get(`${name}.bias`), config.epsilon);

  const { indices, entersFirst, leavesLast } = layersOf(stream, config);
  let hidden = entersFirst ? withPositions(stream, weights.get('transformer.wpe.weight')) : stream.embeddings;
  const keyValues: KeyValue[] = [];
  for (const index of indices) {
    const path = layerPath(index);
    const norm = (x: Value, part: string) => layerNormOf(x, `${path}.${part}`);
    const layer: Layer = { index, config, stream, views, weights, path, norm };
    hidden = scope(`h.${index}`, () => {
      const attention = scope('attn', () => attentionSubLayer(layer, hidden));
      keyValues.push(attention.keyValue);
      return scope('mlp', () => feedForwardSubLayer(layer, attention.output));
    });
  }
  if (!leavesLast) return { hidden, keyValues };
  return { hidden: scope('ln_f', () => layerNormOf(hidden, 'transformer.ln_f')), keyValues };
}

/** x + c_proj(attention(ln_1(x))); in the last layer, for the output rows only. */
function attentionSubLayer(layer: Layer, hidden: Value): { output: Value; keyValue: KeyValue } {
  const { config, index, stream, views } = layer;
  const x = layer.norm(hidden, 'ln_1');
  const scale =
    (config.scaleAttention ? config.headDim ** -0.5 : 1) / (config.scaleByInverseLayer ? index + 1 : 1);
  const { rows, keyValue, outputRows } = selfAttention({
    stream,
    config,
    layer: index,
    views,
    scoring: { scale },
    queriesKeysValues: (queryRows) => {
      // c_attn's columns: queries, then keys, then values.
      const [query, key, value] = queryRows
        ? [
            conv1d(layer, gather(x, queryRows), 'attn.c_attn', [0, 1]),
            ...split(conv1d(layer, x, 'attn.c_attn', [1, 3]), 1, 2),
          ]
        : split(conv1d(layer, x, 'attn.c_attn'), 1, 3);
      return { query: query!, key: key!, value: value! };
    },
  });
  const output = conv1d(layer, rows, 'attn.c_proj');
  const use = { output, residual: outputRows(hidden) };
  return { output: addSubLayer(layer, 'attn', use), keyValue };
}

/** x + c_proj(activation(c_fc(ln_2(x)))) */
function feedForwardSubLayer(layer: Layer, hidden: Value): Value {
  const inner = layer.config.activation(conv1d(layer, layer.norm(hidden, 'ln_2'), 'mlp.c_fc'));
  const output = conv1d(layer, inner, 'mlp.c_proj');
  return addSubLayer(layer, 'mlp', { output, residual: hidden });
}

const addSubLayer = ({ weights, path }: Layer, part: string, use: SubLayerUse) =>
  weights.addSubLayer(`${path}.${part}`, use);

/**
 * Rows through one of GPT-2's linear layers, which transformers calls Conv1D, or through the thirds `from` to `to` of
 * its columns.
 */
function conv1d(
  { config, path, weights }: Layer,
  rows: Value,
  part: string,
  thirds?: readonly [from: number, to: number],
): Value {
  const name = `${path}.${part}`;
  const parameters = [weights.get(`${name}.weight`), weights.get(`${name}.bias`)] as const;
  if (!thirds) return weights.applyLinear(name, { input: rows, compute: (x) => linear(x, ...parameters) });
  const columns = [thirds[0] * config.hiddenSize, thirds[1] * config.hiddenSize] as const;
  const [weight, bias] = parameters.map((value) => slice(value, -1, ...columns));
  return weights.applyLinear(name, { input: rows, compute: (x) => linear(x, weight!, bias), columns });
}

export const gpt2: ModelFamily = {
  modelTypes: ['gpt2'],
  prefix: 'transformer.',
  configure: (raw, path) => {
    const config = parseConfig(raw, path);
    return {
      config,
      parameters: parameters(config),
      ...(config.tiedHead && { tiedHead: headName }),
      linearLayers: linearLayers(config),
      subLayers: subLayers(config),
      headDesigns: { 'token-classification': { layers: ['classifier'], bias: true } },
      embeddingName,
      embed: (weights, ids) => gather(weights.get(embeddingName), ids),
      forward: (weights, stream) => forward(config, weights, stream),
      head: (weights) => ({ weight: weights.getFirst(headName, embeddingName) }),
    };
  },
};
