import { describe, expect, it } from 'vitest';
import { FileError } from '../errors.js';
import { gptNeox, phi } from './gpt-neox.js';
import { llama } from './llama.js';
import { parseLlamaConfig } from './llama-config.js';
import type { ModelFamily } from './model.js';
import { opt } from './opt.js';

/** The fields of some models' config.json that count, and how many parameters these models are known to have. */
const known: [string, ModelFamily, Record<string, unknown>, count: number][] = [
  [
    'SmolLM2-135M',
    llama,
    {
      model_type: 'llama',
      vocab_size: 49152,
      hidden_size: 576,
      intermediate_size: 1536,
      num_hidden_layers: 30,
      num_attention_heads: 9,
      num_key_value_heads: 3,
      tie_word_embeddings: true,
    },
    134_515_008,
  ],
  [
    'Llama-3.2-1B',
    llama,
    {
      model_type: 'llama',
      vocab_size: 128256,
      hidden_size: 2048,
      intermediate_size: 8192,
      num_hidden_layers: 16,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      head_dim: 64,
      tie_word_embeddings: true,
    },
    1_235_814_400,
  ],
  [
    'Mistral-7B-v0.1',
    llama,
    {
      model_type: 'mistral',
      vocab_size: 32000,
      hidden_size: 4096,
      intermediate_size: 14336,
      num_hidden_layers: 32,
      num_attention_heads: 32,
      num_key_value_heads: 8,
    },
    7_241_732_096,
  ],
  [
    'Qwen2.5-0.5B',
    llama,
    {
      model_type: 'qwen2',
      vocab_size: 151936,
      hidden_size: 896,
      intermediate_size: 4864,
      num_hidden_layers: 24,
      num_attention_heads: 14,
      num_key_value_heads: 2,
      tie_word_embeddings: true,
    },
    494_032_768,
  ],
  [
    'Qwen3-0.6B',
    llama,
    {
      model_type: 'qwen3',
      vocab_size: 151936,
      hidden_size: 1024,
      intermediate_size: 3072,
      num_hidden_layers: 28,
      num_attention_heads: 16,
      num_key_value_heads: 8,
      tie_word_embeddings: true,
    },
    596_049_920,
  ],
  [
    'gemma-2b',
    llama,
    {
      model_type: 'gemma',
      vocab_size: 256000,
      hidden_size: 2048,
      intermediate_size: 16384,
      num_hidden_layers: 18,
      num_attention_heads: 8,
      num_key_value_heads: 1,
    },
    2_506_172_416,
  ],
  [
    'gemma-2-2b',
    llama,
    {
      model_type: 'gemma2',
      vocab_size: 256000,
      hidden_size: 2304,
      intermediate_size: 9216,
      num_hidden_layers: 26,
      num_attention_heads: 8,
      num_key_value_heads: 4,
    },
    2_614_341_888,
  ],
  [
    'gemma-3-1b',
    llama,
    {
      model_type: 'gemma3_text',
      vocab_size: 262144,
      hidden_size: 1152,
      intermediate_size: 6912,
      num_hidden_layers: 26,
      num_attention_heads: 4,
      num_key_value_heads: 1,
    },
    999_885_952,
  ],
  [
    'Phi-3-mini-4k',
    llama,
    {
      model_type: 'phi3',
      vocab_size: 32064,
      hidden_size: 3072,
      intermediate_size: 8192,
      num_hidden_layers: 32,
      num_attention_heads: 32,
    },
    3_821_079_552,
  ],
  [
    'pythia-160m',
    gptNeox,
    {
      model_type: 'gpt_neox',
      vocab_size: 50304,
      hidden_size: 768,
      intermediate_size: 3072,
      num_hidden_layers: 12,
      num_attention_heads: 12,
    },
    162_322_944,
  ],
  [
    'phi-2',
    phi,
    {
      model_type: 'phi',
      vocab_size: 51200,
      hidden_size: 2560,
      intermediate_size: 10240,
      num_hidden_layers: 32,
      num_attention_heads: 32,
    },
    2_779_683_840,
  ],
  [
    'opt-125m',
    opt,
    {
      model_type: 'opt',
      vocab_size: 50272,
      hidden_size: 768,
      ffn_dim: 3072,
      num_hidden_layers: 12,
      num_attention_heads: 12,
    },
    125_239_296,
  ],
];

