/**
 * @file GGUF architectures in Hugging Face's terms: fields of config.json, parameter names, and the changes of
 *   llama.cpp's converter that have to be undone.
 */
import { FileError, UsageError } from '../errors.js';
import type { GgufFile } from '../formats/gguf.js';
import { say } from '../say.js';
import { ggufRotary } from './gguf-rotary.js';

/** How to turn a tensor back into the parameter that it was made from. */
export type Undo =
  /** Rows are in the order of rotary pairs (2i, 2i+1); Hugging Face pairs i with i + headDim/2. */
  | { readonly kind: 'interleaved-heads'; readonly numHeads: number }
  /** The tensor is [out, in]; GPT-2's Conv1D is [in, out]. */
  | { readonly kind: 'transposed' }
  /** The tensor is 1 + w; Gemma's parameter is w. */
  | { readonly kind: 'one-added' };

/** Numbers of query heads, and of key and value heads. */
export interface HeadCounts {
  readonly heads: number;
  readonly keyValueHeads: number;
}

/** A model architecture in both formats. */
export interface GgufArchitecture {
  /** The `model_type`s that are written as this architecture. */
  readonly modelTypes: readonly string[];
  /** The fields of config.json. */
  config(keys: GgufKeys): Record<string, unknown>;
  /** From a part of the model (`output_norm`) or of a layer (`blk.attn_q`) to the path of its module. */
  readonly modules: Readonly<Record<string, string>>;
  /** The change to undo in a part's tensors, if any. */
  undo?(part: string, counts: HeadCounts): Undo | undefined;
}

/** The metadata of one file, by names relative to the architecture's. */
export class GgufKeys {
  readonly architecture: string;

  constructor(readonly file: GgufFile) {
    this.architecture = this.text('general.architecture');
  }

  has(tensor: string): boolean {
    return this.file.tensors.has(tensor);
  }

  text(key: string): string {
    const value = this.file.metadata.get(key);
    if (typeof value === 'string') return value;
    throw new FileError(this.file.path, key, say`expected a string in the metadata, found ${shown(value)}`);
  }

  /** `<architecture>.<name>`, or `fallback` if it is missing. */
  number(name: string, fallback?: number): number {
    const key = `${this.architecture}.${name}`;
    const value = this.file.metadata.get(key) ?? fallback;
    if (typeof value === 'number') return asWritten(value);
    throw new FileError(this.file.path, key, say`expected a number in the metadata, found ${shown(value)}`);
  }

  optional(name: string): number | undefined {
    return this.file.metadata.has(`${this.architecture}.${name}`) ? this.number(name) : undefined;
  }

  /** @throws FileError if they are missing */
  headCounts(): HeadCounts {
    const heads = this.number('attention.head_count');
    return { heads, keyValueHeads: this.number('attention.head_count_kv', heads) };
  }

  /** The number of rows of a tensor that every model has: the metadata does not always have the vocabulary's size. */
  rows(tensor: string): number {
    const found = this.file.tensors.get(tensor);
    if (found) return found.shape[0]!;
    throw new FileError(this.file.path, tensor, say`it is missing; every model has this tensor`);
  }
}

/** The shortest decimal with the same float32: 1e-5 is stored as 0.00000999999974…. */
function asWritten(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

function shown(value: unknown): string {
  if (value === undefined) return 'none';
  return Array.isArray(value) ? 'a list' : String(value);
}

const llamaLayer = {
  'blk.attn_norm': 'input_layernorm',
  'blk.attn_q': 'self_attn.q_proj',
  'blk.attn_k': 'self_attn.k_proj',
  'blk.attn_v': 'self_attn.v_proj',
  'blk.attn_output': 'self_attn.o_proj',
  'blk.attn_q_norm': 'self_attn.q_norm',
  'blk.attn_k_norm': 'self_attn.k_norm',
  'blk.ffn_norm': 'post_attention_layernorm',
  'blk.ffn_gate': 'mlp.gate_proj',
  'blk.ffn_up': 'mlp.up_proj',
  'blk.ffn_down': 'mlp.down_proj',
};

const llamaModules = inLayers('model.layers', {
  token_embd: 'model.embed_tokens',
  output_norm: 'model.norm',
  output: 'lm_head',
  ...llamaLayer,
});

/** Gemma 2 and 3 have a norm before and after each sub-layer. */
const gemma2Modules = inLayers('model.layers', {
  token_embd: 'model.embed_tokens',
  output_norm: 'model.norm',
  ...llamaLayer,
  'blk.post_attention_norm': 'post_attention_layernorm',
  'blk.ffn_norm': 'pre_feedforward_layernorm',
  'blk.post_ffw_norm': 'post_feedforward_layernorm',
});

const gpt2Modules = inLayers('transformer.h', {
  token_embd: 'transformer.wte',
  position_embd: 'transformer.wpe',
  output_norm: 'transformer.ln_f',
  output: 'lm_head',
  'blk.attn_norm': 'ln_1',
  'blk.attn_qkv': 'attn.c_attn',
  'blk.attn_output': 'attn.c_proj',
  'blk.ffn_norm': 'ln_2',
  'blk.ffn_up': 'mlp.c_fc',
  'blk.ffn_down': 'mlp.c_proj',
});

/** Adds the prefix `<layers>.#.` to the modules of layers, where # stands for the layer's number. */
function inLayers(layers: string, modules: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(modules).map(([part, module]) => [
      part,
      part.startsWith('blk.') ? `${layers}.#.${module}` : module,
    ]),
  );
}

