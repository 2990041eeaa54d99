/** @file A whole search for a text prompt: data, a method's proposals, and their comparison on held-out data. */

import { optionError, UsageError } from '../errors.js';
import type { RunInputs } from '../loss/dataset-options.js';
import type { EvaluatorSource } from '../loss/evaluator.js';
import { requireDecoderOnly } from '../models/causal-only.js';
import { embedTokens } from '../models/embed-tokens.js';
import { seededRandom } from '../random.js';
import { checkDevice } from '../runtime/index.js';
import { say } from '../say.js';
import type { Dataset } from '../text/dataset.js';
import type { EncodedExample } from '../text/encode.js';
import { createChatEndpoint, shownAddress } from './chat-endpoint.js';
import {
  type GcgConfig,
  type OproConfig,
  type PezConfig,
  type ResolvedSearchConfig,
  resolveSearchConfig,
  type SearchConfig,
} from './config.js';
import { endlessBatches, openSearchData } from './data.js';
import { gcgStep, type TokenPrompt } from './gcg.js';
import { type Example, opro } from './opro.js';
import { createPez } from './pez.js';
import { createPromptStep, type PromptLossesSource } from './prompt-step.js';
import { beginnings, behindIds, drawText, survivesAsText, textTokens } from './prompt-texts.js';
import { createTextScorer, type TextScorer } from './text-score.js';
import { createTokenRanker } from './token-ranking.js';

/** A text and the frozen model's loss on the held-out data with it. */
export interface ScoredText {
  /** Goes directly before an example's text; '' for no prompt. */
  readonly text: string;
  readonly tokenIds: readonly number[];
  /** Mean of -log p over the label tokens of the held-out data. */
  readonly loss: number;
  readonly perplexity: number;
}

/** Events of a search. */
export type SearchEvent =
  | SearchStart
  /** `loss`: on the examples of the step, if it used any. */
  | { type: 'step'; step: number; totalSteps: number; loss?: number; text: string }
  /** A text was compared on the held-out data; `best` is the lowest loss so far. */
  | { type: 'validation'; step: number; text: string; loss: number; best: number }
  | { type: 'warning'; message: string };

export interface SearchStart {
  type: 'start';
  model: string;
  method: string;
  examples: number;
  validationExamples: number;
  totalSteps: number;
  /** The layout of records, if it was recognized by the names of their fields. */
  recognized?: string;
  /** What of the records is read past, for people. */
  notes?: readonly string[];
  start: ScoredText;
  noPrompt: ScoredText;
}

export interface SearchPromptResult extends ScoredText {
  /** The step that found it; 0 if nothing was better than the start. */
  readonly step: number;
  /** The start of the search; with opro and no `initText`, no prompt. */
  readonly start: ScoredText;
  readonly noPrompt: ScoredText;
  /** Whether its loss is lower than that of the start, and than without a prompt. */
  readonly betterThanStart: boolean;
  readonly betterThanNoPrompt: boolean;
  /** Number of label tokens that the losses are means over. */
  readonly labelTokens: number;
  /** Every text that was compared on the held-out data, in order. */
  readonly history: readonly { step: number; text: string; loss: number; searchLoss?: number }[];
  /** Whether the signal stopped the search early; the result is the best so far. */
  readonly stopped: boolean;
  /** All settings, defaults included, except the key and what follows `?` in an address. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export type SearchPromptOptions = RunInputs &
  SearchConfig & {
    onEvent?: (event: SearchEvent) => void;
    /** Where the losses of texts on the held-out data are computed. Default: here. */
    createEvaluator?: EvaluatorSource;
    /** Where the losses of candidates are computed. Default: here. */
    createPromptLosses?: PromptLossesSource;
  };

/**
 * Searches for a text that, put before every example, makes the frozen model predict the completions best. `gcg` and
 * `pez` follow gradients through the model; with `opro` another language model proposes texts. Equal options give equal
 * texts (with opro, if the service gives equal answers).
 *
 * An aborted signal ends the search with the best text so far, or with the signal's reason before the first comparison.
 * @throws UsageError for invalid options, FileError for invalid files, PromptuneError if a service fails
 */