it.each(known)('%s has as many parameters as is known', (_, family, config, expected) => {
  const { parameters } = family.configure({ max_position_embeddings: 2048, ...config }, 'config.json');
  const count = [...parameters.values()].reduce((sum, shape) => sum + shape.reduce((a, b) => a * b), 0);
  expect(count).toBe(expected);
});

const small = {
  model_type: 'llama',
  vocab_size: 10,
  hidden_size: 8,
  intermediate_size: 6,
  num_hidden_layers: 6,
  num_attention_heads: 2,
  max_position_embeddings: 100,
};
const parse = (others: Record<string, unknown>) => parseLlamaConfig({ ...small, ...others }, 'config.json');
const windows = (others: Record<string, unknown>) =>
  parse(others).attentionPatterns.map(({ window }) => window);

describe('windows', () => {
  it('are those of the model type, with and without types of layers', () => {
    expect(windows({ sliding_window: 7 })).toEqual(new Array(6).fill(undefined)); // Llama has none
    expect(windows({ model_type: 'mistral', sliding_window: 7 })).toEqual(new Array(6).fill(7));
    expect(windows({ model_type: 'mistral', sliding_window: null })).toEqual(new Array(6).fill(undefined));
    const qwen = { model_type: 'qwen2', sliding_window: 7, max_window_layers: 4 };
    expect(windows(qwen)).toEqual(new Array(6).fill(undefined));
    expect(windows({ ...qwen, use_sliding_window: true })).toEqual([...new Array(4).fill(undefined), 7, 7]);
    expect(windows({ model_type: 'gemma2', sliding_window: 7 })).toEqual([
      7,
      undefined,
      7,
      undefined,
      7,
      undefined,
    ]);
    const gemma3 = { model_type: 'gemma3_text', sliding_window: 7 };
    expect(windows(gemma3)).toEqual([7, 7, 7, 7, 7, undefined]);
    expect(windows({ ...gemma3, sliding_window_pattern: 3 })).toEqual([7, 7, undefined, 7, 7, undefined]);
    const types = ['full_attention', 'sliding_attention'].flatMap((type) => [type, type, type]);
    expect(windows({ ...gemma3, layer_types: types })).toEqual([undefined, undefined, undefined, 7, 7, 7]);
  });

  it('as wide as the context hide nothing and are left out', () => {
    expect(windows({ model_type: 'mistral', sliding_window: 100 })[0]).toBeUndefined();
    expect(windows({ model_type: 'mistral' })[0]).toBeUndefined(); // 4096
  });
});

describe('rotary positions', () => {
  const rotary = (others: Record<string, unknown>) =>
    parse(others).attentionPatterns.map((pattern) => pattern.rotary!);

  it('are read in the newer form and the older', () => {
    const expected = [1, 0.1].map((frequency) => Math.fround(frequency / 4));
    const newer = { rope_parameters: { rope_type: 'linear', rope_theta: 100, factor: 4 } };
    const older = { rope_theta: 100, rope_scaling: { type: 'linear', factor: 4 } };
    for (const fields of [newer, older])
      expect(rotary(fields)[0]!.frequencies).toEqual(Float32Array.from(expected));
  });

  it("are Gemma 3's own in layers with a window, in which nothing is scaled", () => {
    const fields = {
      model_type: 'gemma3_text',
      head_dim: 4,
      rope_theta: 10_000,
      rope_local_base_freq: 100,
      rope_scaling: { rope_type: 'linear', factor: 2 },
    };
    const frequencies = rotary(fields).map((one) => [...one.frequencies]);
    expect(frequencies[0]).toEqual([1, Math.fround(0.1)]);
    expect(frequencies[5]).toEqual([0.5, Math.fround(0.005)]);
  });

  it('say how long texts can be', () => {
    expect(parse({}).maxPositions).toBe(100);
    expect(parse({ rope_scaling: { type: 'dynamic', factor: 2.5 } }).maxPositions).toBe(250);
    const longrope = { type: 'longrope', short_factor: [1, 2], long_factor: [3, 4] };
    const fields = { model_type: 'phi3', rope_scaling: longrope, original_max_position_embeddings: 40 };
    const { maxPositions, attentionPatterns } = parse(fields);
    expect(maxPositions).toBe(40);
    expect(attentionPatterns[0]!.rotary!.factor).toBeCloseTo(Math.sqrt(1 + Math.log(2.5) / Math.log(40)), 12);
    expect(attentionPatterns[0]!.rotary!.frequencies).toEqual(Float32Array.of(1, 0.005));
  });
});

