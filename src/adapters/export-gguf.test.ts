import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { characters } from '../../test/support/tiny-gpt2.js';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import type { Adapter } from '../attach/method.js';
import { type GgufFile, readGgufBytes, readGgufHeader } from '../formats/gguf.js';
import { dequantize } from '../formats/gguf-blocks.js';
import { readWeight } from '../formats/model-folder.js';
import { useTemporaryFolder } from '../formats/temporary-folder.fixture.js';
import { loadModel } from '../loading/load-model.js';
import { methodNamed } from '../methods/registry.js';
import type { LanguageModel } from '../models/model.js';
import { fileSystem } from '../platform/node.js';
import { seededRandom } from '../random.js';
import { loadTokenizer } from '../text/tokenizer.js';
import { exportAsGguf } from './export-gguf.js';
import { exportModelAsGguf } from './export-model-gguf.js';

useWarmRuntime();
const inFolder = useTemporaryFolder();
const golden = join(import.meta.dirname, '../../test/golden/cases');

/** A model of the golden cases with a byte-level tokenizer of 96 characters and one merge. */
async function withTokenizer(name: string): Promise<string> {
  const folder = inFolder(name);
  await cp(join(golden, name, 'model'), folder, { recursive: true });
  const characters = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i));
  const vocab = Object.fromEntries([...characters, 'ab', '<end>'].map((token, id) => [token, id]));
  const json = {
    added_tokens: [{ id: 95, content: '<end>', special: true }],
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
    decoder: { type: 'ByteLevel' },
    model: { type: 'BPE', vocab, merges: [['a', 'b']] },
  };
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(json));
  const config = { eos_token: '<end>', chat_template: '{{ messages[0].content }}' };
  await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify(config));
  return folder;
}

/** An adapter as training would leave it. */
async function learned(model: LanguageModel, method: string, config: object): Promise<Adapter> {
  const learner = await methodNamed(method).createLearner({ model, config, tokenizer: characters, seed: 1 });
  const random = seededRandom(8);
  for (const { data } of learner.tensors.values())
    for (let i = 0; i < data.length; i++) data[i]! += 0.1 * random.normal();
  return learner;
}

async function numbersOf(
  file: GgufFile,
  name: string,
): Promise<{ shape: readonly number[]; data: Float32Array }> {
  const tensor = file.tensors.get(name)!;
  const handle = await fileSystem.open(file.path, 'read');
  const bytes = await readGgufBytes(handle, file.path, tensor).finally(() => handle.close());
  const count = tensor.shape.reduce((product, size) => product * size, 1);
  return { shape: tensor.shape, data: dequantize(tensor.type, bytes, count) };
}

it.each(['llama__base', 'qwen2__base', 'qwen3__base', 'gpt2__base'])(
  '%s comes back from GGUF with the same configuration, weights and tokenizer',
  async (name) => {
    const folder = await withTokenizer(name);
    const [model, tokenizer] = [await loadModel(folder), await loadTokenizer(folder)];
    const output = inFolder(`${name}.gguf`);
    await exportModelAsGguf({ model, tokenizer, output, dtype: 'float32' });
    const [again, itsTokenizer] = [await loadModel(output), await loadTokenizer(output)];
    expect(JSON.stringify(again.config)).toBe(JSON.stringify(model.config));
    expect([...again.parameters].sort()).toEqual([...model.parameters].sort());
    for (const parameter of model.parameters.keys())
      expect(await readWeight(again.source, again.files.locations.get(parameter)!.name)).toEqual(
        await readWeight(model.source, model.files.locations.get(parameter)!.name),
      );
    for (const text of ['abba<end>', "it's ab"])
      expect(itsTokenizer.encode(text)).toEqual(tokenizer.encode(text));
    expect(itsTokenizer.eosTokenId).toBe(95);
    expect(itsTokenizer.chatTemplate).toBe(tokenizer.chatTemplate);
  },
);

