/** @file A head that starts from words: before training, a label's score is the mean of the scores of its words. */

import type { Head } from '../../attach/head.js';
import { constant, gather, type Value } from '../../graph/index.js';
import type { LanguageModel } from '../../models/model.js';
import { int64Tensor, type Tensor } from '../../tensor.js';
import { computeAll } from './compute.js';

/**
 * Sets each label's vector (and bias, if the head has one) to the mean of its words' in the model's output embeddings.
 * @param head a head of one layer, applied where the model's vocabulary head would be
 * @param wordIds the tokens of each label's words, in the order of labels
 */
export async function startFromWords(
  head: Head,
  model: LanguageModel,
  wordIds: readonly (readonly number[])[],
): Promise<void> {
  const [layer] = head.design.layers;
  const ids = constant(int64Tensor([wordIds.flat().length], wordIds.flat()));
  const { weight, bias } = model.head(model.weights());
  const rows = new Map<string, Value>([[`${layer}.weight`, gather(weight, ids)]]);
  if (bias && head.design.bias) rows.set(`${layer}.bias`, gather(bias, ids));
  for (const [name, ofWords] of await computeAll(new Map(), () => rows, model))
    head.tensors.get(name)!.data.set(meansOf(ofWords, wordIds));
}

/** The mean row of each group, concatenated. */
function meansOf({ data }: Tensor<'float32'>, groups: readonly (readonly unknown[])[]): number[] {
  const width = data.length / groups.flat().length;
  let next = 0;
  return groups.flatMap((group) => {
    const from = next;
    next += group.length;
    return Array.from({ length: width }, (_, column) => {
      const ofGroup = group.map((_, i) => data[(from + i) * width + column]!);
      return ofGroup.reduce((sum, value) => sum + value, 0) / group.length;
    });
  });
}
