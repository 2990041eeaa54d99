/**
 * @file T5 (Raffel et al. 2020, arXiv:1910.10683), T5 1.1 with Flan-T5, and mT5: an encoder that reads the input and a
 *   decoder that writes the output. RMS normalization before each sub-layer, relative positions as a bias of unscaled
 *   scores, and no biases in the layers.
 */
import * as z from 'zod';
import {
  add,
  gather,
  iota,
  isFrozen,
  multiply,
  multiplyDims,
  reshape,
  rmsNorm,
  scope,
  type Value,
} from '../graph/index.js';
import { fileFields } from '../schema-problems.js';
import { attend, type KeyValue, mergeHeads, splitHeads } from './attention.js';
import { activationNamed, layerCount, size } from './config-fields.js';
import { describeLayers, LayerInGraph, type LayerParts } from './layer-parts.js';
import type { EncoderOutput, ModelConfig, ModelFamily, Stream, StreamOutput } from './model.js';
import { type RelativePositions, relativeBias } from './relative-positions.js';
import { distances, type SelfAttention, selfAttention, viewsOf } from './self-attention.js';
import { padded, type Rows, withoutPadding } from './unpadded.js';
import type { Weights } from './weights.js';

const embeddingName = 'shared.weight';
const headName = 'lm_head.weight';
type Stack = 'encoder' | 'decoder';
const layerPath = (stack: Stack, layer: number) => `${stack}.block.${layer}`;
const biasName = (stack: Stack) =>
  `${layerPath(stack, 0)}.layer.0.SelfAttention.relative_attention_bias.weight`;
const lastNormName = (stack: Stack) => `${stack}.final_layer_norm.weight`;

interface T5Config extends ModelConfig {
  readonly numEncoderLayers: number;
  readonly innerSize: number;
  readonly isGated: boolean;
  readonly activation: (x: Value) => Value;
  readonly epsilon: number;
  readonly numBuckets: number;
  readonly maxDistance: number;
  /** T5 1.0 multiplies the last states by hiddenSize^-0.5, and always ties its head to the embeddings. */
  readonly scalesOutput: boolean;
  readonly startTokenId: number;
}

/** config.json, with transformers' defaults. */
const schema = z.object({
  vocab_size: size.default(32128),
  d_model: size.default(512),
  d_kv: size.default(64),
  d_ff: size.default(2048),
  num_layers: layerCount.default(6),
  num_decoder_layers: layerCount.nullish(),
  num_heads: size.default(8),
  relative_attention_num_buckets: size.default(32),
  // A table has a row per distance.
  relative_attention_max_distance: size.max(100_000).default(128),
  layer_norm_epsilon: z.number().positive().default(1e-6),
  feed_forward_proj: z
    .string()
    .regex(/^(gated-)?[^-]+$/, 'expected the name of an activation function, optionally prefixed by gated-')
    .optional(),
  dense_act_fn: z.string().optional(),
  is_gated_act: z.boolean().nullish(),
  tie_word_embeddings: z.boolean().default(true),
  scale_decoder_outputs: z.boolean().optional(),
  decoder_start_token_id: z.int().nonnegative().nullish(),
  pad_token_id: z.int().nonnegative().nullish(),
  is_encoder_decoder: z.literal(true, 'T5 without its decoder is not supported').default(true),
});

