/**
 * @file GGUF files as models: tiny ones of tools/golden/make_gguf_models.py beside the folders that they were made
 * of.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { computeLogits } from '../../src/evaluation/logits.js';
import { float16ToFloat32, float32ToFloat16 } from '../../src/formats/half.js';
import { readWeight } from '../../src/formats/model-folder.js';
import { loadModel } from '../../src/loading/load-model.js';
import { saveModel } from '../../src/loading/save.js';
import type { LanguageModel } from '../../src/models/model.js';
import { fromPretrained } from '../../src/pretrained.js';
import { loadTokenizer } from '../../src/text/tokenizer.js';

const gpt2Folder = join(import.meta.dirname, '../golden/cases/gpt2__base/model');
const llamaFolder = join(import.meta.dirname, '../golden/cases/llama__base/model');
const gpt2File = join(import.meta.dirname, 'gpt2-q8_0.gguf');
const llamaFile = join(import.meta.dirname, 'llama-f16.gguf');

let cacheDir = '';
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'promptune-gguf-'));
});
afterEach(() => rm(cacheDir, { recursive: true, force: true }));

const texts = [
  [5, 17, 3, 80, 2],
  [9, 9, 41],
];

async function largestDifference(a: LanguageModel, b: LanguageModel): Promise<number> {
  const [x, y] = [await computeLogits({ model: a, texts }), await computeLogits({ model: b, texts })];
  return x.data.reduce((most, value, i) => Math.max(most, Math.abs(value - y.data[i]!)), 0);
}

describe('a GPT-2 of Q8_0', () => {
  it('has the configuration and, within what Q8_0 keeps, the weights of the folder that it was made of', async () => {
    const folder = await loadModel(gpt2Folder);
    const model = await loadModel(gpt2File, 'tiny', { cacheDir });
    expect(model.config).toEqual(folder.config);
    expect([...model.parameters]).toEqual([...folder.parameters]);
    for (const [name, shape] of folder.parameters) {
      const [ours, theirs] = [await readWeight(model.source, name), await readWeight(folder.source, name)];
      expect(ours.shape).toEqual(shape);
      const largest = theirs.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      // Half a step of 127, and the scale is rounded to a half.
      const bound = largest * (1 / 254 + 1 / 2048);
      for (const [i, x] of ours.data.entries())
        expect(Math.abs(x - theirs.data[i]!)).toBeLessThanOrEqual(bound);
    }
    expect(await largestDifference(model, folder)).toBeLessThan(0.05);
  });

  it('is unpacked into the cache once, and what lies there is used from then on', async () => {
    const seen: number[] = [];
    const onProgress = ({ loadedBytes, totalBytes }: { loadedBytes: number; totalBytes: number }) =>
      seen.push(loadedBytes / totalBytes);
    await loadModel(gpt2File, 'tiny', { cacheDir, onProgress });
    expect(seen.at(-1)).toBe(1);
    const [name, ...others] = await readdir(join(cacheDir, 'gguf'));
    expect(others).toEqual([]);
    expect(name).toMatch(/^[0-9a-f]{64}\.safetensors$/);
    seen.length = 0;
    const again = await loadModel(gpt2File, 'tiny', { cacheDir, onProgress });
    expect(seen).toEqual([]);
    expect(again.source.tensors.get('transformer.wte.weight')!.path).toBe(join(cacheDir, 'gguf', name!));

    // Another content is another file, whatever its name.
    const changed = await readFile(gpt2File);
    changed[changed.length - 40]! ^= 1;
    const copy = join(cacheDir, 'copy.gguf');
    await writeFile(copy, changed);
    await loadModel(copy, 'tiny', { cacheDir });
    expect(await readdir(join(cacheDir, 'gguf'))).toHaveLength(2);
  });

  it('leaves nothing behind where it is stopped', async () => {
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(loadModel(gpt2File, 'tiny', { cacheDir, signal })).rejects.toThrow();
    expect(await readdir(cacheDir, { recursive: true })).toEqual([]);
  });
});

describe('a Llama of F16', () => {
  it('is used where it lies, all but the queries and keys, whose rows are in another order there', async () => {
    const { source } = await loadModel(llamaFile, 'tiny', { cacheDir });
    const moved = [...source.tensors].filter(([, { path }]) => path !== llamaFile).map(([name]) => name);
    expect(moved.sort()).toEqual(
      [0, 1].flatMap((i) => ['k', 'q'].map((part) => `model.layers.${i}.self_attn.${part}_proj.weight`)),
    );
    expect(source.tensors.get('model.layers.0.self_attn.q_proj.weight')!.dtype).toBe('F16');
  });

  it('has the very weights of the folder that it was made of, as halves', async () => {
    const folder = await loadModel(llamaFolder);
    const model = await loadModel(llamaFile, 'tiny', { cacheDir });
    expect(model.config).toEqual(folder.config);
    for (const [name, shape] of folder.parameters) {
      const [ours, theirs] = [await readWeight(model.source, name), await readWeight(folder.source, name)];
      const expected = shape.length === 1 ? theirs.data : float16ToFloat32(float32ToFloat16(theirs.data));
      expect(ours.data, name).toEqual(expected);
    }
    expect(await largestDifference(model, folder)).toBeLessThan(0.01);
  });

  it('comes with its tokenizer, and is saved as a folder that is the same model', async () => {
    process.env.PROMPTUNE_CACHE = cacheDir;
    try {
      const { model, tokenizer } = await fromPretrained(llamaFile);
      const target = join(cacheDir, 'saved');
      const tensors = new Map();
      for (const name of model.parameters.keys()) tensors.set(name, await readWeight(model.source, name));
      await saveModel(target, model, tensors);
      const saved = await fromPretrained(target);
      expect(saved.model.config).toEqual(model.config);
      expect(await largestDifference(saved.model, model)).toBe(0);
      expect(tokenizer.encode('Hi"th<end>')).toEqual([39, 72, 1, 94, 95]); // counted from "!", the first printable byte
      expect(saved.tokenizer.encode('Hi"you"')).toEqual(tokenizer.encode('Hi"you"'));
      expect(saved.tokenizer.eosTokenId).toBe(95);
    } finally {
      delete process.env.PROMPTUNE_CACHE;
    }
  });
});

describe('a GGUF file that is refused', () => {
  /** The file with one text of its header in the place of another of the same length. */
  async function changed(from: string, to: string): Promise<string> {
    const bytes = await readFile(gpt2File);
    const at = bytes.indexOf(from);
    bytes.write(to, at);
    const path = join(cacheDir, 'changed.gguf');
    await writeFile(path, bytes);
    return path;
  }

  it.each([
    ['gpt2', 'gpt9', '(general.architecture): "gpt9" is not supported (llama, qwen2, '],
    [
      'gpt2.block_count',
      'gpt2.block_comte',
      '(gpt2.block_count): expected a number in the metadata, found none',
    ],
    [
      'blk.0.attn_norm.weight',
      'blk.0.attn_worm.weight',
      '(blk.0.attn_worm.weight): a gpt2 has no such tensor',
    ],
    [
      'token_embd.weight',
      'token_embd.height',
      '(token_embd.weight): it is missing; every model has this tensor',
    ],
  ])('with %s changed to %s', async (from, to, message) => {
    const path = await changed(from, to);
    await expect(loadModel(path, 'tiny', { cacheDir })).rejects.toThrow(message);
  });

  it('for its tokenizer', async () => {
    const path = await changed('gpt-2', 'gpt-9');
    await expect(loadTokenizer(path)).rejects.toThrow(
      '(tokenizer.ggml.pre): "gpt-9" is not supported (default, ',
    );
  });

  it('for not being there, and a folder with nothing but one says its name', async () => {
    await expect(fromPretrained(join(cacheDir, 'none.gguf'))).rejects.toThrow('does not exist');
    const path = await changed('gpt-2', 'gpt-2');
    await expect(loadModel(cacheDir)).rejects.toThrow(`for the GGUF file in it, use ${path}`);
  });
});