/** What all of Llama's relatives have in common. */
function llamaConfig(
  modelType: string,
  keys: GgufKeys,
  rotary?: Parameters<typeof ggufRotary>[2],
): Record<string, unknown> {
  const numHeads = keys.number('attention.head_count');
  const hiddenSize = keys.number('embedding_length');
  const headDim = keys.number('attention.key_length', hiddenSize / numHeads);
  return {
    model_type: modelType,
    vocab_size: keys.rows('token_embd.weight'),
    hidden_size: hiddenSize,
    intermediate_size: keys.number('feed_forward_length'),
    num_hidden_layers: keys.number('block_count'),
    num_attention_heads: numHeads,
    num_key_value_heads: keys.number('attention.head_count_kv', numHeads),
    head_dim: headDim,
    max_position_embeddings: keys.number('context_length'),
    rms_norm_eps: keys.number('attention.layer_norm_rms_epsilon'),
    hidden_act: 'silu',
    tie_word_embeddings: !keys.has('output.weight'),
    attention_bias: keys.has('blk.0.attn_q.bias'),
    ...ggufRotary(keys, headDim, rotary),
  };
}

const gemmaConfig = (modelType: string, keys: GgufKeys, rotary?: Parameters<typeof ggufRotary>[2]) => ({
  ...llamaConfig(modelType, keys, rotary),
  hidden_act: 'gelu_pytorch_tanh',
  hidden_activation: 'gelu_pytorch_tanh',
});

/**
 * The number whose square root divides the scores. It differs in the largest model of each kind, which the metadata
 * does not mention.
 */
function queryScalar(keys: GgufKeys, layersOfLargest: number): number {
  if (keys.number('block_count') === layersOfLargest)
    return keys.number('embedding_length') / keys.number('attention.head_count');
  return keys.number('attention.key_length');
}

const undoNorms = (part: string): Undo | undefined =>
  part.endsWith('norm') ? { kind: 'one-added' } : undefined;

/** By `general.architecture`. */
export const ggufArchitectures: Readonly<Record<string, GgufArchitecture>> = {
  llama: {
    modelTypes: ['llama', 'mistral'],
    config: (keys) => ({ ...llamaConfig('llama', keys), mlp_bias: keys.has('blk.0.ffn_up.bias') }),
    modules: llamaModules,
    undo(part, { heads, keyValueHeads }) {
      if (part === 'blk.attn_q') return { kind: 'interleaved-heads', numHeads: heads };
      return part === 'blk.attn_k' ? { kind: 'interleaved-heads', numHeads: keyValueHeads } : undefined;
    },
  },
  qwen2: {
    modelTypes: ['qwen2'],
    config: (keys) => llamaConfig('qwen2', keys),
    modules: llamaModules,
  },
  qwen3: {
    modelTypes: ['qwen3'],
    config: (keys) => llamaConfig('qwen3', keys),
    modules: llamaModules,
  },
  gemma: {
    modelTypes: ['gemma'],
    config: (keys) => gemmaConfig('gemma', keys),
    modules: llamaModules,
    undo: undoNorms,
  },
  gemma2: {
    modelTypes: ['gemma2'],
    config: (keys) => ({
      ...gemmaConfig('gemma2', keys),
      sliding_window: keys.number('attention.sliding_window', 4096),
      attn_logit_softcapping: keys.number('attn_logit_softcapping', 50),
      final_logit_softcapping: keys.number('final_logit_softcapping', 30),
      query_pre_attn_scalar: queryScalar(keys, 46),
    }),
    modules: gemma2Modules,
    undo: undoNorms,
  },
  gemma3: {
    modelTypes: ['gemma3_text'],
    config: (keys) => ({
      ...gemmaConfig('gemma3_text', keys, { theta: 1_000_000, hasLocalBase: true }),
      sliding_window: keys.number('attention.sliding_window'),
      sliding_window_pattern: 6,
      query_pre_attn_scalar: queryScalar(keys, 62),
    }),
    modules: gemma2Modules,
    undo: undoNorms,
  },
  gpt2: {
    modelTypes: ['gpt2'],
    config: (keys) => ({
      model_type: 'gpt2',
      vocab_size: keys.rows('token_embd.weight'),
      n_positions: keys.number('context_length'),
      n_embd: keys.number('embedding_length'),
      n_inner: keys.number('feed_forward_length'),
      n_layer: keys.number('block_count'),
      n_head: keys.number('attention.head_count'),
      layer_norm_epsilon: keys.number('attention.layer_norm_epsilon'),
      tie_word_embeddings: !keys.has('output.weight'),
    }),
    modules: gpt2Modules,
    undo: (part) =>
      /^blk\.(attn_qkv|attn_output|ffn_up|ffn_down)$/.test(part) ? { kind: 'transposed' } : undefined,
  },
};

/**
 * llama.cpp's names for a model and its modules.
 * @throws UsageError for an unsupported model type
 */
export function ggufNames(modelType: string) {
  const found = Object.entries(ggufArchitectures).find(([, { modelTypes }]) =>
    modelTypes.includes(modelType),
  );
  if (!found) {
    const known = Object.values(ggufArchitectures).flatMap(({ modelTypes }) => modelTypes);
    throw new UsageError(say`a ${modelType} cannot be written as GGUF; supported are ${known.join(', ')}`, {
      code: 'unsupported',
    });
  }
  const [architecture, { modules, undo }] = found;
  const parts = new Map(Object.entries(modules).map(([part, module]) => [module, part]));
  return {
    architecture,
    undo,
    /** `model.layers.3.self_attn.q_proj` is `blk.3.attn_q`: the part `blk.attn_q` of its layer. */
    partOf(module: string): { part: string; name: string } | undefined {
      const layer = /\.(\d+)\./.exec(module)?.[1];
      const part = parts.get(layer === undefined ? module : module.replace(`.${layer}.`, '.#.'));
      return part === undefined ? undefined : { part, name: part.replace('blk.', `blk.${layer}.`) };
    },
  };
}
