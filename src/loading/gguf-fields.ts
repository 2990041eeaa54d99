/** @file config.json as GGUF metadata: the reverse of `gguf-names.ts`. */
import { FileError, UsageError } from '../errors.js';
import type { GgufField } from '../formats/gguf-writer.js';
import type { LanguageModel } from '../models/model.js';
import { say } from '../say.js';

type Metadata = Record<string, GgufField>;

const uint32 = (value: number): GgufField => ({ type: 'uint32', value });
const float32 = (value: number): GgufField => ({ type: 'float32', value });

/**
 * The sizes of a model under llama.cpp's names, after `<architecture>.`.
 * @throws FileError for a field of config.json that changes the result and has no place in the file; UsageError for an
 *   unsupported model type
 */
export function ggufFields(architecture: string, model: LanguageModel): Metadata {
  const writer = fieldWriters[model.config.modelType];
  if (!writer) {
    const known = Object.keys(fieldWriters).join(', ');
    throw new UsageError(say`a ${model.config.modelType} cannot be written as GGUF; supported are ${known}`, {
      code: 'unsupported',
    });
  }
  const fields = writer(model);
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [`${architecture}.${name}`, field]),
  );
}

/** Requires a field to have one of these values or to be absent. */
function expectOnly(model: LanguageModel, field: string, values: readonly unknown[]): void {
  const { config, configPath } = model.source;
  const value = config[field];
  if (value === undefined || value === null || values.includes(value)) return;
  throw new FileError(configPath, field, say`${JSON.stringify(value)} cannot be written as GGUF`);
}

function gpt2Fields(model: LanguageModel): Metadata {
  const { config } = model.source;
  expectOnly(model, 'activation_function', ['gelu_new']);
  expectOnly(model, 'scale_attn_by_inverse_layer_idx', [false]);
  expectOnly(model, 'scale_attn_weights', [true]);
  const { maxPositions, hiddenSize, numLayers, numAttentionHeads } = model.config;
  return {
    context_length: uint32(maxPositions),
    embedding_length: uint32(hiddenSize),
    feed_forward_length: uint32(Number(config.n_inner ?? 4 * hiddenSize)),
    block_count: uint32(numLayers),
    'attention.head_count': uint32(numAttentionHeads),
    'attention.layer_norm_epsilon': float32(Number(config.layer_norm_epsilon ?? 1e-5)),
  };
}

function llamaFields(model: LanguageModel): Metadata {
  const { config } = model.source;
  expectOnly(model, 'hidden_act', ['silu']);
  expectOnly(model, 'use_sliding_window', [false]);
  if (config.model_type === 'mistral') expectOnly(model, 'sliding_window', []);
  const { maxPositions, hiddenSize, numLayers, numAttentionHeads, numKeyValueHeads, headDim } = model.config;
  return {
    context_length: uint32(maxPositions),
    embedding_length: uint32(hiddenSize),
    feed_forward_length: uint32(Number(config.intermediate_size)),
    block_count: uint32(numLayers),
    'attention.head_count': uint32(numAttentionHeads),
    'attention.head_count_kv': uint32(numKeyValueHeads),
    'attention.key_length': uint32(headDim),
    'attention.value_length': uint32(headDim),
    'attention.layer_norm_rms_epsilon': float32(Number(config.rms_norm_eps ?? 1e-6)),
    'rope.dimension_count': uint32(headDim),
    ...rotaryFields(model),
  };
}

/** Rotary positions without scaling, or with linear scaling. */
function rotaryFields(model: LanguageModel): Metadata {
  const { config, configPath } = model.source;
  const older = config.rope_scaling as Record<string, unknown> | null | undefined;
  const newer = config.rope_parameters as Record<string, unknown> | null | undefined;
  const fields = older && Object.keys(older).length > 0 ? older : (newer ?? {});
  const kind = fields.rope_type ?? fields.type ?? 'default';
  const base = float32(Number(fields.rope_theta ?? config.rope_theta ?? 10_000));
  if (kind === 'default') return { 'rope.freq_base': base };
  if (kind === 'linear')
    return {
      'rope.freq_base': base,
      'rope.scaling.type': { type: 'string', value: 'linear' },
      'rope.scaling.factor': float32(Number(fields.factor)),
    };
  const place = fields === older ? 'rope_scaling' : 'rope_parameters';
  throw new FileError(configPath, `${place}.rope_type`, say`"${kind}" cannot be written as GGUF`);
}

/** By config.json's `model_type`. */
const fieldWriters: Readonly<Record<string, (model: LanguageModel) => Metadata>> = {
  gpt2: gpt2Fields,
  llama: llamaFields,
  mistral: llamaFields,
  qwen2: llamaFields,
  qwen3: llamaFields,
};
