/** @file Writes a whole model as a Hugging Face folder: config.json, model.safetensors and the tokenizer's files. */

import { fileSystem, join, yieldToEvents } from '#platform';
import type { ModelContent } from '../formats/adapter-content.js';
import { writeAdapter } from '../formats/adapter-folder.js';
import { float32ToBfloat16, float32ToFloat16 } from '../formats/half.js';
import { type JsonObject, jsonText } from '../formats/json.js';
import { type ModelFolder, readWeight } from '../formats/model-folder.js';
import type { AdapterUsage } from '../formats/own-file.js';
import { modelEnds } from '../models/end-tokens.js';
import type { LanguageModel } from '../models/model.js';
import { type Tensor, type TrainableTensors, tensorOf } from '../tensor.js';
import { extraTokenizerFiles } from '../tokenizer/folder-files.js';

/** Other files of a model's folder, besides its weights and config.json. */
export const modelCompanions: readonly string[] = [
  'tokenizer.json',
  'tokenizer_config.json',
  'chat_template.jinja',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'merges.txt',
  'vocab.txt',
  'tokenizer.model',
  'spiece.model',
  'generation_config.json',
];

/** Types of stored weights. 16-bit numbers are rounded to nearest, ties to even. */
export const weightDtypes = ['float32', 'float16', 'bfloat16'] as const;
export type WeightDtype = (typeof weightDtypes)[number];

export interface SaveOptions {
  /** The type of the stored weights. Default: float32. */
  readonly dtype?: WeightDtype;
  /** The end-of-text token that training taught. The files name it in addition to the model's own. */
  readonly eosTokenId?: number;
  /** How the model is used, for promptune.json. */
  readonly usage?: AdapterUsage;
  /** Takes effect between two tensors. */
  readonly signal?: AbortSignal;
}

/** A whole model from `tensors`, all of its parameters, with the model's own configuration. */
export async function modelContent(
  model: LanguageModel,
  tensors: TrainableTensors,
  { dtype = 'float32', eosTokenId, usage, signal }: SaveOptions = {},
): Promise<ModelContent> {
  const stored = new Map<string, Tensor>();
  for (const [name, tensor] of tensors) {
    if (signal) await yieldToEvents();
    signal?.throwIfAborted();
    stored.set(name, storedAs(dtype, tensor));
  }
  return {
    form: 'model',
    config: savedConfig(model, dtype),
    tensors: stored,
    ...(usage && { usage }),
    others: new Map([...(await tokenizerFiles(model.source)), ...generationConfig(model.source, eosTokenId)]),
  };
}

/** All parameters of a model as float32, by name: those in `changed`, and the model's own. */
export async function allParameters(
  model: LanguageModel,
  changed: TrainableTensors = new Map(),
  signal?: AbortSignal,
): Promise<TrainableTensors> {
  const tensors: TrainableTensors = new Map();
  for (const [name, location] of model.files.locations) {
    signal?.throwIfAborted();
    tensors.set(name, changed.get(name) ?? (await readWeight(model.source, location.name)));
  }
  return tensors;
}

/**
 * Writes a model unchanged, such as one from a GGUF file, as a folder for transformers.
 * @param options.dtype type of the weights. Default: float32
 * @throws FileError if the folder cannot be written; the signal's reason once aborted
 */
export async function exportModelAsFolder(options: {
  model: LanguageModel;
  output: string;
  dtype?: WeightDtype;
  signal?: AbortSignal;
}): Promise<void> {
  const { model, output, dtype, signal } = options;
  await saveModel(output, model, await allParameters(model, undefined, signal), { dtype, signal });
}

/** Writes a model from its parameters. The folder appears as a whole or not at all. */
export async function saveModel(
  folder: string,
  model: LanguageModel,
  tensors: TrainableTensors,
  options?: SaveOptions,
): Promise<void> {
  await writeAdapter(folder, await modelContent(model, tensors, options), options?.signal);
}

/**
 * The configuration for the written weights: their type (older files call it `torch_dtype`), and an untied head if the
 * file had its own. T5 keeps the field, which determines whether to scale the decoder's output.
 */
function savedConfig({ source, parameters, tiedHead, encoder }: LanguageModel, dtype: WeightDtype) {
  const { torch_dtype: _, ...config } = source.config;
  const hasOwnHead = tiedHead !== undefined && parameters.has(tiedHead) && !encoder;
  return { ...config, ...(hasOwnHead && { tie_word_embeddings: false }), dtype };
}

export async function tokenizerFiles(source: ModelFolder): Promise<Map<string, Uint8Array>> {
  const files = source.tokenizerFiles?.();
  if (files) return new Map(Object.entries(files).map(([name, file]) => [name, jsonBytes(file)]));
  const present = new Set(await fileSystem.list(source.folder));
  const own = new Map<string, Uint8Array>();
  const names = modelCompanions.filter((name) => present.has(name));
  for (const name of [...names, ...(await extraTokenizerFiles(source.folder))])
    own.set(name, await fileSystem.readBytes(join(source.folder, name)));
  return own;
}

const startIds = ['bos_token_id', 'pad_token_id', 'decoder_start_token_id'];

/**
 * generation_config.json, if it cannot be copied: if it lacks the end token that training taught (transformers' Trainer
 * adds it too), or if the model came without one. It takes precedence over config.json.
 */
function* generationConfig(source: ModelFolder, eosTokenId?: number): Iterable<[string, Uint8Array]> {
  const ends = modelEnds(source);
  const isMissing = eosTokenId !== undefined && !ends.includes(eosTokenId);
  if (!isMissing && !source.tokenizerFiles) return;
  const { config } = source;
  const ids = startIds.flatMap((name) => (typeof config[name] === 'number' ? [[name, config[name]]] : []));
  const own = source.generationConfig ?? Object.fromEntries(ids);
  const file = { ...own, eos_token_id: isMissing ? [eosTokenId, ...ends] : ends };
  yield ['generation_config.json', jsonBytes(file)];
}

const jsonBytes = (json: JsonObject) => new TextEncoder().encode(jsonText(json));

function storedAs(dtype: WeightDtype, { shape, data }: Tensor<'float32'>): Tensor {
  if (dtype === 'float16') return tensorOf(dtype, shape, float32ToFloat16(data));
  if (dtype === 'bfloat16') return tensorOf(dtype, shape, float32ToBfloat16(data));
  return tensorOf(dtype, shape, data);
}
