/** @file Writing a whole model as a Hugging Face folder: config.json, model.safetensors and the tokenizer's files. */
import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFolderAtomic, writeJsonAtomic } from '../formats/files.js';
import { writeSafetensors } from '../formats/safetensors.js';
import type { TrainableTensors } from '../tensor.js';
import type { CausalLM } from './model.js';

const copied = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'vocab.json',
  'merges.txt',
  'generation_config.json',
];

/** Writes `tensors`, all of the model's parameters, under the model's own configuration. The folder appears whole or not at all. */
export async function saveModel(folder: string, model: CausalLM, tensors: TrainableTensors): Promise<void> {
  await writeFolderAtomic(folder, async (temporary) => {
    const present = new Set(await readdir(model.source.folder));
    for (const name of copied)
      if (present.has(name)) await copyFile(join(model.source.folder, name), join(temporary, name));
    await writeJsonAtomic(join(temporary, 'config.json'), { ...model.source.config, dtype: 'float32' });
    await writeSafetensors(join(temporary, 'model.safetensors'), tensors);
  });
}
