/**
 * @file BERT (Devlin et al. 2018) and RoBERTa (Liu et al. 2019): encoders with normalization after each sub-layer
 *   and learned positions.
 */
import * as z from 'zod';
import { FileError } from '../errors.js';
import {
  activations,
  add,
  concat,
  expand,
  gather,
  layerNorm,
  linear,
  scalar,
  scope,
  slice,
  tanh,
  type Value,
} from '../graph/index.js';
import { say } from '../say.js';
import { fileFields } from '../schema-problems.js';
import type { KeyValue } from './attention.js';
import { layerCount } from './config-fields.js';
import type {
  Architecture,
  HeadDesign,
  HeadTaskType,
  ModelConfig,
  ModelFamily,
  Stream,
  StreamOutput,
} from './model.js';
import { type AttentionViews, selfAttention } from './self-attention.js';
import { withPositions } from './unpadded.js';
import type { LinearLayer, ParameterShapes, SubLayer, SubLayerUse, Weights } from './weights.js';

/** config.json of both, with transformers' defaults. */
const configSchema = z.object({
  model_type: z.enum(['bert', 'roberta']),
  vocab_size: z.int().positive().default(30522),
  hidden_size: z.int().positive().default(768),
  num_hidden_layers: layerCount.default(12),
  num_attention_heads: z.int().positive().default(12),
  intermediate_size: z.int().positive().default(3072),
  hidden_act: z.string().default('gelu'),
  max_position_embeddings: z.int().positive().default(512),
  type_vocab_size: z.int().positive().default(2),
  layer_norm_eps: z.number().positive().default(1e-12),
  pad_token_id: z.int().nonnegative().nullish(),
  position_embedding_type: z.literal('absolute').default('absolute'),
  is_decoder: z.literal(false).default(false),
  add_cross_attention: z.literal(false).default(false),
  tie_word_embeddings: z.literal(true).default(true),
});

interface BertConfig extends ModelConfig {
  readonly modelType: 'bert' | 'roberta';
  readonly innerSize: number;
  readonly activation: (x: Value) => Value;
  readonly epsilon: number;
  readonly numTypes: number;
  /** Row of the first position in the position table. RoBERTa's follows the row of padding. */
  readonly firstPosition: number;
}

function parseConfig(raw: Record<string, unknown>, path: string): BertConfig {
  const config = fileFields(configSchema, raw, path);
  const activation = activations[config.hidden_act];
  if (!activation) {
    const known = Object.keys(activations).join(', ');
    throw new FileError(
      path,
      'hidden_act',
      say`"${config.hidden_act}" is not supported; expected one of ${known}`,
    );
  }
  const { hidden_size: hiddenSize, num_attention_heads: numHeads } = config;
  if (hiddenSize % numHeads !== 0)
    throw new FileError(
      path,
      'num_attention_heads',
      say`hidden_size ${hiddenSize} is not divisible by ${numHeads} heads`,
    );
  const firstPosition = config.model_type === 'roberta' ? (config.pad_token_id ?? 1) + 1 : 0;
  return {
    modelType: config.model_type,
    vocabSize: config.vocab_size,
    hiddenSize,
    numLayers: config.num_hidden_layers,
    numAttentionHeads: numHeads,
    numKeyValueHeads: numHeads,
    headDim: hiddenSize / numHeads,
    maxPositions: config.max_position_embeddings - firstPosition,
    innerSize: config.intermediate_size,
    activation,
    epsilon: config.layer_norm_eps,
    numTypes: config.type_vocab_size,
    firstPosition,
  };
}

/** The linear layers of one layer, by their names within it. */
function linearLayersOf({ hiddenSize, innerSize }: BertConfig): Readonly<Record<string, LinearLayer>> {
  const square = { inSize: hiddenSize, outSize: hiddenSize, layout: 'out-in' } as const;
  return {
    'attention.self.query': square,
    'attention.self.key': square,
    'attention.self.value': square,
    'attention.output.dense': square,
    'intermediate.dense': { ...square, outSize: innerSize },
    'output.dense': { ...square, inSize: innerSize },
  };
}

const embeddingName = ({ modelType }: BertConfig) => `${modelType}.embeddings.word_embeddings.weight`;
const layerPath = ({ modelType }: BertConfig, layer: number) => `${modelType}.encoder.layer.${layer}`;
const layerNumbers = ({ numLayers }: BertConfig) => Array.from({ length: numLayers }, (_, layer) => layer);

function linearLayers(config: BertConfig): Map<string, LinearLayer> {
  const parts = Object.entries(linearLayersOf(config));
  return new Map(
    layerNumbers(config).flatMap((layer) =>
      parts.map(([part, shape]) => [`${layerPath(config, layer)}.${part}`, shape] as const),
    ),
  );
}

