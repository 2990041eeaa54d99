import { describe, expect, it } from 'vitest';
import { FileError } from '../errors.js';
import { mt5, t5 } from './t5.js';

const configure = (raw: Record<string, unknown>, family = t5) => family.configure(raw, 'config.json');

describe('config.json of T5', () => {
  it('has its own defaults, and a decoder as deep as the encoder', () => {
    const { config, parameters, encoder } = configure({ d_kv: 32, num_layers: 1 });
    expect(config).toMatchObject({ modelType: 't5', hiddenSize: 512, numAttentionHeads: 8, headDim: 32 });
    expect(config.numLayers).toBe(1);
    expect(encoder!.startTokenId).toBe(0);
    expect(parameters.get('decoder.block.0.layer.1.EncDecAttention.q.weight')).toEqual([256, 512]);
    expect(parameters.get('encoder.block.0.layer.1.DenseReluDense.wi.weight')).toEqual([2048, 512]);
    expect([...parameters.keys()].filter((name) => name.includes('relative_attention_bias'))).toHaveLength(2);
  });

  it('counts layers of encoder and decoder apart, as ByT5 has them', () => {
    const { config, parameters } = configure({ num_layers: 3, num_decoder_layers: 1 });
    expect(config.numLayers).toBe(1);
    expect(parameters.has('encoder.block.2.layer.0.SelfAttention.q.weight')).toBe(true);
    expect(parameters.has('decoder.block.1.layer.0.SelfAttention.q.weight')).toBe(false);
  });

  it('ties the head in every version, unless the file has one of its own, as transformers 5 does', () => {
    for (const raw of [{}, { tie_word_embeddings: false }, { scale_decoder_outputs: false }]) {
      expect(configure(raw).tiedHead).toBe('lm_head.weight');
      expect(configure(raw).parameters.has('lm_head.weight')).toBe(false);
    }
    expect(configure({}, mt5).tiedHead).toBe('lm_head.weight');
  });

  it('has a gated feed-forward in mT5 by default', () => {
    const name = 'encoder.block.0.layer.1.DenseReluDense.wi_1.weight';
    expect(configure({}, mt5).parameters.has(name)).toBe(true);
    expect(configure({}).parameters.has(name)).toBe(false);
  });

  it.each([
    [{ is_gated_act: true }, true],
    [{ feed_forward_proj: 'gated-gelu', is_gated_act: false }, false],
    [{ feed_forward_proj: 'gated-gelu', is_gated_act: null }, false],
    [{ feed_forward_proj: 'gated-gelu', dense_act_fn: 'relu' }, true],
  ])('takes the parts of the feed-forward from %o before its name', (raw, isGated) => {
    const name = 'encoder.block.0.layer.1.DenseReluDense.wi_1.weight';
    expect(configure(raw).parameters.has(name)).toBe(isGated);
  });

  it.each([
    [{ dense_act_fn: 'magic' }, 'dense_act_fn', '"magic" is not supported'],
    [{ feed_forward_proj: 'gated-magic' }, 'feed_forward_proj', '"magic" is not supported'],
    [{ feed_forward_proj: 'a-b' }, 'feed_forward_proj', 'expected the name of an activation function'],
    [{ is_encoder_decoder: false }, 'is_encoder_decoder', 'T5 without its decoder is not supported'],
    [{ d_kv: 0 }, 'd_kv', 'expected number to be >0'],
    [
      { relative_attention_max_distance: 2 ** 31 - 1 },
      'relative_attention_max_distance',
      'expected number to be <=100000',
    ],
  ])('refuses %o', (raw, field, problem) => {
    expect(() => configure(raw)).toThrow(FileError);
    expect(() => configure(raw)).toThrow(`config.json (${field}): `);
    expect(() => configure(raw)).toThrow(problem);
  });
});
