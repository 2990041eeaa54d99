/**
 * @file The differences between Llama-like decoders, read from config.json: Llama (SmolLM2 is one), Mistral, Qwen2 and
 *   2.5, Qwen3, Gemma 1 to 3 (text) and Phi-3.
 */
import * as z from 'zod';
import { FileError } from '../errors.js';
import type { Value } from '../graph/index.js';
import { say } from '../say.js';
import { fileFields } from '../schema-problems.js';
import type { Scoring } from './attention.js';
import { activationNamed, divided, layerCount, size } from './config-fields.js';
import type { ModelConfig } from './model.js';
import { parseRotary, type RotaryOptions } from './rotary.js';
import type { AttentionPattern } from './self-attention.js';

export interface LlamaConfig extends ModelConfig {
  readonly innerSize: number;
  readonly activation: (x: Value) => Value;
  readonly epsilon: number;
  /** Which linear layers have a bias. */
  readonly biases: {
    readonly queryKeyValue: boolean;
    readonly output: boolean;
    readonly feedForward: boolean;
  };
  /** One matrix for queries, keys and values, and one for gate and up (Phi-3). */
  readonly fused: boolean;
  /** Normalization of every head's queries and keys (Qwen3, Gemma 3). */
  readonly normalizesHeads: boolean;
  /** Normalization of a sub-layer's output as well as of its input (Gemma 2 and 3). */
  readonly normalizesOutputs: boolean;
  /** Added to a normalization's weight: 1 in Gemma. */
  readonly normOffset: number;
  /** Factor of the embeddings. */
  readonly embeddingScale: number;
  readonly scoring: Scoring;
  /** If set, logits s become cap·tanh(s/cap). */
  readonly headCap?: number;
  readonly tiedHead: boolean;
  /** One per layer. Layers of one kind share an object. */
  readonly attentionPatterns: readonly AttentionPattern[];
}

const layerType = z.enum(['full_attention', 'sliding_attention']);

const schema = z.object({
  vocab_size: size,
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: layerCount,
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  max_position_embeddings: size,
  rms_norm_eps: z.number().positive().default(1e-6),
  hidden_act: z.string().nullish(),
  hidden_activation: z.string().nullish(),
  tie_word_embeddings: z.boolean().optional(),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  use_sliding_window: z.boolean().default(false),
  sliding_window: size.nullish(),
  sliding_window_pattern: size.default(6),
  max_window_layers: z.int().nonnegative().default(28),
  layer_types: z.array(layerType).nullish(),
  query_pre_attn_scalar: z.number().positive().default(256),
  attn_logit_softcapping: z.number().positive().nullish(),
  final_logit_softcapping: z.number().positive().nullish(),
  use_bidirectional_attention: z.literal(false, 'attention in both directions is not supported').nullish(),
});
type Fields = z.output<typeof schema>;

/** What a model type implies that config.json does not say. */
interface Traits {
  /** Biases of attention: if `attention_bias` says so (llama and others), or of queries, keys and values (Qwen2). */
  readonly attentionBias?: 'by field' | 'query-key-value';
  /** `mlp_bias` counts. */
  readonly feedForwardBias?: boolean;
  readonly fused?: boolean;
  readonly normalizesHeads?: boolean;
  /** Gemma: normalization by 1 + w, embeddings times √hidden, tanh GELU and tied head. */
  readonly gemma?: boolean;
  /** Gemma 2 and 3: normalized outputs, caps, and the scale of attention from query_pre_attn_scalar. */
  readonly gemma2?: boolean;
  /** Default of head_dim. Without it: hidden / heads. */
  readonly headDim?: number;
  /** Defaults of `sliding_window` and the caps. Gemma 3 has the field of attention's cap, but no cap. */
  readonly window?: number;
  readonly attentionCap?: number;
  readonly headCap?: number;
  /** Whether a layer has a sliding window, for a config.json without `layer_types`. */
  readonly slides?: (layer: number, fields: Fields) => boolean;
  /** Rotary parameters per type of layer (Gemma 3). */
  readonly rotaryByType?: Readonly<Record<z.output<typeof layerType>, Partial<RotaryOptions>>>;
}

const qwen: Traits = {
  window: 4096,
  slides: (layer, { use_sliding_window: used, max_window_layers: first }) => used && layer >= first,
};
const gemma: Traits = { gemma: true, attentionBias: 'by field', headDim: 256 };
const traitsByType: Readonly<Record<string, Traits>> = {
  llama: { attentionBias: 'by field', feedForwardBias: true },
  mistral: { window: 4096, slides: () => true },
  qwen2: { ...qwen, attentionBias: 'query-key-value' },
  qwen3: { ...qwen, attentionBias: 'by field', normalizesHeads: true, headDim: 128 },
  gemma,
  gemma2: {
    ...gemma,
    gemma2: true,
    window: 4096,
    attentionCap: 50,
    headCap: 30,
    slides: (layer) => layer % 2 === 0,
  },
  gemma3_text: {
    ...gemma,
    gemma2: true,
    normalizesHeads: true,
    window: 4096,
    slides: (layer, { sliding_window_pattern: pattern }) => (layer + 1) % pattern !== 0,
    rotaryByType: {
      full_attention: { theta: 1_000_000 },
      sliding_attention: { thetaName: 'rope_local_base_freq', scaled: false },
    },
  },
  phi3: { fused: true, slides: () => true },
};