function parseConfig(modelType: 't5' | 'mt5', raw: Record<string, unknown>, path: string): T5Config {
  const fields = fileFields(schema, raw, path);
  const { num_heads: numHeads, feed_forward_proj: feedForward = modelType === 't5' ? 'relu' : 'gated-gelu' } =
    fields;
  // As in transformers, what config.json says of the parts wins over the name of the whole, and null is no.
  const { dense_act_fn: activation, is_gated_act: isGated = feedForward.startsWith('gated-') } = fields;
  // T5 1.1's gelu is the tanh approximation.
  const named = feedForward === 'gated-gelu' ? 'gelu_new' : feedForward.replace('gated-', '');
  return {
    modelType,
    vocabSize: fields.vocab_size,
    hiddenSize: fields.d_model,
    numLayers: fields.num_decoder_layers ?? fields.num_layers,
    numEncoderLayers: fields.num_layers,
    numAttentionHeads: numHeads,
    numKeyValueHeads: numHeads,
    headDim: fields.d_kv,
    maxPositions: Number.POSITIVE_INFINITY,
    innerSize: fields.d_ff,
    isGated: isGated === true,
    activation:
      activation === undefined
        ? activationNamed(named, path, 'feed_forward_proj')
        : activationNamed(activation, path, 'dense_act_fn'),
    epsilon: fields.layer_norm_epsilon,
    numBuckets: fields.relative_attention_num_buckets,
    maxDistance: fields.relative_attention_max_distance,
    // In files from before transformers 5, a tied head distinguishes T5 1.0 from 1.1.
    scalesOutput: modelType === 't5' && (fields.scale_decoder_outputs ?? fields.tie_word_embeddings),
    startTokenId: fields.decoder_start_token_id ?? fields.pad_token_id ?? 0,
  };
}

function partsOf(config: T5Config, stack: Stack): LayerParts {
  const { hiddenSize, innerSize, numAttentionHeads, headDim, isGated } = config;
  const linear = (inSize: number, outSize: number) => ({ inSize, outSize, bias: false });
  const width = numAttentionHeads * headDim;
  const attention = (name: string) => ({
    [`${name}.q`]: linear(hiddenSize, width),
    [`${name}.k`]: linear(hiddenSize, width),
    [`${name}.v`]: linear(hiddenSize, width),
    [`${name}.o`]: linear(width, hiddenSize),
  });
  const inner = isGated ? ['wi_0', 'wi_1'] : ['wi'];
  const last = stack === 'encoder' ? 'layer.1' : 'layer.2';
  const feedForward = `${last}.DenseReluDense`;
  const norm = { size: hiddenSize, bias: false };
  return {
    attention: 'layer.0.SelfAttention',
    ...(stack === 'decoder' && { crossAttention: 'layer.1.EncDecAttention' }),
    feedForward,
    linear: {
      ...attention('layer.0.SelfAttention'),
      ...(stack === 'decoder' && attention('layer.1.EncDecAttention')),
      ...Object.fromEntries(inner.map((name) => [`${feedForward}.${name}`, linear(hiddenSize, innerSize)])),
      [`${feedForward}.wo`]: linear(innerSize, hiddenSize),
    },
    norms: {
      'layer.0.layer_norm': norm,
      ...(stack === 'decoder' && { 'layer.1.layer_norm': norm }),
      [`${last}.layer_norm`]: norm,
    },
  };
}

/** One layer's view of the model: what its sub-layers need. */
interface Layer {
  readonly config: T5Config;
  readonly parts: LayerInGraph;
  norm(part: string, x: Value): Value;
}

/** The layers of a stack, in order. */
function layersOf(config: T5Config, weights: Weights, stack: Stack): Layer[] {
  const parts = partsOf(config, stack);
  const count = stack === 'encoder' ? config.numEncoderLayers : config.numLayers;
  return Array.from({ length: count }, (_, index) => {
    const own = new LayerInGraph(weights, layerPath(stack, index), parts);
    const norm = (part: string, x: Value) =>
      own.rmsNorm(`${part}.layer_norm`, x, config.epsilon, (weight) => weight);
    return { config, parts: own, norm };
  });
}

/** The bias that all self-attentions of a stack share: its first layer's. */
function biasOf(config: T5Config, weights: Weights, stack: Stack): (distances: Value) => Value {
  const { numBuckets, maxDistance } = config;
  const positions: RelativePositions = { numBuckets, maxDistance, bidirectional: stack === 'encoder' };
  return (of) => relativeBias(weights.get(biasName(stack)), of, positions);
}

/** The stream, whose attention is whole where its bias is trained: by pieces a mask gets no gradient. */
const withBiasOf = (stream: Stream, weights: Weights, stack: Stack): Stream =>
  isFrozen(weights.get(biasName(stack))) ? stream : { ...stream, queriesAtOnce: undefined };

