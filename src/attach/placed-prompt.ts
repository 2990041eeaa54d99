/**
 * @file Soft tokens anywhere in the input, as in P-tuning (Liu et al. 2021, arXiv:2103.10385): a soft prompt's vectors
 *   go where a template has `{soft:5}` instead of before the text.
 */
import { UsageError } from '../errors.js';
import { gather, lessOrEqual, reshape, scalar, subtract, type Value, where } from '../graph/index.js';
import type { LanguageModel } from '../models/model.js';
import type { Weights } from '../models/weights.js';
import { say } from '../say.js';
import type { Adapter, Learner } from './method.js';
import { tensorInputs } from './tensor-inputs.js';

/**
 * The adapter with its soft prompt at the template's places.
 * @param count number of soft tokens in the template
 * @throws UsageError if the adapter has no soft prompt, has one per text or task, or has one of another length
 */
export function placePrompt<A extends Adapter>(adapter: A, template: string, count: number): A {
  const { method, numVirtualTokens } = adapter;
  const isShared = !adapter.tasks && !adapter.readsText;
  const { prompt, promptLabels } = isShared ? adapter.attach(tensorInputs(adapter.tensors)) : {};
  if (!prompt || promptLabels)
    throw new UsageError(say`${method} has no soft tokens for a template; remove {soft:…} from it`, {
      code: 'unsupported',
    });
  if (numVirtualTokens !== count)
    throw new UsageError(
      say`the template has ${count} soft tokens, but numVirtualTokens is ${numVirtualTokens}; leave
        it out or make them equal`,
    );
  return {
    ...adapter,
    placement: { template, count },
    numVirtualTokens: 0,
    attach: (values) => {
      const { prompt, ...others } = adapter.attach(values);
      return { ...others, softTokens: prompt };
    },
  };
}

/** Embeddings [n, hidden] of ids [n]. Ids from the vocabulary's size on are soft tokens. */
export function embedWithSoftTokens(
  model: LanguageModel,
  weights: Weights,
  ids: Value,
  softTokens: Value,
): Value {
  const { vocabSize } = model.config;
  const none = scalar(0, 'int64');
  const isText = lessOrEqual(ids, scalar(vocabSize - 1, 'int64'));
  const text = model.embed(weights, where(isText, ids, none));
  const soft = gather(softTokens, where(isText, none, subtract(ids, scalar(vocabSize, 'int64'))));
  return where(reshape(isText, [...ids.shape, 1]), text, soft);
}

/** A learner whose soft prompt goes into a template, which is saved in its files. */
export function placeLearner(learner: Learner, template: string, count: number): Learner {
  return {
    ...placePrompt(learner, template, count),
    content: async () => {
      const content = await learner.content();
      if (content.form !== 'peft' && content.form !== 'parts')
        throw new Error(`expected a soft prompt in PEFT's format, found ${content.form}`);
      return { ...content, template };
    },
  };
}
