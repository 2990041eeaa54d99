import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { combineAdapters } from '../src/adapters/combine.js';
import { exportAsGguf } from '../src/adapters/export-gguf.js';
import { exportModelAsGguf } from '../src/adapters/export-model-gguf.js';
import { exportAsPrefix } from '../src/adapters/export-prefix.js';
import { loadAdapter } from '../src/adapters/load-adapter.js';
import { mergeAdapter } from '../src/adapters/merge.js';
import { writeJsonAtomic } from '../src/formats/files.js';
import { readAllFloat32, writeSafetensors } from '../src/formats/safetensors.js';
import { useTemporaryFolder } from '../src/formats/temporary-folder.fixture.js';
import { loadModel } from '../src/loading/load-model.js';
import { exportModelAsFolder } from '../src/loading/save.js';
import { fromPretrained } from '../src/pretrained.js';
import { checkData } from '../src/text/check.js';
import { openDataset } from '../src/text/dataset.js';
import { trainBpe } from '../src/tokenizer-training/index.js';
import { AbortAt } from './support/abort-at.js';
import { useWarmRuntime } from './support/warm-runtime.js';

useWarmRuntime();
const inFolder = useTemporaryFolder();
const golden = join(import.meta.dirname, 'golden/cases');
const baseModel = join(golden, 'gpt2__base/model');
const lora = join(golden, 'gpt2__lora/adapter');

/** The model in two files. */
async function writeShards(folder: string): Promise<string> {
  await cp(join(baseModel, 'config.json'), join(folder, 'config.json'));
  const tensors = [...(await readAllFloat32(join(baseModel, 'model.safetensors')))];
  const half = tensors.length >> 1;
  const shards = { 'a.safetensors': tensors.slice(0, half), 'b.safetensors': tensors.slice(half) };
  const entries = Object.entries(shards);
  for (const [file, own] of entries) await writeSafetensors(join(folder, file), new Map(own));
  const places = entries.flatMap(([file, own]) => own.map(([name]) => [name, file]));
  const index = { weight_map: Object.fromEntries(places) };
  await writeJsonAtomic(join(folder, 'model.safetensors.index.json'), index);
  return folder;
}

/** What is done with a signal, writing to `output` if it writes. */
type Work = (signal: AbortSignal, output: string) => Promise<unknown>;

it.each<[string, () => Promise<Work>]>([
  [
    'loading a model of several files',
    async () => {
      const folder = await writeShards(inFolder('shards'));
      return (signal) => loadModel(folder, folder, { signal });
    },
  ],
  [
    'converting a model',
    async () => {
      const path = join(golden, '../../gguf/gpt2-q8_0.gguf');
      return (signal, output) => loadModel(path, path, { signal, cacheDir: output });
    },
  ],
  [
    'loading an adapter',
    async () => {
      const model = await loadModel(baseModel);
      return (signal) => loadAdapter(lora, model, { signal });
    },
  ],
  [
    'combining adapters',
    async () => (signal, output) =>
      combineAdapters({ adapters: [lora, lora], how: 'average', output, signal }),
  ],
  [
    'merging an adapter',
    async () => {
      const model = await loadModel(baseModel);
      const adapter = await loadAdapter(lora, model);
      return (signal, output) => mergeAdapter({ model, adapter, output, signal });
    },
  ],
  [
    'exporting a model as a folder',
    async () => {
      const model = await loadModel(baseModel);
      return (signal, output) => exportModelAsFolder({ model, output, signal });
    },
  ],
  [
    'exporting a model as GGUF',
    async () => {
      const { model, tokenizer } = await fromPretrained();
      return (signal, output) => exportModelAsGguf({ model, tokenizer, output, signal });
    },
  ],
  [
    'tokenizing data',
    async () => {
      const { tokenizer } = await fromPretrained();
      const data = Array.from({ length: 10 }, (_, i) => ({ prompt: `${i}`, completion: ' cats' }));
      return (signal) => openDataset({ data, tokenizer, signal });
    },
  ],
  [
    'checking data',
    async () => {
      const { tokenizer } = await fromPretrained();
      const data = Array.from({ length: 10 }, (_, i) => ({ prompt: `${i}`, completion: ' cats' }));
      return (signal) => checkData({ data, tokenizer, signal });
    },
  ],
  [
    'training a tokenizer',
    async () => (signal) => trainBpe({ texts: ['a cat is a cat'], vocabSize: 270, signal }),
  ],
  [
    'exporting a LoRA as GGUF',
    async () => {
      const model = await loadModel(baseModel);
      const adapter = await loadAdapter(lora, model);
      return (signal, output) => exportAsGguf(adapter, model, output, { signal });
    },
  ],
  [
    'exporting a prompt as a prefix',
    async () => {
      const model = await loadModel(baseModel);
      const adapter = await loadAdapter(join(golden, 'gpt2__prompt-tuning/adapter'), model);
      return (signal, output) => exportAsPrefix(adapter, model, output, { signal });
    },
  ],
])('a signal ends %s at any point, and leaves nothing behind', async (name, prepare) => {
  const work = await prepare();
  const places = inFolder(`${name} as a whole`);
  const whole = new AbortAt();
  await work(whole.signal, join(places, 'output'));
  expect(whole.asked).toBeGreaterThan(1);
  for (const at of new Set([1, 2, whole.asked >> 1, whole.asked])) {
    const { signal, reason } = new AbortAt(at);
    const folder = inFolder(`${name} until ${at}`);
    await expect(work(signal, join(folder, 'output'))).rejects.toBe(reason);
    const left = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    expect(left.filter((entry) => entry.isFile())).toEqual([]);
  }
  expect((await readdir(places).catch(() => [])).length).toBeLessThanOrEqual(1);
});
