/** @file A LoRA as a GGUF file, as llama.cpp and what is built on it load it (`--lora`, Ollama's `ADAPTER`). */
import { yieldToEvents } from '#platform';
import { refuseHead } from '../attach/head.js';
import type { Adapter } from '../attach/method.js';
import { UsageError } from '../errors.js';
import { heldContent, type PeftContent } from '../formats/adapter-content.js';
import { writeFileAtomic } from '../formats/files.js';
import { type GgufTensorToWrite, ggufByteLength, ggufChunks } from '../formats/gguf-writer.js';
import { bytesOf, joinHalves } from '../loading/gguf-conversion.js';
import { ggufNames, type Undo } from '../loading/gguf-names.js';
import { loraChanges } from '../methods/lora.js';
import type { LanguageModel } from '../models/model.js';
import { say } from '../say.js';

/**
 * Writes a LoRA in llama.cpp's format. llama.cpp multiplies by alpha / rank; the other scales of PEFT (rsLoRA, patterns
 * of ranks and alphas) are multiplied into B.
 *
 * @param path the file to write, replaced if it exists
 * @throws UsageError for another method, DoRA, a head, and a model that llama.cpp has no names for here; the signal's
 *   reason once aborted
 */
export async function exportAsGguf(
  adapter: Adapter,
  model: LanguageModel,
  path: string,
  { signal }: { signal?: AbortSignal } = {},
): Promise<void> {
  refuseHead(adapter);
  const content = await heldContent(adapter);
  if (content.form !== 'peft' || content.config.peft_type !== 'LORA')
    throw new UsageError(
      say`${adapter.method}: llama.cpp only loads LoRA adapters; merge the adapter if possible, and
        convert the model`,
      { code: 'unsupported' },
    );
  const { config } = model;
  const { architecture, undo, partOf } = ggufNames(config.modelType);
  const alpha = Number(content.config.lora_alpha ?? 8);
  const counts = { heads: config.numAttentionHeads, keyValueHeads: config.numKeyValueHeads };

  const tensors: GgufTensorToWrite[] = [];
  for (const { name, a, b, scale } of loraChanges(content as PeftContent, model)) {
    if (signal) await yieldToEvents();
    signal?.throwIfAborted();
    const named = partOf(name);
    if (!named)
      throw new UsageError(say`${name}: a ${architecture} of llama.cpp has no such layer to change`, {
        code: 'unsupported',
      });
    const target = `${named.name}.weight`;
    const [rank, inSize] = a.shape as [number, number];
    const rows = reordered(b.data, b.shape[0]!, undo?.(named.part, counts));
    const factor = scale / (alpha / rank);
    if (factor !== 1) for (let i = 0; i < rows.length; i++) rows[i]! *= factor;
    tensors.push(float32(`${target}.lora_a`, [rank, inSize], a.data, signal));
    tensors.push(float32(`${target}.lora_b`, [b.shape[0]!, rank], rows, signal));
  }
  const metadata = {
    'general.architecture': { type: 'string', value: architecture },
    'general.type': { type: 'string', value: 'adapter' },
    'adapter.type': { type: 'string', value: 'lora' },
    'adapter.lora.alpha': { type: 'float32', value: alpha },
  } as const;
  await writeFileAtomic(path, ggufChunks(metadata, tensors));
}

/** B's rows in the order of the converted weight's. Of a transposed weight, they are its rows already. */
function reordered(rows: Float32Array, count: number, undo: Undo | undefined): Float32Array {
  return undo?.kind === 'interleaved-heads' ? joinHalves(rows, count, undo.numHeads) : rows.slice();
}

const float32 = (
  name: string,
  shape: readonly number[],
  data: Float32Array,
  signal: AbortSignal | undefined,
): GgufTensorToWrite => ({
  name,
  type: 'F32',
  shape,
  byteLength: ggufByteLength('F32', shape),
  bytes() {
    signal?.throwIfAborted();
    return bytesOf(data);
  },
});
