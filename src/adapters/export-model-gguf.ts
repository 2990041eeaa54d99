/** @file A whole model as a GGUF file for llama.cpp and what is built on it. */
import type { Adapter } from '../attach/method.js';
import { UsageError } from '../errors.js';
import { writeFileAtomic } from '../formats/files.js';
import { quantizeQ4, quantizeQ8 } from '../formats/gguf-blocks.js';
import { ggufTokenizerFields } from '../formats/gguf-tokenizer-fields.js';
import {
  type GgufField,
  type GgufTensorToWrite,
  ggufByteLength,
  ggufChunks,
} from '../formats/gguf-writer.js';
import { float32ToFloat16 } from '../formats/half.js';
import type { JsonObject } from '../formats/json.js';
import { readWeight } from '../formats/model-folder.js';
import { bytesOf, joinHalves, transpose } from '../loading/gguf-conversion.js';
import { ggufFields } from '../loading/gguf-fields.js';
import { ggufNames, type Undo } from '../loading/gguf-names.js';
import { tokenizerFiles } from '../loading/save.js';
import type { LanguageModel } from '../models/model.js';
import { say } from '../say.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { tokenizerFileName } from '../tokenizer/folder-files.js';
import { mergedWeights } from './merge.js';

/**
 * How matrices are stored. Norms, biases and learned positions stay float32, as llama.cpp expects them; with q4_1, the
 * vocabulary has 8 bits.
 */
export const ggufDtypes = ['float32', 'float16', 'q8_0', 'q4_1'] as const;
export type GgufDtype = (typeof ggufDtypes)[number];

export interface ExportModelOptions {
  model: LanguageModel;
  /** The model's own, whose special tokens and template go into the file. */
  tokenizer: Tokenizer;
  /** An adapter to merge into the weights, such as LoRA. Default: the unchanged model. */
  adapter?: Adapter;
  /** The file to write, replaced if it exists. */
  output: string;
  /** Default: float16. */
  dtype?: GgufDtype;
  /** Ends the work between two tensors. */
  signal?: AbortSignal;
}

const types = { float32: 'F32', float16: 'F16', q8_0: 'Q8_0', q4_1: 'Q4_1' } as const;
const fileTypes = { float32: 0, float16: 1, q8_0: 7, q4_1: 3 } as const;
/** Tensors whose rows are tokens. */
const vocabularyParts = new Set(['token_embd', 'output']);

/**
 * Writes a model, with an adapter merged if given, as one GGUF file with its tokenizer and chat template.
 * @throws UsageError for an unsupported type of model, FileError for a configuration or tokenizer that cannot be
 *   converted; what `mergeAdapter` throws; the signal's reason
 */
export async function exportModelAsGguf(options: ExportModelOptions): Promise<void> {
  const { model, tokenizer, adapter, output, dtype = 'float16', signal } = options;
  if (adapter?.head)
    throw new UsageError(say`a GGUF file cannot hold a head for labels; use it as an adapter`, {
      code: 'unsupported',
    });
  const { architecture, undo, partOf } = ggufNames(model.config.modelType);
  const merged = adapter ? await mergedWeights(model, adapter, signal) : undefined;
  const counts = { heads: model.config.numAttentionHeads, keyValueHeads: model.config.numKeyValueHeads };
  const metadata: Record<string, GgufField> = {
    'general.architecture': { type: 'string', value: architecture },
    'general.name': { type: 'string', value: model.name.split('/').at(-1)! },
    'general.file_type': { type: 'uint32', value: fileTypes[dtype] },
    'general.quantization_version': { type: 'uint32', value: 2 },
    ...ggufFields(architecture, model),
    ...(await tokenizerMetadata(model, tokenizer)),
  };
  const tensors: GgufTensorToWrite[] = [];
  for (const [name, location] of model.files.locations) {
    const [, module, kind] = /^(.*)\.(weight|bias)$/.exec(name) ?? [];
    const named = module === undefined ? undefined : partOf(module);
    if (!named)
      throw new UsageError(say`${name}: a ${architecture} of llama.cpp has no such tensor`, {
        code: 'unsupported',
      });
    const change = undo?.(named.part, counts);
    const isTurned = change?.kind === 'transposed' && location.shape.length === 2;
    const shape = isTurned ? [...location.shape].reverse() : location.shape;
    const type = storedType(dtype, named.part, shape);
    tensors.push({
      name: `${named.name}.${kind}`,
      type,
      shape,
      byteLength: ggufByteLength(type, shape),
      bytes: async () => {
        signal?.throwIfAborted();
        const { data } = merged?.get(name) ?? (await readWeight(model.source, location.name));
        return stored(type, redone(data, location.shape, change));
      },
    });
  }
  await writeFileAtomic(output, ggufChunks(metadata, tensors));
}

function storedType(dtype: GgufDtype, part: string, shape: readonly number[]): GgufTensorToWrite['type'] {
  if (shape.length === 1 || part === 'position_embd') return 'F32';
  const type = dtype === 'q4_1' && vocabularyParts.has(part) ? 'Q8_0' : types[dtype];
  return type.startsWith('Q') && shape.at(-1)! % 32 !== 0 ? 'F16' : type;
}

function stored(type: GgufTensorToWrite['type'], numbers: Float32Array): Uint8Array {
  if (type === 'Q8_0') return quantizeQ8(numbers);
  if (type === 'Q4_1') return quantizeQ4(numbers);
  return bytesOf(type === 'F16' ? float32ToFloat16(numbers) : numbers);
}

/** What is undone where such a file is read. */
function redone(numbers: Float32Array, shape: readonly number[], change: Undo | undefined): Float32Array {
  switch (change?.kind) {
    case 'interleaved-heads':
      return joinHalves(numbers, shape[0]!, change.numHeads);
    case 'one-added':
      return numbers.map((x) => x + 1);
    case 'transposed':
      return shape.length === 2 ? transpose(numbers, shape) : numbers;
    default:
      return numbers;
  }
}

async function tokenizerMetadata(model: LanguageModel, tokenizer: Tokenizer) {
  const files = await tokenizerFiles(model.source);
  const config = files.get('tokenizer_config.json');
  const named = config ? tokenizerFileName(parsed(config), 'tokenizer_config.json') : 'tokenizer.json';
  const json = files.get(named);
  if (!json)
    throw new UsageError(say`${model.name} has no tokenizer.json, which the GGUF file needs`, {
      code: 'unsupported',
    });
  const { specialTokens = {}, startIds = [], bosTokenId, eosTokenId, padTokenId } = tokenizer;
  const around = tokenizer.encode('', { addSpecialTokens: true });
  const { vocabSize } = model.config;
  // A tokenizer's class may name tokens that the model has no row for.
  const inModel = (id: number | undefined) => (id !== undefined && id < vocabSize ? id : undefined);
  return ggufTokenizerFields({
    path: named,
    json: parsed(json),
    chatTemplate: tokenizer.chatTemplate,
    toolChatTemplate: tokenizer.toolChatTemplate,
    special: {
      bos: inModel(bosTokenId),
      eos: inModel(eosTokenId),
      unknown: inModel(
        specialTokens.unk_token === undefined ? undefined : tokenizer.idOf(specialTokens.unk_token),
      ),
      padding: inModel(padTokenId),
    },
    adds: {
      bos: bosTokenId !== undefined && startIds[0] === bosTokenId,
      eos: around.length > startIds.length && around.at(-1) === eosTokenId,
    },
    vocabSize,
  });
}

const parsed = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes)) as JsonObject;
