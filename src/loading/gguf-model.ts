/** @file Presents a GGUF file as a model's folder: metadata as config.json, tensors under Hugging Face's names. */
import { fileSystem } from '#platform';
import { FileError } from '../errors.js';
import { type GgufFile, type GgufTensor, readGgufBytes, readGgufHeader } from '../formats/gguf.js';
import { dequantize, isReadable, readableTypes } from '../formats/gguf-blocks.js';
import { endTokensIn } from '../formats/gguf-special-tokens.js';
import { tokenizerFilesOf } from '../formats/gguf-tokenizer.js';
import type { ModelFolder, TensorLocation } from '../formats/model-folder.js';
import { say } from '../say.js';
import { elementCount } from '../tensor.js';
import { type ConversionOptions, convertTensors, type Source } from './gguf-conversion.js';
import { type GgufArchitecture, GgufKeys, ggufArchitectures } from './gguf-names.js';

export function isGgufPath(path: string): boolean {
  return path.toLowerCase().endsWith('.gguf');
}

/**
 * Opens a GGUF file. F32, F16 and BF16 tensors are used in place. Others (quantized, or changed by llama.cpp's
 * converter) are written once to a file in Promptune's cache and used from there.
 * @throws FileError if the file is damaged, or its architecture or tensors are not supported
 */
export async function openGgufModel(path: string, options: ConversionOptions = {}): Promise<ModelFolder> {
  const file = await readGgufHeader(path);
  const keys = new GgufKeys(file);
  const architecture = architectureOf(keys);
  const config = { ...architecture.config(keys), ...(await frequencyFactors(file, keys)) };
  const sources = sourcesOf(file, architecture, keys);

  const tensors = new Map<string, TensorLocation>();
  const unfit: Source[] = [];
  for (const source of sources) {
    const { name, tensor, undo } = source;
    const { type, shape, offset, byteLength } = tensor;
    if (!undo && (type === 'F32' || type === 'F16' || type === 'BF16'))
      tensors.set(name, { name, dtype: type, shape, offset, byteLength, path: file.path });
    else unfit.push(source);
  }
  if (unfit.length > 0)
    for (const [name, location] of await convertTensors(file, unfit, options)) tensors.set(name, location);
  return {
    folder: path,
    configPath: path,
    config,
    generationConfig: { eos_token_id: endTokensIn(file) },
    tensors,
    tokenizerFiles: () => tokenizerFilesOf(file),
  };
}

function architectureOf(keys: GgufKeys): GgufArchitecture {
  const { file, architecture: name } = keys;
  const parts = file.metadata.get('split.count');
  if (typeof parts === 'number' && parts > 1)
    throw new FileError(
      file.path,
      'split.count',
      say`this is one of ${parts} parts of a model; join them with llama-gguf-split --merge`,
    );
  const known = Object.hasOwn(ggufArchitectures, name) ? ggufArchitectures[name] : undefined;
  if (!known) {
    const names = Object.keys(ggufArchitectures).join(', ');
    throw new FileError(file.path, 'general.architecture', say`"${name}" is not supported (${names})`);
  }
  if ((keys.optional('expert_count') ?? 0) > 0)
    throw new FileError(file.path, `${name}.expert_count`, say`mixtures of experts are not supported`);
  return known;
}

/** Tensors that are not parameters: they follow from config.json. */
const notParameters = new Set(['rope_freqs.weight']);

function sourcesOf(file: GgufFile, { modules, undo }: GgufArchitecture, keys: GgufKeys): Source[] {
  return [...file.tensors.values()]
    .filter(({ name }) => !notParameters.has(name))
    .map((tensor) => {
      const { part, name } = parameterName(tensor, modules);
      if (name === undefined)
        throw new FileError(file.path, tensor.name, say`a ${keys.architecture} has no such tensor`);
      if (!isReadable(tensor.type)) {
        const advice = say`use another file of the model, or convert this one with llama-quantize`;
        throw new FileError(
          file.path,
          tensor.name,
          say`tensors of type ${tensor.type} are not supported (${readableTypes.join(', ')} are);
            ${advice}`,
        );
      }
      const change = undo?.(part, keys.headCounts());
      // Only matrices were transposed: the bias of such a layer is unchanged.
      const isAsItWas = change?.kind === 'transposed' && tensor.shape.length === 1;
      return { name, tensor, undo: isAsItWas ? undefined : change };
    });
}

/** For example `blk.3.attn_q.weight`: the weight of part `blk.attn_q` in layer 3. */
function parameterName(
  tensor: GgufTensor,
  modules: Readonly<Record<string, string>>,
): { part: string; name?: string } {
  const [, layer, part, kind] = /^(?:blk\.(\d+)\.)?(\w+)\.(weight|bias)$/.exec(tensor.name) ?? [];
  const whole = layer === undefined ? `${part}` : `blk.${part}`;
  if (!Object.hasOwn(modules, whole)) return { part: whole };
  return { part: whole, name: `${modules[whole]!.replace('#', layer ?? '')}.${kind}` };
}

/** The other settings of Llama 3's scaling, with the values that all of Meta's models have. */
const llama3 = { low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 };

/**
 * llama.cpp stores the factor of each rotary frequency that Llama 3's scaling gives. Finds the settings that they were
 * computed with, and checks that these give exactly the factors in the file.
 */
async function frequencyFactors(
  file: GgufFile,
  keys: GgufKeys,
): Promise<{ rope_scaling?: Record<string, unknown> }> {
  const tensor = file.tensors.get('rope_freqs.weight');
  if (!tensor) return {};
  const handle = await fileSystem.open(file.path, 'read');
  const bytes = await readGgufBytes(handle, file.path, tensor).finally(() => handle.close());
  const factors = dequantize(tensor.type, bytes, elementCount(tensor.shape));
  const factor = Math.max(...factors);
  const base = keys.number('rope.freq_base', 10000);
  const expected = Array.from(factors, (_, i) => llama3Factor(base ** (i / factors.length), factor));
  if (expected.some((value, i) => Math.abs(value - factors[i]!) > 1e-3 * value))
    throw new FileError(
      file.path,
      tensor.name,
      say`its factors of the rotary frequencies are not those of Llama 3's scaling, and others are
        not supported`,
    );
  return { rope_scaling: { rope_type: 'llama3', factor, ...llama3 } };
}

/**
 * Llama 3's divisor of a frequency.
 * @param period of the rotation, over 2π
 */
function llama3Factor(period: number, factor: number): number {
  const { low_freq_factor: low, high_freq_factor: high, original_max_position_embeddings: length } = llama3;
  const turns = length / (2 * Math.PI * period);
  if (turns >= high) return 1;
  if (turns <= low) return factor;
  const smooth = (turns - low) / (high - low);
  return 1 / ((1 - smooth) / factor + smooth);
}
