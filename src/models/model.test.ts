import { mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { loadTinyGpt2 } from '../../test/support/tiny-gpt2.js';
import { FileError } from '../errors.js';
import { writeSafetensors } from '../formats/safetensors.js';
import { useTemporaryFolder } from '../formats/temporary-folder.fixture.js';
import { loadModel } from '../loading/load-model.js';
import { float32Tensor, int64Tensor, type Tensor } from '../tensor.js';
import { gpt2 } from './gpt2.js';

const inFolder = useTemporaryFolder();
const small = { model_type: 'gpt2', vocab_size: 10, n_embd: 4, n_layer: 1, n_head: 2, n_positions: 8 };

/** A folder with such a configuration, and weights of zeros that fit `small` except for `others`. */
async function write(
  config: object,
  others: Record<string, Tensor | undefined> = {},
  prefix = 'transformer.',
) {
  const tensors = new Map<string, Tensor>();
  for (const [name, shape] of gpt2.configure(small, 'config.json').parameters)
    tensors.set(name.replace('transformer.', prefix), float32Tensor(shape));
  for (const [name, tensor] of Object.entries(others)) {
    if (tensor) tensors.set(name, tensor);
    else tensors.delete(name);
  }
  await mkdir(inFolder('model'), { recursive: true });
  await writeFile(inFolder('model', 'config.json'), JSON.stringify(config));
  await writeSafetensors(inFolder('model', 'model.safetensors'), tensors);
  return inFolder('model');
}

describe('loadModel', () => {
  it('names a model as the user calls it, else by its folder', async () => {
    expect((await loadTinyGpt2()).name).toBe('tiny-gpt2');
    const folder = await write(small);
    expect((await loadModel(folder)).name).toBe(folder);
  });

  it("finds weights with the family's prefix and without it, among others that it does not need", async () => {
    for (const prefix of ['transformer.', '']) {
      const folder = await write(small, { 'h.0.attn.bias': int64Tensor([1], [1]) }, prefix);
      const { files, parameters } = await loadModel(folder);
      expect([...files.locations.keys()]).toEqual([...parameters.keys()]);
      expect(files.locations.get('transformer.wte.weight')!.name).toBe(`${prefix}wte.weight`);
      expect(files.folder).toBe(folder);
    }
  });

  it.each<[string, object, string]>([
    [
      'an unknown family',
      { ...small, model_type: 'mamba' },
      '(model_type): model type "mamba" is not supported',
    ],
    ['no family', {}, '(model_type): model type "undefined" is not'],
    ['an impossible size', { ...small, n_embd: 0 }, 'config.json (n_embd): '],
    ['more layers than any model has', { ...small, n_layer: 2 ** 31 }, 'config.json (n_layer): '],
    ['a size that is text', { ...small, n_layer: '1' }, 'config.json (n_layer): '],
    [
      'heads that do not divide the width',
      { ...small, n_head: 3 },
      '(n_head): n_embd 4 is not divisible by 3',
    ],
    [
      'an unknown activation',
      { ...small, activation_function: 'prelu' },
      '(activation_function): "prelu" is not supported; expected one of gelu, gelu_10',
    ],
    ['cross-attention', { ...small, add_cross_attention: true }, '(add_cross_attention): '],
  ])('refuses a configuration with %s', async (_, config, message) => {
    const loading = loadModel(await write(config));
    await expect(loading).rejects.toThrow(FileError);
    await expect(loading).rejects.toThrow(message);
  });

  it.each<[string, Record<string, Tensor | undefined>, string]>([
    [
      'that lack a tensor',
      { 'transformer.ln_f.bias': undefined },
      '(transformer.ln_f.bias): the weights do not have this tensor',
    ],
    [
      'of another shape',
      { 'transformer.wte.weight': float32Tensor([9, 4]) },
      '(transformer.wte.weight): the tensor is [9, 4], but config.json implies [10, 4]',
    ],
    [
      'of whole numbers',
      { 'transformer.ln_f.bias': int64Tensor([4], [0, 0, 0, 0]) },
      '(transformer.ln_f.bias): weights of type I64 are not supported; use F64, F32, F16 or BF16',
    ],
  ])('refuses weights %s', async (_, others, message) => {
    const loading = loadModel(await write(small, others));
    await expect(loading).rejects.toThrow(FileError);
    await expect(loading).rejects.toThrow(message);
  });

  it('needs a separate output matrix if it is not tied to the embeddings', async () => {
    const untied = { ...small, tie_word_embeddings: false };
    await expect(loadModel(await write(untied))).rejects.toThrow('(lm_head.weight)');
    const head = { 'lm_head.weight': float32Tensor([10, 4]) };
    const { parameters } = await loadModel(await write(untied, head, ''));
    expect(parameters.get('lm_head.weight')).toEqual([10, 4]);
  });
});

describe("GPT-2's configuration", () => {
  it("has transformers' defaults", () => {
    const { config, parameters } = gpt2.configure({}, 'config.json');
    expect(config).toMatchObject({
      vocabSize: 50257,
      hiddenSize: 768,
      numLayers: 12,
      numAttentionHeads: 12,
      headDim: 64,
      maxPositions: 1024,
    });
    expect(parameters.get('transformer.h.11.mlp.c_fc.weight')).toEqual([768, 3072]);
    const count = [...parameters.values()].reduce((sum, shape) => sum + shape.reduce((a, b) => a * b), 0);
    expect(count).toBe(124_439_808); // GPT-2 small
  });

  it('takes n_inner for the feed-forward layers', () => {
    const { parameters } = gpt2.configure({ ...small, n_inner: 7 }, 'config.json');
    expect(parameters.get('transformer.h.0.mlp.c_fc.weight')).toEqual([4, 7]);
    expect(parameters.get('transformer.h.0.mlp.c_proj.weight')).toEqual([7, 4]);
  });
});
