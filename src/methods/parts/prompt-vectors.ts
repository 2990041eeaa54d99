/** @file What PEFT's prompt-learning adapters share: fields of adapter_config.json, and the tensor of vectors. */
import * as z from 'zod';
import { textTaskType } from '../../attach/peft-tensors.js';
import { FileError, UsageError } from '../../errors.js';
import {
  type AdapterContent,
  baseModelOf,
  configPath,
  expectPeft,
  nameOf,
  type PeftContent,
  weightsPath,
} from '../../formats/adapter-content.js';
import type { LanguageModel } from '../../models/model.js';
import { say } from '../../say.js';
import { type Tensor, tensorOf } from '../../tensor.js';
import { configFields, refuseFields } from './stored-config.js';

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
 * @param numVirtualTokens the expected P; undefined for any
 * @throws FileError for another type, and like `loadPromptVectors`; UsageError for another P
 */
export function earlierPromptVectors(
  content: AdapterContent,
  model: LanguageModel,
  {
    peftTypes,
    width,
    numVirtualTokens,
  }: { peftTypes: readonly string[]; width: number; numVirtualTokens: number | undefined },
): { start: Tensor<'float32'>; description: string } {
  const files = expectPeft(content);
  const { peft_type: peftType } = files.config;
  if (!peftTypes.includes(peftType))
    throw new FileError(
      nameOf(files),
      'peft_type',
      say`expected an adapter of type ${peftTypes.join(' or ')} to continue from, found ${peftType}`,
    );
  loadPromptVectors(files, model, width);
  const earlier = promptOf(files);
  const [rows] = earlier.shape;
  if (numVirtualTokens !== undefined && numVirtualTokens !== rows)
    throw new UsageError(
      say`${nameOf(files)} has ${rows} virtual token|tokens, but numVirtualTokens is ${numVirtualTokens};
        leave it out to use ${rows}`,
    );
  const description = files.where === undefined ? nameOf(files) : say`the adapter ${files.where}`;
  return { start: earlier, description };
}

const sizesSchema = z.object({
  num_virtual_tokens: z.int().positive(),
  /** PEFT's default follows from the task. */
  num_transformer_submodules: z.union([z.literal(1), z.literal(2)], 'expected 1 or 2').nullish(),
  num_layers: z.int().positive().nullish(),
  token_dim: z.int().positive().nullish(),
  task_type: z.string().nullish(),
});

/** Types whose vectors are keys and values: PEFT makes them for every stack and stores them once. */
const prefixTypes = ['PREFIX_TUNING', 'CARTRIDGE', 'LATE_PREFIX_TUNING'];

/** Other tensors of these types. */
const taskFactors = ['prefix_task_cols', 'prefix_task_rows'];

/** @throws FileError if there is no matrix of vectors */
function matrixOf(files: PeftContent): Tensor<'float32'> {
  const wrong = (problem: string) => new FileError(weightsPath(files), promptName, problem);
  const vectors = files.tensors.get(promptName);
  if (!vectors)
    throw wrong(say`the tensor is missing; found ${[...files.tensors.keys()].join(', ') || 'none'}`);
  const { shape } = vectors;
  if (shape.length !== 2) throw wrong(say`the prompt is [${shape.join(', ')}], expected rows of vectors`);
  if (shape[0] === 0) throw wrong(say`the prompt is [${shape.join(', ')}], expected at least one vector`);
  return vectors;
}

/**
 * The matrix of an adapter's vectors, whose number must agree with its configuration.
 * @returns `count`: P; the matrix may have P more for the decoder of an encoder-decoder
 * @throws FileError if configuration and tensors contradict each other, or need something unsupported
 */
export function storedVectors(files: PeftContent): { vectors: Tensor<'float32'>; count: number } {
  const vectors = matrixOf(files);
  const [rows, columns] = vectors.shape as [number, number];
  const fields = configFields(files, sizesSchema);
  const wrong = (field: string, problem: string) => new FileError(configPath(files), field, problem);
  if (!fields.task_type)
    throw wrong('task_type', say`it is missing, and without one PEFT puts no prompt before a text`);
  refuseFields(files, { modules_to_save: [] });
  const { num_virtual_tokens: count, num_transformer_submodules: stated, token_dim: width } = fields;
  const isPrefix = prefixTypes.includes(files.config.peft_type);
  const submodules = isPrefix ? 1 : (stated ?? (fields.task_type === 'SEQ_2_SEQ_LM' ? 2 : 1));
  if (rows !== count * submodules)
    throw wrong(
      submodules === 2 ? 'num_transformer_submodules' : 'num_virtual_tokens',
      say`it makes ${count * submodules} virtual tokens, but the tensor has ${rows}`,
    );
  if (!isPrefix && width && width !== columns)
    throw wrong('token_dim', say`it is ${width}, but the tensor's rows have ${columns} numbers`);
  const foreign = [...files.tensors.keys()].find(
    (name) => name !== promptName && !taskFactors.includes(name),
  );
  if (foreign === undefined) return { vectors, count };
  const problem = say`nothing in adapter_config.json says what this tensor is for`;
  throw new FileError(weightsPath(files), foreign, problem);
}

/**
 * The vectors [P, width] of an adapter.
 * @throws FileError if they are missing, do not have the width `width`, or exceed the model's positions, and as
 *   `storedVectors`
 */
export function loadPromptVectors(
  files: PeftContent,
  model: LanguageModel,
  width: number,
): Tensor<'float32'> {
  const path = weightsPath(files);
  const [rows, columns] = matrixOf(files).shape as [number, number];
  const { numLayers, maxPositions } = model.config;
  if (columns !== width)
    throw new FileError(
      path,
      promptName,
      say`the prompt is [${rows}, ${columns}], but ${model.name} needs rows of ${width} numbers; it
        was trained for another model (${baseModelOf(files) ?? say`not named`})`,
      { code: 'incompatible' },
    );
  if (rows >= maxPositions)
    throw new FileError(
      path,
      promptName,
      say`${rows} virtual tokens leave no room in the model's ${maxPositions} positions`,
    );
  const { vectors, count } = storedVectors(files);
  const { num_layers: layers } = configFields(files, sizesSchema);
  const wrong = (field: string, problem: string) => new FileError(configPath(files), field, problem);
  if (rows !== count && !model.encoder)
    throw wrong(
      'num_transformer_submodules',
      say`it makes a second prompt for a decoder behind an encoder, which ${model.name} has not`,
    );
  if (prefixTypes.includes(files.config.peft_type) && layers && layers !== numLayers)
    throw wrong('num_layers', say`it is ${layers}, but ${model.name} has ${numLayers} layers`);
  return vectors;
}

/** The vectors [P, width] of a soft prompt, without those for a decoder, which PEFT does not use. */
export function promptOf(files: PeftContent): Tensor<'float32'> {
  const { vectors, count } = storedVectors(files);
  const [, width] = vectors.shape as [number, number];
  return tensorOf('float32', [count, width], vectors.data.slice(0, count * width));
}
