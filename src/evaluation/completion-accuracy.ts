/** @file Labels that are the completions of encoded examples: how often the likeliest one is the example's own. */

import type { Adapter } from '../attach/method.js';
import type { Dataset } from '../text/dataset.js';
import { type EncodedExample, noLabel, withoutFirst } from '../text/encode.js';
import {
  type AlternativesOptions,
  createAlternativesEvaluator,
  lossesOfAlternatives,
} from './alternatives.js';
import { type EvaluateLossOptions, withoutSoftTokens } from './loss.js';
import { majorityOf } from './majority.js';

export interface CompletionAccuracyOptions extends Omit<EvaluateLossOptions, 'createEvaluator' | 'adapter'> {
  /** An adapter without a head. */
  adapter: Adapter;
  /** The target tokens of each label (see `distinctCompletions`). */
  completions: readonly Int32Array[];
  /** Tokens that fit. Prompts before longer labels than their own lose their beginning. Default: no limit. */
  maxLength?: number;
  /** Tokens that prompts keep at their beginning. Default: none. */
  startIds?: readonly number[];
}

export interface CompletionAccuracy {
  readonly examples: number;
  /** The fraction of examples whose own completion is the likeliest. */
  readonly accuracy: number;
  /** The same of the model alone. Missing if an example has no token that it could predict the label from. */
  readonly untuned?: number;
  /** The share of the most frequent completion, which always choosing that one has as its accuracy. */
  readonly majority: number;
}

/** Compares the completions by their likelihood, as `rankLabels` does, for the adapter and for the model alone. */
export async function completionAccuracy(options: CompletionAccuracyOptions): Promise<CompletionAccuracy> {
  const { model, adapter, dataset, onProgress } = options;
  let done = 0;
  const onBatch = (texts: number) => {
    done += texts;
    onProgress?.({ done, total: 2 * dataset.length });
  };
  const own = await correctShare({ ...options, onBatch }, adapter);
  const plain = {
    ...dataset,
    get: async (index: number) => withoutSoftTokens(await dataset.get(index), model.config.vocabSize),
  };
  const untuned = await correctShare({ ...options, onBatch, dataset: plain }, undefined);
  const majority = majorityOf(own!.right.map(String))!.share;
  return {
    examples: dataset.length,
    accuracy: own!.share,
    ...(untuned && { untuned: untuned.share }),
    majority,
  };
}

/** Rows whose alternatives are in memory at once. */
const rowsAtOnce = 256;

/** The share of examples whose own completion is the likeliest, and which each one's is. Undefined without a prompt. */
async function correctShare(
  {
    dataset,
    completions,
    batchSize = 8,
    signal,
    onBatch,
    ...options
  }: CompletionAccuracyOptions & Pick<AlternativesOptions, 'onBatch'>,
  adapter: Adapter | undefined,
): Promise<{ share: number; right: number[] } | undefined> {
  const evaluator = await createAlternativesEvaluator(options.model, adapter, options);
  try {
    let correct = 0;
    const right: number[] = [];
    for (let at = 0; at < dataset.length; at += rowsAtOnce) {
      const length = Math.min(rowsAtOnce, dataset.length - at);
      const examples = await Promise.all(Array.from({ length }, (_, i) => dataset.get(at + i)));
      if (!evaluator.countsFirst && examples.some(({ lossMask }) => lossMask[0] === 1)) return undefined;
      const alternatives = examples.map((example) =>
        completions.map((completion) => withCompletion(example, completion, options)),
      );
      const texts = Math.ceil(batchSize / completions.length); // about as many rows as a batch has elsewhere
      const losses = await lossesOfAlternatives(evaluator, alternatives, {
        batchSize: texts,
        signal,
        onBatch,
      });
      for (const [i, example] of examples.entries()) {
        const key = keyOf(targetsOf(example));
        const index = completions.findIndex((completion) => keyOf(completion) === key);
        right.push(index);
        if (losses[i]!.indexOf(Math.min(...losses[i]!)) === index) correct++;
      }
    }
    return { share: correct / dataset.length, right };
  } finally {
    await evaluator.dispose();
  }
}

/**
 * The target tokens of the examples, each once, in the order in which they occur.
 * @returns undefined if there are more than `most`, or, of masks, if they are not equally many
 */
export async function distinctCompletions(
  datasets: readonly Dataset[],
  most: number,
): Promise<Int32Array[] | undefined> {
  const found = new Map<string, Int32Array>();
  for (const dataset of datasets)
    for (let index = 0; index < dataset.length; index++) {
      const targets = targetsOf(await dataset.get(index));
      found.set(keyOf(targets), targets);
      if (found.size > most) return undefined;
    }
  return [...found.values()];
}

const keyOf = (targets: Int32Array) => targets.join(' ');

/** The tokens to predict: in masks, those that stand for them. */
const targetsOf = ({ inputIds, lossMask, labels }: EncodedExample): Int32Array =>
  (labels ?? inputIds).filter((_, i) => lossMask[i] === 1);

/** The example with another completion in place of its own. */
function withCompletion(
  example: EncodedExample,
  completion: Int32Array,
  {
    model,
    maxLength = Number.POSITIVE_INFINITY,
    startIds = [],
  }: Pick<CompletionAccuracyOptions, 'model' | 'maxLength' | 'startIds'>,
): EncodedExample {
  const { inputIds, lossMask, labels } = example;
  if (labels) {
    let next = 0;
    return { ...example, labels: labels.map((label) => (label === noLabel ? label : completion[next++]!)) };
  }
  const before = [...inputIds.filter((_, i) => lossMask[i] === 0)];
  const excess = before.length + completion.length - maxLength;
  const isKept = (id: number) => id >= model.config.vocabSize || startIds.includes(id);
  const prompt = excess > 0 ? withoutFirst(before, excess, isKept) : before;
  return {
    ...example,
    inputIds: Int32Array.from([...prompt, ...completion]),
    lossMask: new Uint8Array(prompt.length + completion.length).fill(1, prompt.length),
  };
}
