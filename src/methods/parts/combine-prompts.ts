/** @file How soft prompts and prefixes become one: averaged, or one after the other. */
import type { Combined, Combining } from '../../attach/method.js';
import { tensorError } from '../../attach/peft-tensors.js';
import type { PeftContent } from '../../formats/adapter-content.js';
import { float32Tensor } from '../../tensor.js';
import { checkSameNames, shapeError, weightedSum } from './combine-tensors.js';
import { promptName } from './prompt-vectors.js';

/** Vectors before the text. Those of P-tuning, once trained, are vectors as any others. */
export const softPrompts = promptCombining({
  peft_type: 'PROMPT_TUNING',
  prompt_tuning_init: 'RANDOM',
  prompt_tuning_init_text: null,
});

/** Keys and values before the text. */
export const prefixes = promptCombining({ prefix_projection: false });

/** @param config of the result: it was not learned with an encoder, and did not start from a text */
function promptCombining(config: Combined['config']): Combining {
  return {
    average: (files, weights) => ({ tensors: weightedSum(files, weights), config }),
    concatenate: (files) => concatenate(files, config),
  };
}

function concatenate(files: readonly PeftContent[], config: Combined['config']): Combined {
  const parts = files.map((file) => {
    checkSameNames(files[0]!, file);
    const vectors = file.tensors.get(promptName);
    if (vectors?.shape.length !== 2) throw tensorError(file, promptName, [undefined, undefined], vectors);
    return vectors;
  });
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
