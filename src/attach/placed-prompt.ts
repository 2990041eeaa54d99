/**
 * @file Soft tokens anywhere in the input, as P-tuning has them (Liu et al. 2021, arXiv:2103.10385): the vectors of any
 * method that learns a soft prompt stand where a template has `{soft:5}`, and not before the text.
 */
import { UsageError } from '../errors.js';
import { gather, lessOrEqual, reshape, scalar, subtract, type Value, where } from '../graph/index.js';
import type { LanguageModel } from '../models/model.js';
import type { Weights } from '../models/weights.js';
import type { Adapter, Learner } from './method.js';
import { tensorInputs } from './tensor-inputs.js';

/**
 * The adapter with its soft prompt in the places of the template.
 * @param count soft tokens of the template
 * @throws UsageError where the adapter has no soft prompt that is the same for all texts, or one of another length
 */
export function placePrompt<A extends Adapter>(adapter: A, template: string, count: number): A {
  const { method, numVirtualTokens } = adapter;
  const isShared = !adapter.tasks && !adapter.readsText;
  const { prompt, promptLabels } = isShared ? adapter.attach(tensorInputs(adapter.tensors)) : {};
  if (!prompt || promptLabels)
    throw new UsageError(`${method} has no soft tokens to stand in a template; take {soft:…} out of it`);
  if (numVirtualTokens !== count)
    throw new UsageError(
      `the template has ${count} soft tokens, but numVirtualTokens is ${numVirtualTokens}; leave it out, or make them equal`,
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

/** Vectors [n, hidden] of ids [n], of which those from the vocabulary's size on are soft tokens. */
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

/** A learner whose soft prompt stands in a template, which its files then have as well. */
export function placeLearner(learner: Learner, template: string, count: number): Learner {
  return {
    ...placePrompt(learner, template, count),
    content: async () => {
      const content = await learner.content();
      if (content.form !== 'peft' && content.form !== 'parts')
        throw new Error(`no soft prompt is saved in the form ${content.form}`);
      return { ...content, template };
    },
  };
}