const lastNorm = (config: T5Config, weights: Weights, stack: Stack, x: Value) =>
  rmsNorm(x, weights.get(lastNormName(stack)), config.epsilon);

/** The encoder, with bidirectional attention, and the cross-attention keys and values of its output. */
function read(config: T5Config, weights: Weights, given: Stream): StreamOutput {
  const stream = withBiasOf(given, weights, 'encoder');
  const { batch, length } = stream;
  const everywhere = distances(length, reshape(iota(length), [1, length]));
  const bias = biasOf(config, weights, 'encoder')(everywhere);
  // As one mask they are as large as the scores, which all layers then share.
  const masks = stream.queriesAtOnce === undefined ? [add(stream.mask!, bias)] : [stream.mask!, bias];
  let x = stream.embeddings;
  for (const [index, layer] of layersOf(config, weights, 'encoder').entries())
    x = scope(`block.${index}`, () => {
      const attention = { stream, layer: index, views: { every: { masks } } };
      const { output } = scope('SelfAttention', () => selfAttentionSubLayer(layer, attention, x));
      return scope('DenseReluDense', () => feedForwardSubLayer(layer, 'layer.1', output));
    });
  const hidden = lastNorm(config, weights, 'encoder', x);
  const keyValues = layersOf(config, weights, 'decoder').map(({ parts }, index) =>
    scope(`cross.${index}`, () => {
      const headsOf = (part: string) => {
        const rows = parts.linear(`layer.1.EncDecAttention.${part}`, hidden);
        return splitHeads(padded(rows, stream), batch, length, config.headDim);
      };
      return { key: headsOf('k'), value: headsOf('v') };
    }),
  );
  return { hidden, keyValues };
}

/** The decoder. */
function forward(config: T5Config, weights: Weights, given: Stream): StreamOutput {
  const stream = withBiasOf(given, weights, 'decoder');
  const { batch, length, encoderOutput, outputs, queriesAtOnce } = stream;
  if (!encoderOutput) throw new Error("the decoder of an encoder-decoder model needs the encoder's output");
  const views = viewsOf(stream, { bias: biasOf(config, weights, 'decoder') }, config);
  const layers = layersOf(config, weights, 'decoder');
  const keyValues: KeyValue[] = [];
  let x = stream.embeddings;
  for (const [index, layer] of layers.entries()) {
    const chosen = index === layers.length - 1 ? outputs : undefined;
    x = scope(`block.${index}`, () => {
      // Cross-attention works per text, so the output rows keep their padding until after it.
      const queries = chosen?.queryPositions.shape[1] ?? length;
      const byText = chosen && { ...chosen, rows: iota(multiplyDims(batch, queries)) };
      const attention = { stream: { ...stream, outputs: byText }, layer: index, views };
      const { output, keyValue } = scope('SelfAttention', () => selfAttentionSubLayer(layer, attention, x));
      keyValues.push(keyValue);
      // What leaves the last layer has all queries of all rows.
      const { unpadded } = chosen ? {} : stream;
      const rows = { batch, length: queries, unpadded };
      const cross = () =>
        crossAttentionSubLayer(layer, encoderOutput, { index, rows, queriesAtOnce }, output);
      const crossed = scope('EncDecAttention', cross);
      const needed = chosen ? gather(crossed, chosen.rows) : crossed;
      return scope('DenseReluDense', () => feedForwardSubLayer(layer, 'layer.2', needed));
    });
  }
  return { hidden: lastNorm(config, weights, 'decoder', x), keyValues };
}

