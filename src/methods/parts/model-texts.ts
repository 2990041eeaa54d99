/** @file Texts that a model generates without a prompt, as a stand-in for its inputs when there is no data. */

import { adaptModel, textHidden } from '../../attach/adapted-model.js';
import { inputIds, paddedIds } from '../../attach/text-inputs.js';
import { input, iota, toOnnx } from '../../graph/index.js';
import { requireDecoderOnly } from '../../models/causal-only.js';
import { logitsOf } from '../../models/head.js';
import type { LanguageModel } from '../../models/model.js';
import type { Random } from '../../random.js';
import { float32Output, Session } from '../../runtime/index.js';
import { say } from '../../say.js';
import { int64Tensor } from '../../tensor.js';
import { sampleIds } from './starting-prompt.js';

/**
/**
 * `count` texts of `length` tokens: the first token is drawn uniformly from the vocabulary, the others from the model's
 * probabilities.
 */
export async function modelTexts(
  model: LanguageModel,
  { count, length }: { count: number; length: number },
  random: Random,
): Promise<number[][]> {
  requireDecoderOnly(model, say`a method that lets the model generate texts`);
  const texts = sampleIds(model, count, random).map((id) => [id]);
  const session = await Session.create(nextTokenGraph(model), { weights: model.files });
  try {
    for (let at = 1; at < length; at++) {
      const logits = float32Output(
        await session.run({
          [inputIds.name]: paddedIds(texts),
          last: int64Tensor([count, 1], new Array<number>(count).fill(at - 1)),
        }),
        'logits',
      );
      const { vocabSize } = model.config;
      for (const [row, text] of texts.entries())
        text.push(drawn(logits.subarray(row * vocabSize, (row + 1) * vocabSize), random));
    }
    return texts;
  } finally {
    await session.dispose();
  }
}

function nextTokenGraph(model: LanguageModel): Uint8Array {
  const ids = inputIds.value;
  const adapted = adaptModel(model, undefined, ids);
  const outputs = { queryPositions: input('last', 'int64', ['batch', 1]), rows: iota('batch') };
  const hidden = textHidden(model, adapted, ids, { outputs });
  return toOnnx({ logits: logitsOf(hidden, model.head(adapted.weights)) }).bytes;
}

/** An index with probability softmax(logits). */
function drawn(logits: Float32Array, random: Random): number {
  const largest = logits.reduce((a, b) => Math.max(a, b));
  const weights = logits.map((logit) => Math.exp(logit - largest));
  const sum = weights.reduce((a, b) => a + b);
  let left = (random.below(2 ** 30) / 2 ** 30) * sum;
  const index = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  return index < 0 ? logits.length - 1 : index;
}
