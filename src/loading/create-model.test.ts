import { mkdir, readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { FileError, UsageError } from '../errors.js';
import { readWeight } from '../formats/model-folder.js';
import { useTemporaryFolder } from '../formats/temporary-folder.fixture.js';
import { type CreateGpt2Options, createGpt2 } from './create-model.js';
import { loadModel } from './load-model.js';

const inFolder = useTemporaryFolder();
const sizes = { vocabSize: 300, hiddenSize: 32, numLayers: 2, numAttentionHeads: 4, maxPositions: 48 };
const create = (options: Partial<CreateGpt2Options> = {}) =>
  createGpt2({ folder: inFolder('model'), ...sizes, ...options });

function statistics(data: Float32Array) {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const variance = data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length;
  return { mean, deviation: Math.sqrt(variance) };
}

describe('createGpt2', () => {
  it('makes a folder that loads, with the requested sizes', async () => {
    await create();
    expect((await readdir(inFolder('model'))).sort()).toEqual(['config.json', 'model.safetensors']);
    const { config, parameters, source } = await loadModel(inFolder('model'));
    expect(config).toMatchObject({ modelType: 'gpt2', ...sizes, headDim: 8, numKeyValueHeads: 4 });
    expect(parameters.get('transformer.h.1.mlp.c_fc.weight')).toEqual([32, 128]);
    expect(source.config).toMatchObject({
      architectures: ['GPT2LMHeadModel'],
      activation_function: 'gelu_new',
      tie_word_embeddings: true,
      bos_token_id: 299,
      eos_token_id: 299,
      dtype: 'float32',
    });
    expect([...source.tensors.values()].every(({ dtype }) => dtype === 'F32')).toBe(true);
    expect(source.tensors.has('lm_head.weight')).toBe(false);
  });

  it('draws its weights as GPT-2 did', async () => {
    await create();
    const { source, parameters } = await loadModel(inFolder('model'));
    for (const [name, shape] of parameters) {
      const { data } = await readWeight(source, name);
      if (name.endsWith('.bias')) expect(data.every((value) => value === 0)).toBe(true);
      else if (shape.length === 1) expect(data.every((value) => value === 1)).toBe(true);
      else {
        const { mean, deviation } = statistics(data);
        const expected = name.endsWith('.c_proj.weight') ? 0.02 / Math.sqrt(4) : 0.02;
        expect(Math.abs(mean), name).toBeLessThan(expected / 10);
        expect(deviation / expected, name).toBeGreaterThan(0.93);
        expect(deviation / expected, name).toBeLessThan(1.07);
      }
    }
  });

  it('gives the same bytes for the same seed, and others for another', async () => {
    const bytes = async (folder: string, seed?: number) => {
      await create({ folder: inFolder(folder), seed });
      return readFile(inFolder(folder, 'model.safetensors'));
    };
    const first = await bytes('a');
    expect((await bytes('b', 42)).equals(first)).toBe(true); // the default
    expect((await bytes('c', 43)).equals(first)).toBe(false);
  });

  it('puts further files beside the weights, and takes another end of texts', async () => {
    await create({ files: { 'tokenizer.json': { model: { 字: 1 } } }, endOfTextId: 0 });
    expect(JSON.parse(await readFile(inFolder('model', 'tokenizer.json'), 'utf8'))).toEqual({
      model: { 字: 1 },
    });
    const config = JSON.parse(await readFile(inFolder('model', 'config.json'), 'utf8'));
    expect(config).toMatchObject({ bos_token_id: 0, eos_token_id: 0 });
  });

  it.each<[Partial<CreateGpt2Options>, string]>([
    [{ numLayers: 0 }, 'numLayers is 0, expected an integer from 1'],
    [{ vocabSize: 1.5 }, 'vocabSize is 1.5, expected an integer from 1'],
    [{ maxPositions: Number.NaN }, 'maxPositions is NaN'],
    [{ numAttentionHeads: 5 }, 'hiddenSize 32 is not divisible by 5 heads'],
    [{ endOfTextId: 300 }, 'endOfTextId is 300, expected a token id from 0 to 299'],
    [{ endOfTextId: -1 }, 'endOfTextId is -1'],
  ])('refuses %j, and writes nothing', async (options, message) => {
    await expect(create(options)).rejects.toThrow(UsageError);
    await expect(create(options)).rejects.toThrow(message);
    expect(await readdir(inFolder())).toEqual([]);
  });

  it('replaces nothing', async () => {
    await mkdir(inFolder('model'));
    await expect(create()).rejects.toThrow(FileError);
    await expect(create()).rejects.toThrow('it exists already');
    expect(await readdir(inFolder('model'))).toEqual([]);
  });
});
