/** @file What golden cases do not show of BERT: how its files may name things, and what is refused. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { changeJson, changeSafetensors } from '../../test/support/files.js';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { FileError } from '../errors.js';
import { computeLogits } from '../evaluation/logits.js';
import { loadModel } from '../loading/load-model.js';

useWarmRuntime();

const original = join(import.meta.dirname, '../../test/golden/cases/bert-mlm__base/model');
let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'promptune-bert-'));
});
afterAll(() => rm(root, { recursive: true }));

async function copy(name: string): Promise<string> {
  const folder = join(root, name);
  await cp(original, folder, { recursive: true });
  return folder;
}

const texts = [
  [5, 17, 80, 3, 41],
  [60, 7],
];

it('reads the names of its first files', async () => {
  const folder = await copy('old');
  await changeSafetensors(join(folder, 'model.safetensors'), ({ header }) => {
    for (const name of Object.keys(header)) {
      const old = name
        .replace('LayerNorm.weight', 'LayerNorm.gamma')
        .replace('LayerNorm.bias', 'LayerNorm.beta');
      if (old === name) continue;
      header[old] = header[name];
      delete header[name];
    }
  });
  const [ours, old] = [await loadModel(original), await loadModel(folder)];
  expect((await computeLogits({ model: old, texts })).data).toEqual(
    (await computeLogits({ model: ours, texts })).data,
  );
});

it('sees both ways, but no padding', async () => {
  const model = await loadModel(original);
  const together = await computeLogits({ model, texts });
  const alone = await computeLogits({ model, texts: [texts[1]!] });
  const vocab = model.config.vocabSize;
  const second = together.data.subarray(5 * vocab, 7 * vocab);
  for (const [i, score] of alone.data.entries()) expect(second[i]).toBeCloseTo(score, 5);
  const changed = await computeLogits({ model, texts: [[60, 9]] });
  const differences = Array.from({ length: vocab }, (_, i) => Math.abs(alone.data[i]! - changed.data[i]!));
  expect(Math.max(...differences)).toBeGreaterThan(0.01);
});

it.each([
  [{ hidden_act: 'prelu' }, '"prelu" is not supported; expected one of'],
  [{ num_attention_heads: 3 }, 'hidden_size 32 is not divisible by 3 heads'],
  [{ position_embedding_type: 'relative_key' }, 'position_embedding_type'],
  [{ is_decoder: true }, 'is_decoder'],
])('refuses %j', async (change, message) => {
  const folder = await copy(JSON.stringify(change));
  await changeJson(join(folder, 'config.json'), change);
  await expect(loadModel(folder)).rejects.toThrow(FileError);
  await expect(loadModel(folder)).rejects.toThrow(message);
});
