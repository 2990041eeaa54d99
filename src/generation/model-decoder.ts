/** @file A decoder that runs a model with an adapter, with the learned prompt's keys and values computed once. */
import { PromptuneError, UsageError } from '../errors.js';
import { givenMask } from '../methods/given-text.js';
import type { Adapter } from '../methods/method.js';
import type { CausalLM } from '../models/model.js';
import {
  type Device,
  float32Output,
  type NamedTensors,
  Session,
  type SessionOptions,
} from '../runtime/index.js';
import { int64Tensor } from '../tensor.js';
import { cacheNames, decodeGraph, promptGraph, scoreNames } from './decode-graph.js';
import type { Decoder, NextTokenScores } from './decoder.js';
import { KeyValueCache } from './key-value-cache.js';
import { bestTokens, rowLogits } from './row-scores.js';

export interface ModelDecoderOptions {
  model: CausalLM;
  adapter?: Adapter;
  device?: Device;
  threads?: number;
  /** See SessionOptions. */
  prepacking?: boolean;
}

/**
 * Loads a model with an adapter for generation. Weights are mapped, not copied; disposing of the decoder frees the rest.
 */
export async function createModelDecoder(options: ModelDecoderOptions): Promise<Decoder> {
  const { model, adapter, device, threads, prepacking } = options;
  refuseLabellers(model, adapter);
  const { vocabSize, maxPositions, numLayers } = model.config;
  const sessionOptions = { folder: model.files.folder, device, threads };
  const numVirtualTokens = adapter?.numVirtualTokens ?? 0;
  const learned = await learnedPrompt(model, adapter, sessionOptions);
  const graph = decodeGraph(model, adapter);
  const session = await Session.create(graph.bytes, { ...sessionOptions, prepacking });
  const newKeyValueNames = Array.from({ length: numLayers }, (_, layer) => cacheNames(layer)).flatMap(
    ({ newKey, newValue }) => [newKey, newValue],
  );
  /** Candidates of the batch at hand. */
  let candidates = vocabSize;
  // Of the adapter's tensors the graph takes those that change the model; a prompt's are in the cache.
  const adapterFeeds = Object.fromEntries(
    [...(adapter?.tensors ?? [])].filter(([name]) => graph.inputs.has(name)),
  );
  const cache = new KeyValueCache(model.config);

  /** Runs rows of new tokens, right-padded, and appends their keys and values to the cache. */
  async function forward(rows: readonly (readonly number[])[]): Promise<NextTokenScores> {
    const length = Math.max(1, ...rows.map((row) => row.length));
    const at = rows.flatMap((row) => Array.from({ length }, (_, i) => row[i] ?? 0));
    // Padding repeats the last position: it is never seen, and the model has no position beyond its context.
    const positions = rows.flatMap((row, r) => {
      return Array.from({ length }, (_, i) => cache.lengths[r]! + Math.max(0, Math.min(i, row.length - 1)));
    });
    const feeds = {
      input_ids: int64Tensor([rows.length, length], at),
      positions: int64Tensor([rows.length, length], positions),
      last_positions: int64Tensor(
        [rows.length, 1],
        rows.map((row) => Math.max(0, row.length - 1)),
      ),
      cache_mask: cache.mask(),
      candidates: int64Tensor([1], [candidates]),
    };
    const scores = candidates === vocabSize ? scoreNames.all : scoreNames.best;
    const wanted = [...scores, ...newKeyValueNames];
    const outputs = await session.run(feeds, { ...cache.tensors(), ...adapterFeeds }, wanted);
    cache.append(
      outputs,
      rows.map((row) => row.length),
    );
    return scoresOf(outputs, rows.length);
  }

  return {
    vocabSize,
    maxLength: maxPositions - numVirtualTokens,
    async prefill(prompts, options) {
      checkIds(prompts, vocabSize);
      candidates = options.candidates === 'all' ? vocabSize : Math.min(options.candidates, vocabSize);
      const prompt = await learned.for(prompts);
      cache.start(prompts.length, prompt);
      const empty = prompts.flatMap((ids, row) => (ids.length === 0 ? [row] : []));
      if (empty.length > 0 && !prompt?.logits) {
        throw new PromptuneError(
          'an empty text has no last token to go on from; give at least one token (such as the end-of-text token)',
        );
      }
      const scores = empty.length < prompts.length ? await forward(prompts) : undefined;
      return empty.length > 0
        ? withFirstTokens(scores, promptScores(prompt!, candidates), prompts.length, empty)
        : scores!;
    },
    async step(tokens, parents) {
      checkIds([tokens], vocabSize);
      if (parents) cache.select(parents);
      return forward(tokens.map((token) => [token]));
    },
    async dispose() {
      await session.dispose();
      await learned.dispose();
    },
  };
}