function subLayers(config: BertConfig): Map<string, SubLayer> {
  const found = new Map<string, SubLayer>();
  for (const layer of layerNumbers(config)) {
    found.set(`${layerPath(config, layer)}.attention.output`, { kind: 'attention', layer });
    found.set(`${layerPath(config, layer)}.output`, { kind: 'feed-forward', layer });
  }
  return found;
}

function parameters(config: BertConfig): ParameterShapes {
  const { modelType, hiddenSize, vocabSize, maxPositions, firstPosition, numTypes } = config;
  const shapes = new Map<string, readonly number[]>();
  const norm = (name: string) => shapes.set(`${name}.weight`, [hiddenSize]).set(`${name}.bias`, [hiddenSize]);
  shapes.set(embeddingName(config), [vocabSize, hiddenSize]);
  shapes.set(`${modelType}.embeddings.position_embeddings.weight`, [
    firstPosition + maxPositions,
    hiddenSize,
  ]);
  shapes.set(`${modelType}.embeddings.token_type_embeddings.weight`, [numTypes, hiddenSize]);
  norm(`${modelType}.embeddings.LayerNorm`);
  for (const [name, { inSize, outSize }] of linearLayers(config))
    shapes.set(`${name}.weight`, [outSize, inSize]).set(`${name}.bias`, [outSize]);
  for (const layer of layerNumbers(config)) {
    norm(`${layerPath(config, layer)}.attention.output.LayerNorm`);
    norm(`${layerPath(config, layer)}.output.LayerNorm`);
  }
  return shapes;
}

/** Parameter names of the parts above the layers. */
const topNames = {
  bert: {
    dense: 'cls.predictions.transform.dense',
    norm: 'cls.predictions.transform.LayerNorm',
    bias: 'cls.predictions.bias',
  },
  roberta: { dense: 'lm_head.dense', norm: 'lm_head.layer_norm', bias: 'lm_head.bias' },
} as const;
const poolerName = 'bert.pooler.dense';

/** The masked language modeling head and BERT's pooler. A file has them depending on what it was saved for. */
function optionalParameters({ modelType, hiddenSize, vocabSize }: BertConfig): ParameterShapes {
  const { dense, norm, bias } = topNames[modelType];
  const square = [hiddenSize, hiddenSize];
  const shapes = new Map<string, readonly number[]>();
  shapes.set(`${dense}.weight`, square).set(`${dense}.bias`, [hiddenSize]);
  shapes.set(`${norm}.weight`, [hiddenSize]).set(`${norm}.bias`, [hiddenSize]).set(bias, [vocabSize]);
  if (modelType === 'bert')
    shapes.set(`${poolerName}.weight`, square).set(`${poolerName}.bias`, [hiddenSize]);
  return shapes;
}

const dense = (weights: Weights, name: string, x: Value) =>
  linear(x, weights.get(`${name}.weight`), weights.get(`${name}.bias`), { transposeWeight: true });

/** The linear layer `part` ("self.key", "output.dense") of `path`, as changed by the method. */
const applyLinear = (weights: Weights, path: string, part: string, input: Value) =>
  scope(part.slice(0, part.indexOf('.')), () =>
    weights.applyLinear(`${path}.${part}`, { input, compute: (x) => dense(weights, `${path}.${part}`, x) }),
  );

const normalize = (config: BertConfig, weights: Weights, name: string, x: Value) =>
  layerNorm(x, weights.get(`${name}.weight`), weights.get(`${name}.bias`), config.epsilon);

/** LayerNorm(token + position + type 0). */
function embeddings(config: BertConfig, weights: Weights, stream: Stream): Value {
  const path = `${config.modelType}.embeddings`;
  const rows = add(stream.positions, scalar(config.firstPosition, 'int64'));
  const placed = withPositions(stream, weights.get(`${path}.position_embeddings.weight`), rows);
  const type = slice(weights.get(`${path}.token_type_embeddings.weight`), 0, 0, 1);
  return normalize(config, weights, `${path}.LayerNorm`, add(placed, type));
}

function forward(config: BertConfig, weights: Weights, stream: Stream): StreamOutput {
  if (stream.cache) throw new Error('an encoder has no key-value cache');
  const sight = { masks: [attentionMask(stream)] };
  const views = { every: sight, outputs: sight };
  const keyValues: KeyValue[] = [];
  let hidden = scope('embeddings', () => embeddings(config, weights, stream));
  for (const index of layerNumbers(config)) {
    hidden = scope(`layer.${index}`, () => {
      const layer = { config, weights, stream, index, views };
      const attended = scope('attention', () => attentionSubLayer(layer, hidden));
      keyValues.push(attended.keyValue);
      return feedForwardSubLayer(config, weights, layerPath(config, index), attended.output);
    });
  }
  return { hidden, keyValues };
}