describe('a configuration', () => {
  it("takes Gemma's gelu for the one by tanh, null for no cap, and Phi-3's epsilon", () => {
    const activation = (hidden_act: string) => parse({ model_type: 'gemma', hidden_act }).activation;
    expect(activation('gelu')).toBe(activation('gelu_pytorch_tanh'));
    expect(parse({ model_type: 'gemma2' })).toMatchObject({
      headCap: 30,
      scoring: { cap: 50, scale: 1 / 16 },
    });
    const without = { final_logit_softcapping: null, attn_logit_softcapping: null };
    expect(parse({ model_type: 'gemma2', ...without })).toMatchObject({
      headCap: undefined,
      scoring: { cap: undefined },
    });
    expect(parse({ model_type: 'phi3' }).epsilon).toBe(1e-5);
  });

  it.each<[string, ModelFamily, Record<string, unknown>, string]>([
    ['no size', llama, { hidden_size: undefined }, '(hidden_size): '],
    [
      'heads that do not divide',
      llama,
      { num_attention_heads: 3, hidden_size: 9, num_key_value_heads: 2 },
      '(num_key_value_heads): num_attention_heads 3 is not divisible by 2 heads',
    ],
    [
      'an unknown activation',
      llama,
      { hidden_act: 'prelu' },
      '(hidden_act): "prelu" is not supported; expected one of',
    ],
    [
      'attention in both directions',
      llama,
      { model_type: 'gemma', use_bidirectional_attention: true },
      '(use_bidirectional_attention): attention in both directions is not supported',
    ],
    [
      'types for other layers',
      llama,
      { model_type: 'qwen3', layer_types: ['full_attention'] },
      '(layer_types): expected 6 types, one per layer, found 1',
    ],
    [
      'an unknown type of layer',
      llama,
      { model_type: 'qwen3', layer_types: new Array(6).fill('linear_attention') },
      '(layer_types.0): ',
    ],
    [
      'an unknown scaling',
      llama,
      { rope_scaling: { type: 'pi' } },
      '(rope_scaling.rope_type): "pi" is not supported; expected one of default, linear, dynamic, llama3, yarn, longrope',
    ],
    [
      'a scaling without its factor',
      llama,
      { rope_parameters: { rope_type: 'llama3', factor: 8, low_freq_factor: 1 } },
      '(rope_parameters.high_freq_factor): ',
    ],
    [
      'factors for other pairs',
      llama,
      { model_type: 'phi3', rope_scaling: { type: 'su', short_factor: [1, 1, 1] } },
      '(rope_scaling.short_factor): expected 2 factors, one per pair of numbers, found 3',
    ],
    [
      'an odd number of turning numbers',
      gptNeox,
      { rotary_pct: 0.75 },
      "(rope_scaling.partial_rotary_factor): it rotates 3 of a head's 4 numbers, expected an even number",
    ],
    [
      'embeddings narrower or wider',
      opt,
      { ffn_dim: 6, word_embed_proj_dim: 4 },
      '(word_embed_proj_dim): embeddings narrower or wider than the layers (as in opt-350m) are not supported',
    ],
    [
      'normalization without weights',
      opt,
      { ffn_dim: 6, layer_norm_elementwise_affine: false },
      '(layer_norm_elementwise_affine): normalization without weights is not supported',
    ],
  ])('is refused with %s', (_, family, others, message) => {
    const configure = () => family.configure({ ...small, ...others }, 'config.json');
    expect(configure).toThrow(FileError);
    expect(configure).toThrow(message);
  });
});
