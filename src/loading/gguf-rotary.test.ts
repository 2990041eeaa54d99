import { describe, expect, it } from 'vitest';
import type { GgufFile } from '../formats/gguf.js';
import { GgufKeys } from './gguf-names.js';
import { ggufRotary } from './gguf-rotary.js';

function rotaryOf(rope: Record<string, unknown>, options?: Parameters<typeof ggufRotary>[2]) {
  const metadata = new Map<string, unknown>([['general.architecture', 'llama']]);
  for (const [name, value] of Object.entries(rope)) metadata.set(`llama.rope.${name}`, value);
  const file = { path: 'a.gguf', metadata, tensors: new Map() } as unknown as GgufFile;
  return ggufRotary(new GgufKeys(file), 8, options);
}

describe('keys that are used', () => {
  it.each([
    ['nothing', {}, { rope_theta: 10000 }],
    ['a base', { freq_base: 500000, dimension_count: 8 }, { rope_theta: 500000 }],
    ['scale_linear', { scale_linear: 2 }, { rope_scaling: { rope_type: 'linear', factor: 2 } }],
    // In llama.cpp a factor without a type is linear, and takes precedence over scale_linear.
    [
      'a factor alone',
      { 'scaling.factor': 4, scale_linear: 2 },
      { rope_scaling: { rope_type: 'linear', factor: 4 } },
    ],
    ['a factor that is off', { 'scaling.type': 'none', 'scaling.factor': 4 }, { rope_theta: 10000 }],
    [
      'yarn with all of its settings',
      {
        'scaling.type': 'yarn',
        'scaling.factor': 4,
        'scaling.original_context_length': 4096,
        'scaling.yarn_beta_fast': 16,
        'scaling.yarn_beta_slow': 2,
        'scaling.yarn_ext_factor': 1,
        'scaling.finetuned': true,
      },
      {
        rope_scaling: {
          rope_type: 'yarn',
          factor: 4,
          original_max_position_embeddings: 4096,
          beta_fast: 16,
          beta_slow: 2,
        },
      },
    ],
  ])('%s', (_, rope, expected) => {
    expect(rotaryOf(rope)).toEqual({ rope_theta: 10000, ...expected });
  });

  it("multiplies yarn's own factor of attention", () => {
    const { rope_scaling: found } = rotaryOf({
      'scaling.type': 'yarn',
      'scaling.factor': 4,
      'scaling.yarn_attn_factor': 0.5,
    });
    expect(found!.attention_factor).toBeCloseTo(0.5 * (1 + 0.1 * Math.log(4)), 12);
  });

  it('the base of layers with a window', () => {
    const options = { theta: 1_000_000, hasLocalBase: true };
    expect(rotaryOf({ freq_base_swa: 5000 }, options).rope_local_base_freq).toBe(5000);
    expect(rotaryOf({}, options)).toEqual({ rope_theta: 1_000_000, rope_local_base_freq: 10_000 });
  });
});

describe('keys that are refused by name', () => {
  it.each([
    ['dimension_count', 4, "4 of a head's 8 numbers are rotated"],
    ['dimension_sections', [2, 2, 0, 0], 'several dimensions'],
    ['freq_base_swa', 500, 'one base for all layers'],
    ['scaling.type', 'longrope', '"longrope" is not supported'],
    ['scaling.alpha', 0.5, 'not supported'],
    ['scaling.attn_factor', 1.2, 'not supported'],
    ['scaling.yarn_ext_factor', 0.5, 'not supported'],
    ['scaling.yarn_log_multiplier', 0.1, 'not supported'],
    ['scaling.something_new', 1, 'not supported'],
  ])('%s', (name, value, problem) => {
    expect(() => rotaryOf({ [name]: value })).toThrow(`(llama.rope.${name}): `);
    expect(() => rotaryOf({ [name]: value })).toThrow(problem);
  });
});