/** x + o(attention(norm(x))) */
function selfAttentionSubLayer(
  { config, parts, norm }: Layer,
  where: Pick<SelfAttention, 'stream' | 'layer' | 'views'>,
  x: Value,
): { output: Value; keyValue: KeyValue } {
  const name = 'layer.0.SelfAttention';
  const input = norm('layer.0', x);
  const { rows, keyValue, outputRows } = selfAttention({
    ...where,
    config,
    scoring: { scale: 1 },
    queriesKeysValues: (queryRows) => ({
      query: parts.linear(`${name}.q`, queryRows ? gather(input, queryRows) : input),
      key: parts.linear(`${name}.k`, input),
      value: parts.linear(`${name}.v`, input),
    }),
  });
  const output = parts.linear(`${name}.o`, rows);
  return { output: parts.addSubLayer(name, { output, residual: outputRows(x) }), keyValue };
}

/** x + o(attention of norm(x) to the encoder's output) */
function crossAttentionSubLayer(
  { config, parts, norm }: Layer,
  encoderOutput: EncoderOutput,
  { index, rows, ...pieces }: { index: number; rows: Rows; queriesAtOnce?: number },
  x: Value,
): Value {
  const name = 'layer.1.EncDecAttention';
  const projected = padded(parts.linear(`${name}.q`, norm('layer.1', x)), rows);
  const query = splitHeads(projected, rows.batch, rows.length, config.headDim);
  const { keyValues, mask } = encoderOutput;
  const attended = attend(query, keyValues[index]!, undefined, { masks: [mask] }, { scale: 1 }, pieces);
  const output = parts.linear(`${name}.o`, withoutPadding(mergeHeads(attended), rows));
  return parts.addSubLayer(name, { output, residual: x });
}

/** x + wo(activation(wi(norm(x)))), or x + wo(activation(wi_0(norm(x))) ∘ wi_1(norm(x))) */
function feedForwardSubLayer({ config, parts, norm }: Layer, part: string, x: Value): Value {
  const name = `${part}.DenseReluDense`;
  const input = norm(part, x);
  const inner = config.isGated
    ? multiply(config.activation(parts.linear(`${name}.wi_0`, input)), parts.linear(`${name}.wi_1`, input))
    : config.activation(parts.linear(`${name}.wi`, input));
  return parts.addSubLayer(name, { output: parts.linear(`${name}.wo`, inner), residual: x });
}

function describe(config: T5Config, stack: Stack) {
  const count = stack === 'encoder' ? config.numEncoderLayers : config.numLayers;
  const paths = Array.from({ length: count }, (_, layer) => layerPath(stack, layer));
  const first = stack === 'encoder' ? 0 : config.numEncoderLayers;
  const { parameters, ...layers } = describeLayers(paths, partsOf(config, stack), first);
  parameters.set(biasName(stack), [config.numBuckets, config.numAttentionHeads]);
  parameters.set(lastNormName(stack), [config.hiddenSize]);
  return { parameters, ...layers };
}

const familyOf = (modelType: 't5' | 'mt5'): ModelFamily => ({
  modelTypes: [modelType],
  prefix: '',
  configure: (raw, path) => {
    const config = parseConfig(modelType, raw, path);
    const { vocabSize, hiddenSize, scalesOutput, startTokenId } = config;
    const [encoder, decoder] = [describe(config, 'encoder'), describe(config, 'decoder')];
    const table = [vocabSize, hiddenSize];
    return {
      config,
      parameters: new Map([[embeddingName, table], ...encoder.parameters, ...decoder.parameters]),
      tiedHead: headName,
      linearLayers: new Map([...encoder.linearLayers, ...decoder.linearLayers]),
      subLayers: new Map([...encoder.subLayers, ...decoder.subLayers]),
      embeddingName,
      embed: (weights, ids) => gather(weights.get(embeddingName), ids),
      encoder: {
        startTokenId,
        read: (weights, stream) => scope('encoder', () => read(config, weights, stream)),
      },
      forward: (weights, stream) => forward(config, weights, stream),
      head: (weights) => ({
        weight: weights.getFirst(headName, embeddingName),
        ...(scalesOutput && { transform: (hidden: Value) => multiply(hidden, hiddenSize ** -0.5) }),
      }),
    };
  },
});

export const t5 = familyOf('t5');
export const mt5 = familyOf('mt5');