/** Throws a UsageError for what writes no text. */
function refuseLabellers(model: CausalLM, adapter: Adapter | undefined): void {
  if (adapter?.head)
    throw new UsageError(
      `the adapter was learned to label texts (${adapter.head.task}) and not to write them; use it with classify`,
    );
  if (model.bidirectional)
    throw new UsageError(
      `${model.name} is a ${model.config.modelType} model: each token sees those after it, so it cannot write a text ` +
        'from left to right; use it with a head (train --task-type, classify)',
    );
}

/** A learned prompt's keys, values and first scores, for a batch to start from. */
interface LearnedPrompt {
  for(prompts: readonly (readonly number[])[]): Promise<NamedTensors | undefined>;
  dispose(): Promise<void>;
}

/** They are computed once, now; but a prompt that is made of each text is computed with each batch. */
async function learnedPrompt(
  model: CausalLM,
  adapter: Adapter | undefined,
  options: SessionOptions,
): Promise<LearnedPrompt> {
  const graph = adapter && promptGraph(model, adapter);
  if (!graph) return { for: async () => undefined, dispose: async () => {} };
  const session = await Session.create(graph.bytes, options);
  const tensors = Object.fromEntries(adapter.tensors);
  if (adapter.readsText) {
    return {
      for(prompts) {
        const length = Math.max(1, ...prompts.map((ids) => ids.length));
        const padded = prompts.flatMap((ids) => Array.from({ length }, (_, i) => ids[i] ?? 0));
        const counts = prompts.map((ids) => ids.length);
        const feeds = {
          input_ids: int64Tensor([prompts.length, length], padded),
          given_mask: givenMask(counts, length),
        };
        return session.run({ ...feeds, ...tensors });
      },
      dispose: () => session.dispose(),
    };
  }
  try {
    const outputs = await session.run(tensors);
    return { for: async () => outputs, dispose: async () => {} };
  } finally {
    await session.dispose();
  }
}

/** The scores of first tokens that a learned prompt predicts, one row for all texts or one each. */
function promptScores(prompt: NamedTensors, candidates: number): NextTokenScores[] {
  const rows = prompt.log_sum_exp!.shape[0]!;
  const all = scoresOf(prompt, rows);
  return Array.from({ length: rows }, (_, row) => {
    const { values } = rowLogits(all, row);
    const one = {
      rows: 1,
      candidates: values.length,
      logits: values,
      logSumExp: all.logSumExp.slice(row, row + 1),
    };
    return bestScores(one, candidates);
  });
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

/** Scores of a batch in which the rows `empty` have no text yet: theirs are what the learned prompt predicts. */
function withFirstTokens(
  scores: NextTokenScores | undefined,
  first: readonly NextTokenScores[],
  rows: number,
  empty: readonly number[],
): NextTokenScores {
  const k = first[0]!.candidates;
  const logits = new Float32Array(rows * k);
  const ids = first[0]!.ids && new Int32Array(rows * k);
  const logSumExp = new Float32Array(rows);
  if (scores) {
    logits.set(scores.logits);
    logSumExp.set(scores.logSumExp);
    if (scores.ids) ids?.set(scores.ids);
  }
  for (const row of empty) {
    const scoresOfRow = first.length === 1 ? first[0]! : first[row]!;
    logits.set(scoresOfRow.logits, row * k);
    logSumExp.set(scoresOfRow.logSumExp, row);
    if (scoresOfRow.ids) ids?.set(scoresOfRow.ids, row * k);
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
