/** @file What PEFT's prompt-learning adapters share: fields of adapter_config.json, and the tensor of vectors. */
import { textTaskType } from '../../attach/peft-tensors.js';
import { FileError, UsageError } from '../../errors.js';
import {
  type AdapterContent,
  baseModelOf,
  expectPeft,
  nameOf,
  type PeftContent,
  weightsPath,
} from '../../formats/adapter-content.js';
import type { LanguageModel } from '../../models/model.js';
import { type Tensor, tensorOf } from '../../tensor.js';

/** The tensor's name in PEFT's files and in memory. */
export const promptName = 'prompt_embeddings';

/**
 * The fields of adapter_config.json that all kinds share, as PEFT fills them in. With `num_transformer_submodules` 1,
 * PEFT also accepts P vectors for an encoder-decoder, where it would otherwise store P more that it never uses.
 */
export function promptLearningConfig(model: LanguageModel, peftType: string, numVirtualTokens: number) {
  return {
    auto_mapping: null,
    base_model_name_or_path: model.name,
    inference_mode: true,
    modules_to_save: null,
    num_attention_heads: model.config.numAttentionHeads,
    num_layers: model.config.numLayers,
    num_transformer_submodules: 1,
    num_virtual_tokens: numVirtualTokens,
    peft_type: peftType,
    revision: null,
    task_type: textTaskType(model),
    token_dim: model.config.hiddenSize,
  };
}

/**
/**
 * The vectors [P, width] of an earlier adapter to continue from.
 * @param peftTypes the types of adapters that have them
 * @param wanted the expected P; undefined for any
 * @throws FileError for another type, and like `loadPromptVectors`; UsageError for another P
 */
export function earlierPromptVectors(
  content: AdapterContent,
  model: LanguageModel,
  { peftTypes, width, wanted }: { peftTypes: readonly string[]; width: number; wanted: number | undefined },
): { start: Tensor<'float32'>; description: string } {
  const files = expectPeft(content);
  const { peft_type: peftType } = files.config;
  if (!peftTypes.includes(peftType))
    throw new FileError(
      nameOf(files),
      'peft_type',
      `expected an adapter of type ${peftTypes.join(' or ')} to continue from, found ${peftType}`,
    );
  const earlier = promptOf(files, model, loadPromptVectors(files, model, width));
  const [rows] = earlier.shape;
  if (wanted !== undefined && wanted !== rows)
    throw new UsageError(
      `${nameOf(files)} has ${rows} virtual tokens, but numVirtualTokens is ${wanted}; leave it out to use ${rows}`,
    );
  const description = files.where === undefined ? nameOf(files) : `the adapter ${files.where}`;
  return { start: earlier, description };
}

/**
 * The vectors [P, width] of an adapter.
 * @throws FileError if they are missing, not `width` wide, or more than the model has positions
 */
export function loadPromptVectors(
  files: PeftContent,
  model: LanguageModel,
  width: number,
): Tensor<'float32'> {
  const path = weightsPath(files);
  const vectors = files.tensors.get(promptName);
  if (!vectors)
    throw new FileError(
      path,
      promptName,
      `the tensor is missing; found ${[...files.tensors.keys()].join(', ') || 'none'}`,
    );
  const [rows, columns] = vectors.shape;
  if (vectors.shape.length !== 2 || columns !== width) {
    throw new FileError(
      path,
      promptName,
      `the prompt is [${vectors.shape.join(', ')}], but ${model.name} needs rows of ${width} numbers; ` +
        `it was trained for another model (${baseModelOf(files) ?? 'not named'})`,
    );
  }
  if (rows === 0)
    throw new FileError(path, promptName, `the prompt is [0, ${columns}], expected at least one vector`);
  if (rows! >= model.config.maxPositions) {
    throw new FileError(
      path,
      promptName,
      `${rows} virtual tokens leave no room in the model's ${model.config.maxPositions} positions`,
    );
  }
  return vectors;
}

/** How many of a prompt's rows the encoder reads. PEFT's files may hold as many more for the decoder. */
export function numPromptRows({ config }: PeftContent, { encoder }: LanguageModel, rows: number): number {
  return encoder && config.num_transformer_submodules === 2 ? Math.floor(rows / 2) : rows;
}

/** The vectors of a soft prompt, without those for the decoder, which PEFT never uses. */
export function promptOf(
  files: PeftContent,
  model: LanguageModel,
  { shape, data }: Tensor<'float32'>,
): Tensor<'float32'> {
  const [rows, width] = shape as [number, number];
  const count = numPromptRows(files, model, rows);
  return tensorOf('float32', [count, width], data.slice(0, count * width));
}
