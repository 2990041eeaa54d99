import { describe, expect, it } from 'vitest';
import type { PeftContent } from '../../formats/adapter-content.js';
import { float32Tensor } from '../../tensor.js';
import { takeOver } from './earlier-adapter.js';
import { loraFields } from './lora-fields.js';
import { refuseOtherLayers } from './peft-layers.js';

const filesOf = (config: Record<string, unknown>): PeftContent => ({
  form: 'peft',
  where: 'a',
  config: { peft_type: 'LORA', ...config },
  tensors: new Map(),
});

describe('fields of a LoRA', () => {
  it.each(['pissa', 'pissa_niter_16', 'olora', 'OLoRA', 'corda', 'mica', 'loftq', 'lora_ga'])(
    'refuse %s, which changes the base when PEFT loads it, also to go on from',
    (init_lora_weights) => {
      const files = filesOf({ init_lora_weights });
      expect(() => loraFields(files)).toThrow('a/adapter_config.json (init_lora_weights): ');
      expect(() => loraFields(files)).toThrow("changes the base model's weights");
      expect(() => takeOver(new Map([['x', float32Tensor([1])]]), files)).toThrow('init_lora_weights');
    },
  );

  it.each([true, false, null, 'gaussian', 'Gaussian', 'eva', 'orthogonal'])('read a start of %s', (start) => {
    expect(loraFields(filesOf({ init_lora_weights: start })).scaleOf('x', 8)).toBe(1);
  });

  it('refuse an unknown initialization', () => {
    expect(() => loraFields(filesOf({ init_lora_weights: 'new' }))).toThrow(
      '"new" is not supported; expected true',
    );
  });

  it('take null, any alpha, and empty lists as PEFT does', () => {
    const empty = {
      modules_to_save: [],
      layer_replication: [],
      trainable_token_indices: [],
      target_parameters: [],
    };
    const nulls = { use_rslora: null, use_dora: null, alpha_pattern: null, lora_bias: null };
    const { scaleOf, useDora } = loraFields(filesOf({ lora_alpha: -2, ...empty, ...nulls }));
    expect([scaleOf('x', 8), useDora]).toEqual([-0.25, false]);
    expect(loraFields(filesOf({ lora_alpha: 0 })).scaleOf('x', 8)).toBe(0);
  });

  it('have other alphas by the first pattern that fits a name or its end', () => {
    const alpha_pattern = { 'layers\\.1\\..*': 32, q_proj: 16 };
    const { scaleOf } = loraFields(filesOf({ lora_alpha: 8, alpha_pattern }));
    const names = ['model.layers.1.attn.q_proj', 'model.layers.0.attn.q_proj', 'model.layers.0.attn.v_proj'];
    expect(names.map((name) => scaleOf(name, 8))).toEqual([4, 2, 1]);
  });

  it('have patterns with bounded search time, or are refused by name', () => {
    const { scaleOf } = loraFields(filesOf({ alpha_pattern: { '([a-z._0-9]+)+!': 4 } }));
    expect(scaleOf('model.decoder.layers.31.self_attention.output_projection', 8)).toBe(1);
    for (const pattern of ['(', '(?P<a>x)', '(a)\\1', `${'('.repeat(300)}`, '(?:a{1000}){1000}'])
      expect(() => loraFields(filesOf({ alpha_pattern: { [pattern]: 4 } }))).toThrow(
        'a/adapter_config.json (alpha_pattern): ',
      );
  });

  it.each([
    ['lora_alpha', 'eight', 'expected number'],
    ['lora_alpha', null, 'expected number, got null'],
    ['r', 0, 'expected number to be >0, got 0'],
    ['r', 2.5, 'expected int, got 2.5'],
    ['rank_pattern', { '(': 2 }, 'is not a valid regular expression'],
    ['alpha_pattern', { 'q_proj)': 2 }, 'is not a valid regular expression'],
    ['alpha_pattern', [1], 'expected record'],
    ['modules_to_save', ['lm_head'], 'not supported'],
    ['use_qalora', true, 'not supported'],
    ['velora_config', {}, 'not supported'],
    ['target_parameters', ['experts'], 'not supported'],
  ])('refuse %s: %o by name', (field, value, problem) => {
    expect(() => loraFields(filesOf({ [field]: value }))).toThrow(`a/adapter_config.json (${field}): `);
    expect(() => loraFields(filesOf({ [field]: value }))).toThrow(problem);
  });
});

it('has the rank that the configuration gives', () => {
  const { scaleOf } = loraFields(filesOf({ r: 4, lora_alpha: 8, rank_pattern: { '0\\..*q_proj': 2 } }));
  const name = (layer: number) => `model.layers.${layer}.self_attn.q_proj`;
  expect([scaleOf(name(0), 2), scaleOf(name(1), 4)]).toEqual([4, 2]);
  const problem = (layer: number, expected: number, found: number) =>
    `it gives ${name(layer)} the rank ${expected}, but the tensors of this layer have the rank ${found}`;
  expect(() => scaleOf(name(1), 2)).toThrow(`a/adapter_config.json (r): ${problem(1, 4, 2)}`);
  expect(() => scaleOf(name(0), 4)).toThrow(`a/adapter_config.json (rank_pattern): ${problem(0, 2, 4)}`);
});

describe('layers that the configuration leaves out', () => {
  const layers = ['model.layers.0.self_attn.q_proj', 'model.layers.1.self_attn.q_proj'];
  it.each([
    [{ target_modules: ['v_proj'] }, 'target_modules'],
    [{ target_modules: '.*v_proj' }, 'target_modules'],
    [{ target_modules: ['q_proj'], exclude_modules: '.*\\.1\\..*' }, 'exclude_modules'],
    [{ target_modules: ['q_proj'], layers_to_transform: 0 }, 'layers_to_transform'],
    [
      { target_modules: ['q_proj'], layers_to_transform: [1], layers_pattern: 'layers' },
      'layers_to_transform',
    ],
  ])('%o', (config, field) => {
    expect(() => refuseOtherLayers(filesOf(config), layers)).toThrow(`(${field}): `);
  });

  it.each([
    {},
    { target_modules: null },
    { target_modules: 'all-linear' },
    { target_modules: ['q_proj'], exclude_modules: [], layers_to_transform: null },
    { target_modules: ['q_proj'], layers_to_transform: [0, 1], layers_pattern: ['layers'] },
    { target_modules: 'model\\.layers\\.\\d\\.self_attn\\.(q|k)_proj' },
  ])('none by %o', (config) => {
    expect(() => refuseOtherLayers(filesOf(config), layers)).not.toThrow();
  });
});