export async function searchPrompt(options: SearchPromptOptions): Promise<SearchPromptResult> {
  const { model, tokenizer, signal, onDataProgress, onEvent = () => {}, ...others } = options;
  const { createEvaluator, createPromptLosses, ...rest } = others;
  const config = resolveSearchConfig(rest);
  const inputs = { model, tokenizer, signal, onDataProgress };
  requireDecoderOnly(model, say`the search for a text prompt`);
  checkDevice(config.device);
  const ask = config.method === 'opro' ? endpointOf(config, signal) : undefined;
  const initIds = config.initText === undefined ? [] : tokenizer.encode(config.initText);
  const numTokens = promptLength(config, initIds.length);
  const data = await openSearchData(config, inputs, numTokens);
  const cleanups: (() => Promise<void>)[] = [data.dispose];
  const search: Search = { ...inputs, data, initIds, numTokens, cleanups, createPromptLosses, onEvent };
  try {
    const scorer = await createTextScorer({
      ...inputs,
      ...config,
      validation: data.validation,
      createEvaluator,
    });
    cleanups.push(scorer.dispose);
    const scored = async (text: string): Promise<ScoredText> => {
      const { loss, perplexity } = await scorer.score(text);
      return { text, tokenIds: tokenizer.encode(text), loss, perplexity };
    };
    const { labelTokens } = await scorer.score('');
    const noPrompt = await scored('');
    const { start: startText, proposals } =
      config.method === 'opro' ? byEndpoint(search, config, ask!, scorer) : await byGradients(search, config);
    const start = await scored(startText);
    onEvent({
      type: 'start',
      model: model.name,
      method: config.method,
      examples: data.train.length,
      validationExamples: data.validation.length,
      totalSteps: config.steps,
      ...(data.recognized !== undefined && { recognized: data.recognized }),
      ...(data.notes.length > 0 && { notes: data.notes }),
      start,
      noPrompt,
    });

    let best = { ...start, step: 0 };
    let stopped = false;
    const history: { step: number; text: string; loss: number; searchLoss?: number }[] = [
      { step: 0, text: start.text, loss: start.loss },
    ];
    try {
      for await (const { step, text, loss: searchLoss } of proposals) {
        signal?.throwIfAborted();
        onEvent({ type: 'step', step, totalSteps: config.steps, loss: searchLoss, text });
        const isDue = config.method === 'opro' || step % config.evalEvery === 0 || step === config.steps;
        if (!isDue || text === history.at(-1)!.text || !fits(text, search)) continue;
        const found = await scored(text);
        history.push({ step, text, loss: found.loss, searchLoss });
        if (found.loss < best.loss) best = { ...found, step };
        onEvent({ type: 'validation', step, text, loss: found.loss, best: best.loss });
      }
    } catch (error) {
      if (!signal?.aborted) throw error;
      stopped = true;
    }
    return {
      ...best,
      start,
      noPrompt,
      betterThanStart: best.loss < start.loss,
      betterThanNoPrompt: best.loss < noPrompt.loss,
      labelTokens,
      history,
      stopped,
      settings: { model: model.name, ...notedSettings(config) },
    };
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup();
  }
}

/** The state that the methods work on. */
interface Search extends RunInputs {
  data: { readonly train: Dataset };
  /** The tokens of `initText`. */
  initIds: readonly number[];
  /** Length of the prompt, or its maximum. */
  numTokens: number;
  /** Releases resources at the end. */
  cleanups: (() => Promise<void>)[];
  createPromptLosses: PromptLossesSource | undefined;
  onEvent: (event: SearchEvent) => void;
}

interface Proposals {
  /** The text that the search starts from. */
  start: string;
  proposals: AsyncIterable<{ step: number; text: string; loss?: number }>;
}

