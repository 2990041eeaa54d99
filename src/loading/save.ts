/** @file Writing a whole model as a Hugging Face folder: config.json, model.safetensors and the tokenizer's files. */
import { fileSystem, join } from '#platform';
import { writeFolderAtomic, writeJsonAtomic } from '../formats/files.js';
import { float32ToBfloat16, float32ToFloat16 } from '../formats/half.js';
import type { ModelFolder } from '../formats/model-folder.js';
import { writeSafetensors } from '../formats/safetensors.js';
import type { LanguageModel } from '../models/model.js';
import { type Tensor, type TrainableTensors, tensorOf } from '../tensor.js';

const copied = [
  'tokenizer.json',
  'tokenizer_config.json',
  'chat_template.jinja',
  'special_tokens_map.json',
  'vocab.json',
  'merges.txt',
  'generation_config.json',
];

/** How weights can be stored. Halves are rounded to the nearest, ties to even. */
export const weightDtypes = ['float32', 'float16', 'bfloat16'] as const;
export type WeightDtype = (typeof weightDtypes)[number];

/** Writes `tensors`, all of the model's parameters, under the model's own configuration. The folder appears whole or not at all. */
export async function saveModel(
  folder: string,
  model: LanguageModel,
  tensors: TrainableTensors,
  dtype: WeightDtype = 'float32',
): Promise<void> {
  await writeFolderAtomic(folder, async (temporary) => {
    await saveTokenizer(temporary, model.source);
    await writeJsonAtomic(join(temporary, 'config.json'), savedConfig(model, dtype));
    const stored = new Map([...tensors].map(([name, tensor]) => [name, storedAs(dtype, tensor)]));
    await writeSafetensors(join(temporary, 'model.safetensors'), stored);
  });
}

/**
 * The configuration of the weights that are written: one type (older files call it `torch_dtype`), and a head that is not
 * tied where the file had one of its own. T5 keeps the field, by which it tells whether to scale the decoder's output.
 */
function savedConfig({ source, parameters, tiedHead, encoder }: LanguageModel, dtype: WeightDtype) {
  const { torch_dtype: _, ...config } = source.config;
  const hasOwnHead = tiedHead !== undefined && parameters.has(tiedHead) && !encoder;
  return { ...config, ...(hasOwnHead && { tie_word_embeddings: false }), dtype };
}

async function saveTokenizer(target: string, source: ModelFolder): Promise<void> {
  const files = source.tokenizerFiles?.();
  if (files) {
    for (const [name, content] of Object.entries(files)) await writeJsonAtomic(join(target, name), content);
    return;
  }
  const present = new Set(await fileSystem.list(source.folder));
  for (const name of copied)
    if (present.has(name)) await fileSystem.copy(join(source.folder, name), join(target, name));
}

function storedAs(dtype: WeightDtype, { shape, data }: Tensor<'float32'>): Tensor {
  if (dtype === 'float16') return tensorOf(dtype, shape, float32ToFloat16(data));
  if (dtype === 'bfloat16') return tensorOf(dtype, shape, float32ToBfloat16(data));
  return tensorOf(dtype, shape, data);
}
