/** @file Outputs of a model with an adapter for examples: generated texts, or the most likely of some labels. */

import type { Adapter } from '../attach/method.js';
import { PromptuneError, UsageError } from '../errors.js';
import { endTokensOf } from '../generation/end-tokens.js';
import { type GeneratedRow, generate } from '../generation/generate.js';
import { grammarsOf } from '../generation/grammar-row.js';
import { createModelDecoder } from '../generation/model-decoder.js';
import { type GenerationOptions, resolveGenerationOptions } from '../generation/options.js';
import type { EvaluatorSource } from '../loss/evaluator.js';
import { inOrder } from '../loss/in-order.js';
import type { LanguageModel } from '../models/model.js';
import { dataError } from '../records/data-error.js';
import type { Device } from '../runtime/index.js';
import { say } from '../say.js';
import { type EncodeOptions, encoderFor, withoutFirst } from '../text/encode.js';
import { encodePrompt } from '../text/prompt-text.js';
import { decodeOf } from '../text/text-stream.js';
import { type Tokenizer, withoutStart } from '../text/tokenizer.js';
import { createAlternativesEvaluator, lossesOfAlternatives } from './alternatives.js';
import { createClassifier } from './classifier.js';
import type { EvaluationExample } from './examples.js';
import { labelScores } from './label-scores.js';
import { withoutSoftTokens } from './loss.js';

export interface OutputOptions {
  model: LanguageModel;
  tokenizer: Tokenizer;
  adapter?: Adapter;
  /** Default 8. It only affects speed. */
  batchSize?: number;
  device?: Device;
  threads?: number;
  signal?: AbortSignal;
  /** Where losses are computed. Default: here. */
  createEvaluator?: EvaluatorSource;
  /** Where texts are generated. Default: here. */
  createBatchGenerator?: BatchGeneratorSource;
  onProgress?: (progress: { done: number; total: number }) => void;
}

/** Generates texts for batches of prompts elsewhere. */
export interface BatchGenerator extends AsyncDisposable {
  /** How many batches gain from being under way at once. */
  readonly atOnce: number;
  /** As `generate` does for its decoder; with special tokens left out of the texts, if that is asked for. */
  generate(
    prompts: readonly (readonly number[])[],
    options: GenerationOptions & { firstRow: number; skipSpecialTokens: boolean; signal?: AbortSignal },
  ): Promise<GeneratedRow[]>;
}

/** Creates the generator of an adapter, or of the model alone. */
export type BatchGeneratorSource = (adapter: Adapter | undefined) => Promise<BatchGenerator>;

export interface Output {
  readonly prediction: string;
  readonly probabilities?: Readonly<Record<string, number>>;
}

/** Generates a text per prompt. A prompt that leaves too little room for new tokens loses its beginning. */
export async function generateOutputs(
  examples: readonly EvaluationExample[],
  { chat, ...generation }: GenerationOptions & { chat?: boolean },
  options: OutputOptions,
): Promise<Output[]> {
  const { model, tokenizer, adapter, batchSize = 8, signal, onProgress } = options;
  const { vocabSize, maxPositions } = model.config;
  const { eosTokenId = endTokensOf(model, tokenizer)({ isLearned: adapter !== undefined, isTurn: !!chat }) } =
    generation;
  const request = { ...generation, eosTokenId };
  const { maxNewTokens } = resolveGenerationOptions(request);
  const softTokens = adapter?.placement ? Number.POSITIVE_INFINITY : vocabSize;
  const room = maxPositions - (adapter?.numVirtualTokens ?? 0);
  const longest = room - Math.min(maxNewTokens, Math.floor(room / 2));
  // An encoder's texts have special tokens around them, a decoder's start with a begin-of-text token, and a
  // conversation is complete as it is.
  const addSpecialTokens = model.encoder !== undefined;
  const encode = (text: string) => tokenizer.encode(text, { addSpecialTokens });
  const startIds = addSpecialTokens || chat ? [] : (tokenizer.startIds ?? []);
  const prompts = examples.map(({ prompt }) => {
    const whole = encodePrompt({ encode }, prompt, vocabSize).filter((id) => id < softTokens);
    const ids = withoutStart({ startIds }, whole);
    const excess = startIds.length + ids.length - longest;
    return [...startIds, ...withoutFirst(ids, excess, (id) => id >= vocabSize)];
  });
  const { createBatchGenerator = () => batchGenerator(options) } = options;
  const generator = await createBatchGenerator(adapter);
  try {
    const outputs: Output[] = [];
    const starts = Array.from({ length: Math.ceil(prompts.length / batchSize) }, (_, i) => i * batchSize);
    const generated = inOrder(starts, generator.atOnce, (firstRow) =>
      generator.generate(prompts.slice(firstRow, firstRow + batchSize), {
        ...request,
        firstRow,
        skipSpecialTokens: true, // as evaluation harnesses do
        signal,
      }),
    );
    for await (const rows of generated) {
      for (const { text } of rows) outputs.push({ prediction: text.trim() });
      onProgress?.({ done: outputs.length, total: prompts.length });
    }
    return outputs;
  } finally {
    await generator[Symbol.asyncDispose]();
  }
}