/** Proposals of gcg or pez. */
async function byGradients(search: Search, config: GcgConfig | PezConfig): Promise<Proposals> {
  const { model, tokenizer, data, initIds, numTokens, cleanups, signal } = search;
  const { batchSize, seed } = config;
  const random = seededRandom(seed);
  const allowed = textTokens(tokenizer, model.config.vocabSize, config.characters);
  const followers = beginnings(await firstExamples(data.train), tokenizer);
  const survives = (ids: readonly number[], isWhole = true) =>
    survivesAsText(ids, tokenizer, isWhole ? followers : []);
  const ids = drawText({ start: initIds, count: numTokens, allowed, random }, survives);
  const vectors = await embedTokens(model, ids);
  const { startIds } = tokenizer;
  const own = await createPromptStep(model, { ...config, numTokens, startIds });
  cleanups.push(own.dispose);
  const step = { ...own, ...(await search.createPromptLosses?.({ numTokens, startIds })) };
  const batches = endlessBatches(data.train, { batchSize, seed });
  const nextBatch = async (prompt: readonly number[]): Promise<EncodedExample[]> =>
    (await batches.next()).value.map((example) => behindIds(prompt, example, tokenizer));

  async function* byGcg({ steps, topK, numCandidates }: GcgConfig) {
    const ranker = await createTokenRanker({ model, allowed, by: 'product', count: topK, ...config });
    cleanups.push(ranker.dispose);
    const options = { step, ranker, survives, numCandidates, random, signal };
    let prompt: TokenPrompt = { ids, vectors: vectors.data };
    for (let n = 1; n <= steps; n++) {
      const found = await gcgStep(prompt, await nextBatch(prompt.ids), options);
      prompt = found;
      yield { step: n, text: tokenizer.decode(found.ids), loss: found.loss };
    }
  }

  async function* byPez({ steps, learningRate, weightDecay }: PezConfig) {
    for (const id of ids) allowed[id] = 1; // the start is its own projection
    const ranker = await createTokenRanker({ model, allowed, by: 'cosine', count: 1, ...config });
    cleanups.push(ranker.dispose);
    const pez = createPez(vectors, { step, ranker, learningRate, weightDecay });
    for (let n = 1; n <= steps; n++) {
      const projection = await pez.project();
      const loss = await pez.update(projection, await nextBatch(projection.ids));
      yield { step: n, text: tokenizer.decode(projection.ids), loss };
    }
  }

  return {
    start:
      config.initText !== undefined && ids.length === initIds.length
        ? config.initText
        : tokenizer.decode(ids),
    proposals: config.method === 'gcg' ? byGcg(config) : byPez(config),
  };
}

/** Proposals of opro: texts of another language model. */
function byEndpoint(
  search: Search,
  { initText = '', seed, numExamples, steps, numCandidates }: OproConfig,
  ask: (message: string) => Promise<string>,
  scorer: TextScorer,
): Proposals {
  const { tokenizer, data, onEvent } = search;
  const batches = endlessBatches(data.train, { batchSize: numExamples, seed });
  async function* propose() {
    const { loss } = await scorer.score(initText);
    yield* opro(
      { text: initText, loss },
      {
        ask,
        score: (text) => scorer.score(text),
        drawExamples: async () => (await batches.next()).value.map((example) => asTexts(example, tokenizer)),
        fits: (text) => fits(text, search),
        steps,
        numCandidates,
        onWarning: (message) => onEvent({ type: 'warning', message }),
      },
    );
  }
  return { start: initText, proposals: propose() };
}

function endpointOf(config: OproConfig, signal: AbortSignal | undefined) {
  const { endpoint: url, endpointModel, apiKey, temperature, timeoutSeconds } = config;
  return createChatEndpoint({ url, model: endpointModel, apiKey, temperature, timeoutSeconds, signal });
}

/** Positions reserved for the prompt. */
function promptLength(config: ResolvedSearchConfig, initLength: number): number {
  const { numTokens = initLength || 10, initText } = config;
  if (initText !== undefined && initLength === 0)
    throw optionError('initText', say`the text ${JSON.stringify(initText)} has no tokens to start from`);
  if (initLength > numTokens)
    throw new UsageError(
      say`numTokens is ${numTokens}, but initText has ${initLength} tokens; raise it, or leave it
        out`,
    );
  return numTokens;
}

/** Re-encoding a text may give different, and more, tokens than those it was found by. */
function fits(text: string, { tokenizer, numTokens }: Search): boolean {
  const { length } = tokenizer.encode(text);
  return length > 0 && length <= numTokens;
}

function asTexts({ inputIds, lossMask }: EncodedExample, tokenizer: Search['tokenizer']): Example {
  const end = Math.max(0, lossMask.indexOf(1));
  const decode = (ids: Int32Array) => tokenizer.decode(ids, { skipSpecialTokens: true });
  return { input: decode(inputIds.subarray(0, end)), output: decode(inputIds.subarray(end)) };
}

/** Enough examples to know how they begin. */
function firstExamples(dataset: Dataset): Promise<EncodedExample[]> {
  return Promise.all(Array.from({ length: Math.min(200, dataset.length) }, (_, i) => dataset.get(i)));
}

/** The settings as JSON, without the key and the query of an address; data in memory is only mentioned. */
function notedSettings(config: ResolvedSearchConfig): Record<string, unknown> {
  const { apiKey: _, data, validation, ...rest } = { apiKey: undefined, ...config };
  const noted = (value: unknown) =>
    [value].flat().every((part) => typeof part !== 'object') ? value : 'rows in memory';
  const address = 'endpoint' in rest && { endpoint: shownAddress(rest.endpoint) };
  return { data: noted(data), validation: noted(validation), ...rest, ...address };
}
