import { describe, expect, it } from 'vitest';
import { combineAdapters } from '../../adapters/combine.js';
import type { PeftContent } from '../../formats/adapter-content.js';
import { float32Tensor } from '../../tensor.js';
import { promptOf, storedVectors } from './prompt-vectors.js';

const filesOf = (config: Record<string, unknown>, ...others: string[]): PeftContent => ({
  form: 'peft',
  where: 'a',
  config: { peft_type: 'PROMPT_TUNING', task_type: 'CAUSAL_LM', num_virtual_tokens: 4, ...config },
  tensors: new Map(['prompt_embeddings', ...others].map((name) => [name, float32Tensor([4, 8])])),
});

// What PEFT 0.21 refuses with "Error(s) in loading state_dict", or takes for an adapter of something else.
describe('the configuration of a prompt', () => {
  it.each([
    ['num_virtual_tokens', { num_virtual_tokens: 5 }, 'it makes 5 virtual tokens, but the tensor has 4'],
    ['num_virtual_tokens', { num_virtual_tokens: '4' }, 'expected number, got "4"'],
    ['num_virtual_tokens', { num_virtual_tokens: undefined }, 'it is missing; expected number'],
    ['num_virtual_tokens', { num_virtual_tokens: 0 }, 'expected number to be >0, got 0'],
    ['num_transformer_submodules', { num_transformer_submodules: 2 }, 'it makes 8 virtual tokens'],
    ['num_transformer_submodules', { task_type: 'SEQ_2_SEQ_LM' }, 'it makes 8 virtual tokens'],
    ['num_transformer_submodules', { num_transformer_submodules: 3 }, 'expected 1 or 2, got 3'],
    ['token_dim', { token_dim: 16 }, "it is 16, but the tensor's rows have 8 numbers"],
    ['task_type', { task_type: null }, 'it is missing, and without one PEFT puts no prompt before a text'],
    ['modules_to_save', { modules_to_save: ['lm_head'] }, '["lm_head"] is not supported; expected null'],
  ])('is refused by its %s: %o', async (field, config, problem) => {
    const files = filesOf(config);
    const message = `a/adapter_config.json (${field}): ${problem}`;
    expect(() => storedVectors(files)).toThrow(message);
    const combining = combineAdapters({ adapters: [files, files], how: 'average' });
    await expect(combining).rejects.toThrow(message);
  });

  it('is refused if the file has a tensor that it does not mention', () => {
    const message =
      'a/adapter_model.safetensors (base_model.score.weight): nothing in adapter_config.json says';
    expect(() => storedVectors(filesOf({}, 'base_model.score.weight'))).toThrow(message);
  });

  it('may omit widths and layers', () => {
    expect(storedVectors(filesOf({ token_dim: null, num_layers: null })).count).toBe(4);
  });
});

it('of a model with an encoder has its own vectors first, and combines without those for the decoder', async () => {
  const files = filesOf({ task_type: 'SEQ_2_SEQ_LM', num_virtual_tokens: 2 });
  for (const [i] of files.tensors.get('prompt_embeddings')!.data.entries())
    files.tensors.get('prompt_embeddings')!.data[i] = i;
  expect(promptOf(files).shape).toEqual([2, 8]);
  const { config, tensors } = await combineAdapters({ adapters: [files, files], how: 'concatenate' });
  expect(config).toMatchObject({ num_virtual_tokens: 4, num_transformer_submodules: 1 });
  const first = Array.from({ length: 16 }, (_, i) => i);
  expect([...tensors.get('prompt_embeddings')!.data]).toEqual([...first, ...first]);
});
