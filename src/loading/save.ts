/** @file Writing a whole model as a Hugging Face folder: config.json, model.safetensors and the tokenizer's files. */
import { fileSystem, join, yieldToEvents } from '#platform';
import type { ModelContent } from '../formats/adapter-content.js';
import { writeAdapter } from '../formats/adapter-folder.js';
import { float32ToBfloat16, float32ToFloat16 } from '../formats/half.js';
import { type JsonObject, jsonText } from '../formats/json.js';
import { type ModelFolder, readWeight } from '../formats/model-folder.js';
import { modelEnds } from '../models/end-tokens.js';
import type { LanguageModel } from '../models/model.js';
import { type Tensor, type TrainableTensors, tensorOf } from '../tensor.js';

/** Of a model's folder, beside its weights and config.json. */
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

/** How weights can be stored. Halves are rounded to the nearest, ties to even. */
export const weightDtypes = ['float32', 'float16', 'bfloat16'] as const;
export type WeightDtype = (typeof weightDtypes)[number];

export interface SaveOptions {
  /** How the weights are stored. Default: float32. */
  readonly dtype?: WeightDtype;
  /** What training taught as the end of a text. The files name it beside the model's own. */
  readonly eosTokenId?: number;
  /** Ends the work between two tensors. */
  readonly signal?: AbortSignal;
}

/** A whole model of `tensors`, all of the model's parameters, under the model's own configuration. */
export async function modelContent(
  model: LanguageModel,
  tensors: TrainableTensors,
  { dtype = 'float32', eosTokenId, signal }: SaveOptions = {},
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
    others: new Map([...(await tokenizerFiles(model.source)), ...generationConfig(model.source, eosTokenId)]),
  };
}

/** All parameters of a model as float32, by name: those of `changed`, and the model's own. */
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
 * Writes a model as it is, such as that of a GGUF file, as a folder that transformers opens.
 * @param options.dtype type of the weights. Default: float32
 * @throws FileError where the folder cannot be written; the signal's reason
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

/** Writes such a model. The folder appears whole or not at all. */
export async function saveModel(
  folder: string,
  model: LanguageModel,
  tensors: TrainableTensors,
  options?: SaveOptions,
): Promise<void> {
  await writeAdapter(folder, await modelContent(model, tensors, options), options?.signal);
}

/**
 * The configuration of the weights that are written: one type (older files call it `torch_dtype`), and a head that is
 * not tied where the file had one of its own. T5 keeps the field, by which it tells whether to scale the decoder's
 * output.
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
  for (const name of modelCompanions)
    if (present.has(name)) own.set(name, await fileSystem.readBytes(join(source.folder, name)));
  return own;
}

const startIds = ['bos_token_id', 'pad_token_id', 'decoder_start_token_id'];

/**
 * generation_config.json, where it cannot be copied: where it lacks the end that training taught, as transformers'
 * Trainer adds it, and where the model came without one. What is in it counts before config.json.
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