it.each([
  ['llama__base', { r: 4, loraAlpha: 6, targetModules: ['q_proj', 'k_proj', 'v_proj', 'down_proj'] }],
  ['llama__base', { r: 4, useRslora: true, rankPattern: { k_proj: 2 }, alphaPattern: { q_proj: 3 } }],
  ['gpt2__base', { r: 2, targetModules: ['c_attn', 'c_fc'] }],
])('a LoRA of %s changes the weights of its GGUF as merging does: %j', async (name, config) => {
  const folder = await withTokenizer(name);
  const [model, tokenizer] = [await loadModel(folder), await loadTokenizer(folder)];
  const adapter = await learned(model, 'lora', config);
  await exportAsGguf(adapter, model, inFolder('lora.gguf'));
  await exportModelAsGguf({ model, tokenizer, output: inFolder('base.gguf'), dtype: 'float32' });
  await exportModelAsGguf({ model, tokenizer, adapter, output: inFolder('merged.gguf'), dtype: 'float32' });
  const [lora, base, merged] = await Promise.all(
    ['lora.gguf', 'base.gguf', 'merged.gguf'].map((file) => readGgufHeader(inFolder(file))),
  );
  expect(lora!.metadata.get('general.type')).toBe('adapter');
  expect(lora!.metadata.get('adapter.type')).toBe('lora');
  const alpha = lora!.metadata.get('adapter.lora.alpha') as number;
  const changed = [...lora!.tensors.keys()].filter((tensor) => tensor.endsWith('.lora_a'));
  expect(2 * changed.length).toBe(lora!.tensors.size);
  for (const tensor of changed.map((each) => each.replace('.lora_a', ''))) {
    const a = await numbersOf(lora!, `${tensor}.lora_a`);
    const b = await numbersOf(lora!, `${tensor}.lora_b`);
    const before = await numbersOf(base!, tensor);
    const after = await numbersOf(merged!, tensor);
    const [rows, columns] = before.shape as [number, number];
    const rank = a.shape[0]!;
    expect([a.shape, b.shape]).toEqual([
      [rank, columns],
      [rows, rank],
    ]);
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let k = 0; k < rank; k++) sum += b.data[i * rank + k]! * a.data[k * columns + j]!;
        const expected = before.data[i * columns + j]! + (alpha / rank) * sum;
        expect(Math.abs(after.data[i * columns + j]! - expected)).toBeLessThan(1e-5);
      }
  }
  expect(changed.length).toBeGreaterThan(3);
});

it('stores matrices in 8 bits as ggml rounds them, and norms in float32', async () => {
  const folder = await withTokenizer('gpt2__base');
  const [model, tokenizer] = [await loadModel(folder), await loadTokenizer(folder)];
  await exportModelAsGguf({ model, tokenizer, output: inFolder('q8.gguf'), dtype: 'q8_0' });
  const file = await readGgufHeader(inFolder('q8.gguf'));
  expect(file.tensors.get('blk.0.attn_qkv.weight')!.type).toBe('Q8_0');
  expect(file.tensors.get('blk.0.attn_norm.weight')!.type).toBe('F32');
  expect(file.tensors.get('position_embd.weight')!.type).toBe('F32');
});

it('stores layers in 4 bits with the vocabulary in 8', async () => {
  const folder = await withTokenizer('gpt2__base');
  const [model, tokenizer] = [await loadModel(folder), await loadTokenizer(folder)];
  await exportModelAsGguf({ model, tokenizer, output: inFolder('q4.gguf'), dtype: 'q4_1' });
  const file = await readGgufHeader(inFolder('q4.gguf'));
  expect(file.metadata.get('general.file_type')).toBe(3);
  expect(file.tensors.get('blk.0.attn_qkv.weight')!.type).toBe('Q4_1');
  expect(file.tensors.get('token_embd.weight')!.type).toBe('Q8_0');
  expect(file.tensors.get('blk.0.attn_norm.weight')!.type).toBe('F32');
  const before = await readWeight(model.source, 'transformer.h.0.attn.c_attn.weight');
  const after = await readWeight(
    (await loadModel(inFolder('q4.gguf'))).source,
    'transformer.h.0.attn.c_attn.weight',
  );
  const largest = before.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  for (const [i, x] of after.data.entries())
    expect(Math.abs(x - before.data[i]!)).toBeLessThan((1.01 * largest) / 15);
});

it('refuses what llama.cpp cannot represent, and writes nothing', async () => {
  const folder = await withTokenizer('llama__base');
  const [model, tokenizer] = [await loadModel(folder), await loadTokenizer(folder)];
  const output = inFolder('none.gguf');
  const prompt = await learned(model, 'prompt-tuning', { numVirtualTokens: 2 });
  await expect(exportAsGguf(prompt, model, output)).rejects.toThrow('only loads LoRA adapters');
  const dora = await learned(model, 'lora', { useDora: true });
  await expect(exportAsGguf(dora, model, output)).rejects.toThrow('DoRA');
  const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
  const scaled = { ...config, rope_parameters: { rope_type: 'dynamic', rope_theta: 10000, factor: 2 } };
  await writeFile(join(folder, 'config.json'), JSON.stringify(scaled));
  const other = await loadModel(folder);
  await expect(exportModelAsGguf({ model: other, tokenizer, output })).rejects.toThrow('rope_type');
  await expect(readFile(output)).rejects.toThrow('ENOENT');
});
