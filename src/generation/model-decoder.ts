/** @file A decoder that runs a model with an adapter, with the learned prompt's keys and values computed once. */

import { adaptModel } from '../attach/adapted-model.js';
import { joinTensors, type NamedAdapter } from '../attach/compose.js';
import { refuseHead } from '../attach/head.js';
import type { Adapter } from '../attach/method.js';
import { mixedModel, rowAdaptersName } from '../attach/mixed-rows.js';
import { feedsFor, textInputs } from '../attach/text-inputs.js';
import { PromptuneError, UsageError } from '../errors.js';
import { requireCausal, requireNoEncoder } from '../models/causal-only.js';
import type { LanguageModel } from '../models/model.js';
import {
  type Device,
  float32Output,
  type NamedTensors,
  promptLength,
  type RowPrompt,
  Session,
  type SessionOptions,
} from '../runtime/index.js';
import { int64Tensor } from '../tensor.js';
import { decodeGraph, promptGraph, scoreNames } from './decode-graph.js';
import type { Decoder, NextTokenScores } from './decoder.js';
import { EncodedTexts } from './encoded-texts.js';
import { bestTokens, rowLogits } from './row-scores.js';

export interface ModelDecoderOptions {
  model: LanguageModel;
  /** What every row uses. */
  adapter?: Adapter;
  /** Instead of one adapter several, by any names, of which each row uses one or none: see `withAdapters`. */
  adapters?: Readonly<Record<string, Adapter>>;
  device?: Device;
  threads?: number;
  /** See SessionOptions. */
  prepacking?: boolean;
}

export interface ModelDecoder extends Decoder {
  /**
   * The decoder for batches whose row r uses the adapter `names[r]` of `adapters`, or the model alone. Rows do not touch each
   * other: each gets what it would get alone.
   */
  withAdapters(names: readonly (string | undefined)[]): Decoder;
}

/**
 * Loads a model with an adapter for generation, or with several. Weights are mapped, not copied; of adapters a copy is taken as
 * they are now. Disposing of the decoder frees both.
 */