/** Generates here, one batch at a time. */
export async function batchGenerator(options: OutputOptions): Promise<BatchGenerator> {
  const decoder = await createModelDecoder(options);
  const { tokenizer } = options;
  return {
    atOnce: 1,
    generate: (prompts, { skipSpecialTokens, ...request }) =>
      generate(decoder, prompts, {
        ...request,
        decode: decodeOf(tokenizer, { skipSpecialTokens }),
        grammars: request.jsonSchema === undefined ? undefined : grammarsOf(tokenizer),
      }),
    [Symbol.asyncDispose]: () => decoder.dispose(),
  };
}

/**
 * Chooses for each prompt the most likely of `labels`: as completion, with the spaces and end of the data's own, or by
 * the words that stand for it. The probabilities are relative to the other labels.
 */
export async function rankLabels(
  examples: readonly EvaluationExample[],
  labels: readonly string[],
  encoding: Pick<EncodeOptions, 'maxLength' | 'appendEos'>,
  options: OutputOptions,
): Promise<Output[]> {
  const { model, tokenizer, adapter, batchSize = 8, signal, onProgress } = options;
  const { vocabSize } = model.config;
  const promptSpecialTokens = model.encoder !== undefined;
  const encode = encoderFor(tokenizer, { ...encoding, vocabSize, promptSpecialTokens });
  const completions = examples.map(({ origin, prompt, completion = '', alternatives }) => {
    const [, before, after] = /^(\s*).*?(\s*)$/s.exec(completion)!;
    const texts = alternatives?.flat() ?? labels.map((label) => before + label + after);
    return texts.map((text) => {
      const example = encode({ prompt, completion: text }, origin)!;
      return adapter?.placement ? example : withoutSoftTokens(example, vocabSize);
    });
  });
  const { createEvaluator } = options;
  const evaluator = await (createEvaluator?.(adapter) ??
    createAlternativesEvaluator(model, adapter, options));
  try {
    const bare = completions.findIndex(([one]) => one!.lossMask[0] === 1);
    if (bare >= 0 && !evaluator.countsFirst)
      throw dataError(
        examples[bare]!.origin,
        say`the prompt is empty, and there is no learned prompt to predict a label from`,
      );
    let done = 0;
    const onBatch = (texts: number) => {
      done += texts;
      onProgress?.({ done, total: examples.length });
    };
    const losses = await lossesOfAlternatives(evaluator, completions, { batchSize, signal, onBatch });
    return losses.map((own, row) => {
      const words = examples[row]!.alternatives?.map(({ length }) => length) ?? labels.map(() => 1);
      return likeliest(labels, own, words);
    });
  } finally {
    await evaluator.dispose();
  }
}

/** @param words how many of the losses each label has, in order */
function likeliest(labels: readonly string[], losses: readonly number[], words: readonly number[]): Output {
  let next = 0;
  const ofWords = words.map((count) => {
    next += count;
    return losses.slice(next - count, next).map((loss) => -loss);
  });
  const scores = labelScores(ofWords, 'mean');
  if (scores.some(Number.isNaN))
    throw new PromptuneError(
      say`the losses of the labels are ${losses.join(', ')}: look for NaN or very large values in
        the model's weights and in the adapter`,
    );
  return {
    prediction: labels[scores.indexOf(Math.max(...scores))]!,
    probabilities: Object.fromEntries(labels.map((label, i) => [label, Math.exp(scores[i]!)])),
  };
}

/** Labels the texts with an adapter's head. */
export async function classifyOutputs(
  examples: readonly EvaluationExample[],
  options: OutputOptions & { adapter: Adapter },
): Promise<Output[]> {
  const { batchSize = 8, signal, onProgress } = options;
  const taskType = options.adapter.head?.taskType;
  if (taskType !== 'sequence-classification')
    throw new UsageError(
      say`there are no such metrics for a ${taskType} head; eval without metrics reports loss and
        accuracy`,
      { code: 'unsupported' },
    );
  const { usage: _, ...adapter } = options.adapter; // the prompts are written already
  const classifier = createClassifier({ ...options, adapter });
  try {
    const outputs: Output[] = [];
    for (let at = 0; at < examples.length; at += batchSize) {
      signal?.throwIfAborted();
      const texts = examples.slice(at, at + batchSize).map(({ prompt }) => prompt);
      for (const { label, probabilities } of await classifier.classify(texts))
        outputs.push({ prediction: label, probabilities });
      onProgress?.({ done: outputs.length, total: examples.length });
    }
    return outputs;
  } finally {
    await classifier.dispose();
  }
}
