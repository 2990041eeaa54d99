import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadTinyGpt2, tinyGpt2Folder } from '../../test/support/tiny-gpt2.js';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { computeLogits } from '../evaluation/logits.js';
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from '../formats/half.js';
import { readWeight } from '../formats/model-folder.js';
import { useTemporaryFolder } from '../formats/temporary-folder.fixture.js';
import type { LanguageModel } from '../models/model.js';
import { float32Tensor, type TrainableTensors } from '../tensor.js';
import { loadModel } from './load-model.js';
import { saveModel, type WeightDtype, weightDtypes } from './save.js';

useWarmRuntime();
const inFolder = useTemporaryFolder();

let model: LanguageModel;
let tensors: TrainableTensors;
beforeAll(async () => {
  model = await loadTinyGpt2();
});
beforeEach(async () => {
  tensors = new Map();
  for (const name of model.parameters.keys()) {
    const { shape, data } = await readWeight(model.source, name);
    tensors.set(
      name,
      float32Tensor(
        shape,
        data.map((value) => 1.01 * value),
      ),
    );
  }
});

/** What a number becomes in a file of the type. */
const rounded: Record<WeightDtype, (values: Float32Array) => Float32Array> = {
  float32: (values) => values,
  float16: (values) => float16ToFloat32(float32ToFloat16(values)),
  bfloat16: (values) => bfloat16ToFloat32(float32ToBfloat16(values)),
};
const fileDtypes = { float32: 'F32', float16: 'F16', bfloat16: 'BF16' };

describe('saveModel', () => {
  it.each(weightDtypes)('writes a model that loads, as %s', async (dtype) => {
    await saveModel(inFolder('model'), model, tensors, { dtype });
    const saved = await loadModel(inFolder('model'));
    expect(saved.config).toEqual(model.config);
    expect(saved.source.config).toEqual({ ...model.source.config, dtype });
    expect([...saved.source.tensors.keys()].sort()).toEqual([...tensors.keys()].sort());
    for (const [name, { shape, data }] of tensors) {
      expect(saved.source.tensors.get(name)!.dtype).toBe(fileDtypes[dtype]);
      const weight = await readWeight(saved.source, name);
      expect(weight.shape).toEqual(shape);
      expect(weight.data, name).toEqual(rounded[dtype](data));
    }
  });

  it('names the end that training taught, beside those of the model', async () => {
    await cp(tinyGpt2Folder, inFolder('given'), { recursive: true });
    const path = join(inFolder('given'), 'generation_config.json');
    const written = async (name: string, generationConfig: object, eosTokenId: number) => {
      await writeFile(path, JSON.stringify(generationConfig));
      await saveModel(inFolder(name), await loadModel(inFolder('given')), tensors, { eosTokenId });
      return JSON.parse(await readFile(join(inFolder(name), 'generation_config.json'), 'utf8'));
    };
    // As Trainer of transformers aligns a model with its tokenizer.
    expect(await written('one', { eos_token_id: [3], top_k: 5 }, 7)).toEqual({
      eos_token_id: [7, 3],
      top_k: 5,
    });
    expect(await written('two', { eos_token_id: 7 }, 7)).toEqual({ eos_token_id: 7 });
    expect(await written('none', {}, 7)).toEqual({ eos_token_id: [7] });
  });

  it('writes weights that compute what the rounded ones compute', async () => {
    const texts = [[5, 17, 80, 3]];
    const logits = async (saved: LanguageModel) => (await computeLogits({ model: saved, texts })).data;
    for (const dtype of ['float16', 'bfloat16'] as const) {
      await saveModel(inFolder(dtype), model, tensors, { dtype });
      const inFloat32 = new Map(
        [...tensors].map(([name, tensor]) => [name, { ...tensor, data: rounded[dtype](tensor.data) }]),
      );
      await saveModel(inFolder(`${dtype} in float32`), model, inFloat32);
      const [halves, floats] = [
        await logits(await loadModel(inFolder(dtype))),
        await logits(await loadModel(inFolder(`${dtype} in float32`))),
      ];
      for (const [i, score] of halves.entries()) expect(score).toBeCloseTo(floats[i]!, 5);
    }
  });

  it("takes the tokenizer's files along, and nothing else", async () => {
    await cp(tinyGpt2Folder, inFolder('base'), { recursive: true });
    for (const name of ['tokenizer.json', 'vocab.json', 'merges.txt', 'README.md', 'model.bin'])
      await writeFile(inFolder('base', name), `content of ${name}`);
    await writeFile(inFolder('base', 'tokenizer.4.0.0.json'), 'newer');
    await mkdir(inFolder('base', 'additional_chat_templates'));
    await writeFile(inFolder('base', 'additional_chat_templates', 'tool_use.jinja'), 'tools');
    await saveModel(inFolder('model'), await loadModel(inFolder('base')), tensors);
    expect(await readFile(inFolder('model', 'additional_chat_templates', 'tool_use.jinja'), 'utf8')).toBe(
      'tools',
    );
    expect((await readdir(inFolder('model'))).sort()).toEqual([
      'additional_chat_templates',
      'config.json',
      'generation_config.json',
      'merges.txt',
      'model.safetensors',
      'tokenizer.4.0.0.json',
      'tokenizer.json',
      'vocab.json',
    ]);
    expect(await readFile(inFolder('model', 'merges.txt'), 'utf8')).toBe('content of merges.txt');
  });
});