export async function createModelDecoder(options: ModelDecoderOptions): Promise<ModelDecoder> {
  const { model, adapter, adapters, device, threads, prepacking } = options;
  if (adapter && adapters) throw new UsageError('give one adapter for all rows or several by name, not both');
  requireCausal(model);
  for (const one of [adapter, ...Object.values(adapters ?? {})]) refuseHead(one);
  const { encoder } = model;
  if (encoder && adapters) requireNoEncoder(model, 'a batch whose rows have different adapters');
  const { vocabSize, maxPositions, numLayers, numKeyValueHeads, headDim } = model.config;
  const sessionOptions = { folder: model.files.folder, device, threads };
  const parts = Object.entries(adapters ?? {}).map(([name, own]) => ({ name, adapter: own }));
  const used = adapter ? [adapter] : parts.map((part) => part.adapter);
  const softTokens = adapter?.placement?.count ?? 0;
  const graph = decodeGraph(model, adapters ? mixedModel(model, parts) : adaptModel(model, adapter));
  // Of the adapters' tensors the graph takes those that change the model; a prompt's are in the cache.
  const tensors = adapters ? joinTensors(parts) : (adapter?.tensors ?? []);
  const adapterTensors = Object.fromEntries([...tensors].filter(([name]) => graph.inputs.has(name)));
  /** By the number that an adapter has in the graph; 0 is the model alone. */
  const learned = [
    used.length === 0 ? await learnedPrompt(model, undefined, sessionOptions) : nothingLearned,
  ];
  for (const own of used) learned.push(await learnedPrompt(model, own, sessionOptions));
  const maxLengths = [0, ...used.map(({ numVirtualTokens }) => numVirtualTokens)].map(
    (virtual) => maxPositions - virtual,
  );
  const session = await Session.create(graph.bytes, {
    ...sessionOptions,
    prepacking: prepacking || graph.usesBlockProducts,
    cache: { numLayers, numKeyValueHeads, headDim },
  });
  await session.hold(adapterTensors);
  /** Candidates of the batch at hand. */
  let candidates = vocabSize;
  /** The adapters of its rows, by their numbers. */
  let rowAdapters: readonly number[] = [];
  /** Positions of its rows that are in the cache. */
  let lengths: readonly number[] = [];
  const encoded = encoder && new EncodedTexts(numLayers);

  /** Runs rows of new tokens, right-padded, and appends their keys and values to the cache. */
  async function forward(rows: readonly (readonly number[])[]): Promise<NextTokenScores> {
    const length = Math.max(1, ...rows.map((row) => row.length));
    const at = rows.flatMap((row) => Array.from({ length }, (_, i) => row[i] ?? 0));
    // Padding repeats the last position: it is never seen, and the model has no position beyond its context.
    const positions = rows.flatMap((row, r) => {
      return Array.from({ length }, (_, i) => lengths[r]! + Math.max(0, Math.min(i, row.length - 1)));
    });
    const feeds = {
      input_ids: int64Tensor([rows.length, length], at),
      positions: int64Tensor([rows.length, length], positions),
      last_positions: int64Tensor(
        [rows.length, 1],
        rows.map((row) => Math.max(0, row.length - 1)),
      ),
      ...(graph.inputs.has(rowAdaptersName) && {
        [rowAdaptersName]: int64Tensor([rows.length], rowAdapters),
      }),
      candidates: int64Tensor([1], [candidates]),
    };
    const scores = candidates === vocabSize ? scoreNames.all : scoreNames.best;
    const counts = rows.map((row) => row.length);
    const outputs = await session.run(feeds, {}, scores, counts);
    lengths = lengths.map((length, row) => length + counts[row]!);
    return scoresOf(outputs, rows.length);
  }

  /** What stands before each text, by its adapter. */
  async function promptsBefore(
    texts: readonly (readonly number[])[],
    numbers: readonly number[],
  ): Promise<(RowPrompt | undefined)[]> {
    const before: (RowPrompt | undefined)[] = texts.map(() => undefined);
    for (const number of new Set(numbers)) {
      const rows = [...texts.keys()].filter((row) => numbers[row] === number);
      const { isShared, ...prompt } = learned[number]!;
      const tensors = await prompt.for(rows.map((row) => texts[row]!));
      if (!tensors) continue;
      for (const [i, row] of rows.entries()) before[row] = { tensors, row: isShared ? 0 : i };
    }
    return before;
  }

  /** A decoder whose batches have rows with these adapters. */
  const decoderFor = (numberOf: (row: number) => number): Omit<Decoder, 'maxLength'> => ({
    vocabSize,
    softTokens,
    ...(encoder && { startsWith: [encoder.startTokenId] }),
    async prefill(texts, { candidates: wanted }) {
      checkIds(texts, vocabSize + softTokens);
      candidates = wanted === 'all' ? vocabSize : Math.min(wanted, vocabSize);
      rowAdapters = texts.map((_, row) => numberOf(row));
      const empty = [...texts.keys()].filter((row) => texts[row]!.length === 0);
      if (encoder && empty.length > 0)
        throw new PromptuneError('an encoder has nothing to read in an empty text; give at least one token');
      const before = await promptsBefore(texts, rowAdapters);
      await session.startCache(before);
      lengths = before.map(promptLength);
      if (encoder) {
        encoded!.start(before[0]!.tensors);
        await session.hold(encoded!.tensors());
        return forward(texts.map(() => [encoder.startTokenId]));
      }
      if (empty.some((row) => !before[row]?.tensors.logits)) {
        throw new PromptuneError(
          'an empty text has no last token to go on from; give at least one token (such as the end-of-text token)',
        );
      }
      const scores = empty.length < texts.length ? await forward(texts) : undefined;
      if (empty.length === 0) return scores!;
      const first = new Map(empty.map((row) => [row, firstTokenScores(before[row]!, candidates)]));
      return withFirstTokens(scores, first, texts.length);
    },
    async step(tokens, parents) {
      checkIds([tokens], vocabSize);
      if (parents) {
        await session.selectCache(parents);
        if (encoded?.select(parents)) await session.hold(encoded.tensors());
        lengths = parents.map((parent) => lengths[parent]!);
        rowAdapters = parents.map((parent) => rowAdapters[parent]!);
      }
      return forward(tokens.map((token) => [token]));
    },
    async dispose() {
      await session.dispose();
      for (const prompt of learned) await prompt.dispose();
    },
  });

  const forAll = adapter ? 1 : 0;
  return {
    ...decoderFor(() => forAll),
    maxLength: maxLengths[forAll]!,
    withAdapters(names) {
      const numbers = names.map((name) => adapterNumber(name, parts));
      const lengths = numbers.map((number) => maxLengths[number]!);
      return {
        ...decoderFor((row) => numbers[row]!),
        maxLength: Math.min(maxPositions, ...lengths),
        maxLengths: lengths,
      };
    },
  };
}

