/** @file How soft prompts and prefixes become one: averaged, or one after the other. */
import type { Combined, Combining } from '../../attach/method.js';
import type { PeftContent } from '../../formats/adapter-content.js';
import { float32Tensor } from '../../tensor.js';
import { shapeError, weightedSum } from './combine-tensors.js';
import { promptName, promptOf } from './prompt-vectors.js';

/** Vectors before the text. Those of P-tuning, once trained, are vectors as any others. */
export const softPrompts = promptCombining({
  peft_type: 'PROMPT_TUNING',
  prompt_tuning_init: 'RANDOM',
  prompt_tuning_init_text: null,
  num_transformer_submodules: 1,
});

/** Keys and values before the text. */
export const prefixes = promptCombining({ prefix_projection: false });

/** @param config of the result: it was not learned with an encoder, and did not start from a text */
function promptCombining(config: Combined['config']): Combining {
  return {
    average: (files, weights) => ({ tensors: weightedSum(files.map(vectorsAlone), weights), config }),
    concatenate: (files) => concatenate(files.map(vectorsAlone), config),
  };
}

/** Without vectors for a decoder behind an encoder, which PEFT never uses. Throws as `storedVectors`. */
const vectorsAlone = (files: PeftContent): PeftContent => ({
  ...files,
  tensors: new Map([[promptName, promptOf(files)]]),
});

function concatenate(files: readonly PeftContent[], config: Combined['config']): Combined {
  const parts = files.map(({ tensors }) => tensors.get(promptName)!);
  const width = parts[0]!.shape[1]!;
  const other = parts.findIndex(({ shape }) => shape[1] !== width);
  if (other >= 0) throw shapeError(files[0]!, files[other]!, promptName);
  const count = parts.reduce((sum, { shape }) => sum + shape[0]!, 0);
  const joined = float32Tensor([count, width]);
  let at = 0;
  for (const { data } of parts) {
    joined.data.set(data, at);
    at += data.length;
  }
  return { tensors: new Map([[promptName, joined]]), config: { ...config, num_virtual_tokens: count } };
}
