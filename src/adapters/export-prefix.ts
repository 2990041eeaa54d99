/** @file A soft prompt as a prefix: its keys and values in every layer, which are all that a text sees of it. */

import { adaptModel } from '../attach/adapted-model.js';
import { refuseHead } from '../attach/head.js';
import type { Adapter } from '../attach/method.js';
import { UsageError } from '../errors.js';
import type { PeftContent } from '../formats/adapter-content.js';
import { writeAdapter } from '../formats/adapter-folder.js';
import { compute } from '../methods/parts/compute.js';
import { packKeyValues } from '../methods/parts/key-values.js';
import { prefixContent } from '../methods/prefix-tuning.js';
import { requireDecoderOnly } from '../models/causal-only.js';
import type { LanguageModel } from '../models/model.js';
import { say } from '../say.js';

/**
 * Runs an adapter's virtual tokens through the frozen model, and writes their keys and values as PEFT's PREFIX_TUNING,
 * which gives the same scores for every text. A prefix does not include the prediction for an empty text.
 *
 * @param folder where to write it. Default: not written
 * @throws UsageError if its effect is not the same keys and values for every text; the signal's reason once
 *   aborted
 */
export async function exportAsPrefix(
  adapter: Adapter,
  model: LanguageModel,
  folder?: string,
  { signal }: { signal?: AbortSignal } = {},
): Promise<PeftContent> {
  refuseHead(adapter);
  requireDecoderOnly(model, say`the export of a prompt as a prefix`);
  const { method, numVirtualTokens, tasks, readsText, tensors } = adapter;
  if (tasks)
    throw new UsageError(say`${method}: each task is a prefix of its own; choose one (tasks.adapterFor)`);
  if (readsText)
    throw new UsageError(
      say`${method} makes a prompt from each text, but a prefix is the same for all texts`,
      { code: 'unsupported' },
    );
  if (numVirtualTokens === 0)
    throw new UsageError(say`${method} has no virtual tokens to make a prefix from`, { code: 'unsupported' });
  const keyValues = await compute(
    tensors,
    (values) => {
      const { linear, subLayers, parameters } = adapter.attach(values);
      if ([linear, subLayers, parameters].some((changes) => changes && changes.size > 0))
        throw new UsageError(
          say`${method} also changes the model's layers, which a prefix cannot; export the part that
            is a prompt`,
          { code: 'unsupported' },
        );
      return packKeyValues(adaptModel(model, adapter).past!, model);
    },
    model,
    signal,
  );
  signal?.throwIfAborted();
  const prefix = prefixContent(model, keyValues);
  if (folder !== undefined) await writeAdapter(folder, prefix, signal);
  return prefix;
}
