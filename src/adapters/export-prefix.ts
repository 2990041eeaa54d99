/** @file A soft prompt as a prefix: what it leaves behind in every layer is all that a text sees of it. */

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

/**
 * Runs an adapter's virtual tokens through the frozen model, and writes their keys and values as PEFT's
 * PREFIX_TUNING: the same scores for every text, which goes on at position P in either form. What a soft prompt
 * predicts for an empty text is not in a prefix.
 *
 * @param folder where it is written. Default: it is returned alone
 * @throws UsageError if its effect is not the same keys and values for every text
 */
export async function exportAsPrefix(
  adapter: Adapter,
  model: LanguageModel,
  folder?: string,
): Promise<PeftContent> {
  refuseHead(adapter);
  requireDecoderOnly(model, 'the export of a prompt as a prefix');
  const { method, numVirtualTokens, tasks, readsText, tensors } = adapter;
  if (tasks)
    throw new UsageError(`${method}: each task is a prefix of its own; choose one (tasks.adapterFor)`);
  if (readsText)
    throw new UsageError(`${method} makes a prompt of each text, and a prefix is the same for all texts`);
  if (numVirtualTokens === 0)
    throw new UsageError(`${method} has no virtual tokens, whose keys and values could be a prefix`);
  const keyValues = await compute(
    tensors,
    (values) => {
      const { linear, subLayers, parameters } = adapter.attach(values);
      if ([linear, subLayers, parameters].some((changes) => changes && changes.size > 0))
        throw new UsageError(
          `${method} changes the model's layers as well, which a prefix cannot hold; export the part that is a prompt`,
          { code: 'unsupported' },
        );
      return packKeyValues(adaptModel(model, adapter).past!, model);
    },
    model,
  );
  const prefix = prefixContent(model, keyValues);
  if (folder !== undefined) await writeAdapter(folder, prefix);
  return prefix;
}