/** [1 or batch, 1, 1, past + length]: hides padding in the rows; all of the past is visible. */
function attentionMask({ past, batch, length, mask }: Stream): Value {
  const own = mask ?? expand(scalar(0, 'float32'), [1, 1, 1, length]);
  const before = past?.[0]?.key.shape[2];
  if (before === undefined) return own;
  return concat([expand(scalar(0, 'float32'), [mask ? batch : 1, 1, 1, before]), own], -1);
}

interface Layer {
  readonly config: BertConfig;
  readonly weights: Weights;
  readonly stream: Stream;
  readonly index: number;
  readonly views: AttentionViews;
}

/** LayerNorm(x + dense(attention(x))); in the last layer, for the output rows only. */
function attentionSubLayer(
  { config, weights, stream, index, views }: Layer,
  x: Value,
): { output: Value; keyValue: KeyValue } {
  const path = `${layerPath(config, index)}.attention`;
  const apply = (part: string, rows: Value) => applyLinear(weights, path, part, rows);
  const { rows, keyValue, outputRows } = selfAttention({
    ...{ stream, config, layer: index, views },
    scoring: { scale: config.headDim ** -0.5 },
    queriesKeysValues: (queryRows) => ({
      query: apply('self.query', queryRows ? gather(x, queryRows) : x),
      key: apply('self.key', x),
      value: apply('self.value', x),
    }),
  });
  const use = { output: apply('output.dense', rows), residual: outputRows(x) };
  return { output: addAndNormalize(config, weights, `${path}.output`, use), keyValue };
}

/** LayerNorm(x + output(activation(intermediate(x)))) */
function feedForwardSubLayer(config: BertConfig, weights: Weights, path: string, x: Value): Value {
  const apply = (part: string, rows: Value) => applyLinear(weights, path, part, rows);
  const output = apply('output.dense', config.activation(apply('intermediate.dense', x)));
  return addAndNormalize(config, weights, `${path}.output`, { output, residual: x });
}

function addAndNormalize(config: BertConfig, weights: Weights, name: string, use: SubLayerUse): Value {
  const ownNorm = (sum: Value) => normalize(config, weights, `${name}.LayerNorm`, sum);
  return ownNorm(weights.addSubLayer(name, { ...use, normalize: ownNorm }));
}

/** The heads of transformers' models per task. */
const headDesigns: Readonly<Record<'bert' | 'roberta', Partial<Record<HeadTaskType, HeadDesign>>>> = {
  bert: {
    'sequence-classification': {
      layers: ['classifier'],
      bias: true,
      pools: 'first',
      pooler: {
        parameters: [`${poolerName}.weight`, `${poolerName}.bias`],
        apply: (weights, hidden) => tanh(dense(weights, poolerName, hidden)),
      },
    },
    'token-classification': { layers: ['classifier'], bias: true },
  },
  roberta: {
    'sequence-classification': {
      layers: ['classifier.dense', 'classifier.out_proj'],
      bias: true,
      pools: 'first',
    },
    'token-classification': { layers: ['classifier'], bias: true },
  },
};

function architecture(config: BertConfig): Architecture {
  const { modelType } = config;
  const top = topNames[modelType];
  return {
    config,
    bidirectional: true,
    parameters: parameters(config),
    optionalParameters: optionalParameters(config),
    linearLayers: linearLayers(config),
    subLayers: subLayers(config),
    headDesigns: headDesigns[modelType],
    embeddingName: embeddingName(config),
    embed: (weights, ids) => gather(weights.get(embeddingName(config)), ids),
    forward: (weights, stream) => forward(config, weights, stream),
    headParameters: [...optionalParameters(config).keys()].filter((name) => !name.startsWith(poolerName)),
    head: (weights) => ({
      weight: weights.get(embeddingName(config)),
      bias: weights.get(top.bias),
      transform: (hidden) => {
        // RoBERTa's is GELU, regardless of hidden_act.
        const activation = modelType === 'bert' ? config.activation : activations.gelu!;
        return normalize(config, weights, top.norm, activation(dense(weights, top.dense, hidden)));
      },
    }),
  };
}

const familyOf = (modelType: BertConfig['modelType']): ModelFamily => ({
  modelTypes: [modelType],
  prefix: `${modelType}.`,
  configure: (raw, path) => architecture(parseConfig(raw, path)),
});

export const bert = familyOf('bert');
export const roberta = familyOf('roberta');