export const llamaTypes = Object.keys(traitsByType);

/** @throws FileError naming the field of config.json (at `path`) that is wrong */
export function parseLlamaConfig(raw: Readonly<Record<string, unknown>>, path: string): LlamaConfig {
  const fields = fileFields(schema, raw, path);
  const modelType = `${raw.model_type}`;
  const traits = traitsByType[modelType]!;
  const { hidden_size: hiddenSize, num_attention_heads: numHeads } = fields;
  const numKeyValueHeads = fields.num_key_value_heads ?? numHeads;
  divided(path, ['num_attention_heads', numHeads], ['num_key_value_heads', numKeyValueHeads]);
  const headDim =
    fields.head_dim ??
    traits.headDim ??
    divided(path, ['hidden_size', hiddenSize], ['num_attention_heads', numHeads]);
  const patterns = parseAttentionPatterns(raw, path, fields, traits, headDim);
  const actField = traits.gemma2 ? 'hidden_activation' : 'hidden_act';
  const act = fields[actField] ?? (traits.gemma ? 'gelu_pytorch_tanh' : 'silu');
  // Gemma's first files say "gelu" but mean its tanh approximation.
  const meansTanh = traits.gemma && !traits.gemma2 && act === 'gelu';
  return {
    modelType,
    vocabSize: fields.vocab_size,
    hiddenSize,
    numLayers: fields.num_hidden_layers,
    numAttentionHeads: numHeads,
    numKeyValueHeads,
    headDim,
    innerSize: fields.intermediate_size,
    activation: activationNamed(meansTanh ? 'gelu_pytorch_tanh' : act, path, actField),
    epsilon: raw.rms_norm_eps === undefined && traits.fused ? 1e-5 : fields.rms_norm_eps,
    biases: {
      queryKeyValue:
        traits.attentionBias === 'query-key-value' ||
        (traits.attentionBias === 'by field' && fields.attention_bias),
      output: traits.attentionBias === 'by field' && fields.attention_bias,
      feedForward: traits.feedForwardBias === true && fields.mlp_bias,
    },
    fused: traits.fused ?? false,
    normalizesHeads: traits.normalizesHeads ?? false,
    normalizesOutputs: traits.gemma2 ?? false,
    normOffset: traits.gemma ? 1 : 0,
    embeddingScale: traits.gemma ? Math.sqrt(hiddenSize) : 1,
    scoring: {
      scale: (traits.gemma2 ? fields.query_pre_attn_scalar : headDim) ** -0.5,
      cap: traits.attentionCap ? capOf(fields.attn_logit_softcapping, traits.attentionCap) : undefined,
    },
    headCap: traits.gemma2 ? capOf(fields.final_logit_softcapping, traits.headCap) : undefined,
    tiedHead: fields.tie_word_embeddings ?? traits.gemma ?? false,
    ...patterns,
  };
}

/** In config.json, null means no cap, and a missing field the model type's default. */
const capOf = (field: number | null | undefined, otherwise: number | undefined) =>
  field === null ? undefined : (field ?? otherwise);

function parseAttentionPatterns(
  raw: Readonly<Record<string, unknown>>,
  path: string,
  fields: Fields,
  { slides, window: usual, rotaryByType }: Traits,
  headDim: number,
) {
  const { num_hidden_layers: numLayers, layer_types: types } = fields;
  if (slides && types && types.length !== numLayers)
    throw new FileError(
      path,
      'layer_types',
      say`expected ${numLayers} types, one per layer, found ${types.length}`,
    );
  const typeOf = (layer: number) =>
    slides && (types ? types[layer] === 'sliding_attention' : slides(layer, fields))
      ? 'sliding_attention'
      : 'full_attention';
  const sliding = fields.sliding_window === null ? undefined : (fields.sliding_window ?? usual);
  const rotatesAll = raw.model_type !== 'phi3';
  const shared = { raw, path, headDim, rotatesAll, maxPositions: fields.max_position_embeddings };
  let maxPositions = Number.POSITIVE_INFINITY;
  let dependsOnLength = false;
  const kinds = new Map<string, AttentionPattern>();
  const patternOf = (type: z.output<typeof layerType>) => {
    const known = kinds.get(type);
    if (known) return known;
    const own = rotaryByType && { layerType: type, ...rotaryByType[type] };
    const { rotary, maxPositions: reach, ...others } = parseRotary({ ...shared, ...own });
    maxPositions = Math.min(maxPositions, reach);
    dependsOnLength ||= others.dependsOnLength;
    // A window as wide as the context hides nothing.
    const window = type === 'sliding_attention' && sliding && sliding < reach ? sliding : undefined;
    const pattern = { rotary, window };
    kinds.set(type, pattern);
    return pattern;
  };
  const attentionPatterns = Array.from({ length: numLayers }, (_, layer) => patternOf(typeOf(layer)));
  return { attentionPatterns, maxPositions, dependsOnLength };
}