function adapterNumber(name: string | undefined, adapters: readonly NamedAdapter[]): number {
  if (name === undefined) return 0;
  const index = adapters.findIndex((adapter) => adapter.name === name);
  if (index >= 0) return index + 1;
  const known = adapters.map((adapter) => adapter.name).join(', ') || 'none';
  throw new UsageError(`adapter "${name}" is unknown; known by name are ${known}`);
}

/** What a batch starts from (see `promptGraph`). */
interface LearnedPrompt {
  /** The same row for all texts, or one for each. */
  readonly isShared: boolean;
  for(texts: readonly (readonly number[])[]): Promise<NamedTensors | undefined>;
  dispose(): Promise<void>;
}

const nothingLearned: LearnedPrompt = { isShared: true, for: async () => undefined, dispose: async () => {} };

/** It is computed once, now; but what is made of each text is computed with each batch. */
async function learnedPrompt(
  model: LanguageModel,
  adapter: Adapter | undefined,
  options: SessionOptions,
): Promise<LearnedPrompt> {
  const graph = promptGraph(model, adapter);
  if (!graph) return nothingLearned;
  const session = await Session.create(graph.bytes, { ...options, folding: !graph.hasPackedWeights });
  const tensors = Object.fromEntries(
    [...(adapter?.tensors ?? [])].filter(([name]) => graph.inputs.has(name)),
  );
  if (adapter?.readsText || model.encoder) {
    await session.hold(tensors);
    const rowsOf = (texts: readonly (readonly number[])[]) => texts.map((ids) => ({ ids, encoderIds: ids }));
    return {
      isShared: false,
      for: (texts) => session.run(feedsFor(textInputs, graph.inputs, rowsOf(texts))),
      dispose: () => session.dispose(),
    };
  }
  try {
    const outputs = await session.run(tensors);
    return { isShared: true, for: async () => outputs, dispose: async () => {} };
  } finally {
    await session.dispose();
  }
}

/** The scores of a first token, which a learned prompt predicts. */
function firstTokenScores({ tensors, row }: RowPrompt, candidates: number): NextTokenScores {
  const all = scoresOf(tensors, tensors.log_sum_exp!.shape[0]!);
  const { values } = rowLogits(all, row);
  const one = {
    rows: 1,
    candidates: values.length,
    logits: values,
    logSumExp: all.logSumExp.slice(row, row + 1),
  };
  return bestScores(one, candidates);
}

function scoresOf(outputs: NamedTensors, rows: number): NextTokenScores {
  const logits = float32Output(outputs, outputs.best_ids ? 'best_logits' : 'logits');
  const ids = outputs.best_ids && Int32Array.from(outputs.best_ids.data as BigInt64Array, Number);
  return {
    rows,
    candidates: logits.length / rows,
    ids,
    logits,
    logSumExp: float32Output(outputs, 'log_sum_exp'),
  };
}

/** The best candidates of one row of scores of all tokens. */
function bestScores(all: NextTokenScores, candidates: number): NextTokenScores {
  if (candidates === all.candidates) return all;
  const { ids, values } = bestTokens({ values: all.logits }, candidates);
  return { ...all, candidates, ids, logits: values };
}

/** Scores of a batch in which some rows have no text yet: theirs are what the learned prompt predicts. */
function withFirstTokens(
  scores: NextTokenScores | undefined,
  first: ReadonlyMap<number, NextTokenScores>,
  rows: number,
): NextTokenScores {
  const { candidates: k, ids: someIds } = first.values().next().value!;
  const logits = new Float32Array(rows * k);
  const ids = someIds && new Int32Array(rows * k);
  const logSumExp = new Float32Array(rows);
  if (scores) {
    logits.set(scores.logits);
    logSumExp.set(scores.logSumExp);
    if (scores.ids) ids?.set(scores.ids);
  }
  for (const [row, own] of first) {
    logits.set(own.logits, row * k);
    logSumExp.set(own.logSumExp, row);
    if (own.ids) ids?.set(own.ids, row * k);
  }
  return { rows, candidates: k, ids, logits, logSumExp };
}

function checkIds(rows: readonly (readonly number[])[], vocabSize: number): void {
  for (const [row, ids] of rows.entries()) {
    const at = ids.findIndex((id) => !(Number.isInteger(id) && id >= 0 && id < vocabSize));
    if (at >= 0)
      throw new PromptuneError(
        `row ${row}, token ${at}: id ${ids[at]} is outside the model's vocabulary of ${vocabSize}`,
      );
  }
}
