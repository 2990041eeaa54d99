/** @file A decoder for a model with one or several adapters. Keys and values of learned prompts are computed once. */
import { joinTensors, type NamedAdapter } from '../attach/compose.js';
import { withDerived } from '../attach/derived.js';
import { refuseHead } from '../attach/head.js';
import type { Adapter } from '../attach/method.js';
import { mixedModel, rowAdaptersName } from '../attach/mixed-rows.js';
import { requireOneTask } from '../attach/one-task.js';
import { PromptuneError, UsageError } from '../errors.js';
import type { OnnxGraph } from '../graph/index.js';
import { requireCausal, requireNoEncoder } from '../models/causal-only.js';
import type { LanguageModel } from '../models/model.js';
import { expectedName } from '../nearest-name.js';
import { type Device, Session } from '../runtime/index.js';
import type { RowPrompt } from '../runtime/row-cache.js';
import { say } from '../say.js';
import { int64Tensor } from '../tensor.js';
import { crossTensors } from './cross-tensors.js';
import { decodeGraph, scoreNames, stepModel } from './decode-graph.js';
import type { Candidates, Decoder, NewRow, NextTokenScores } from './decoder.js';
import { type LearnedPrompt, learnedPrompt, nothingLearned } from './learned-prompt.js';
import { prefillPieces } from './prefill-pieces.js';
import { type GuessCost, guessCostOf } from './prompt-lookup.js';
import { cacheSettings } from './step-cache.js';
import { firstTokenScores, inOneBatch, noScores, type ScoredRow, scoresOf } from './step-scores.js';

export interface ModelDecoderOptions {
  model: LanguageModel;
  /** The adapter of all rows. */
  adapter?: Adapter;
  /** Several adapters by name instead of one. Each row uses one or none. */
  adapters?: Readonly<Record<string, Adapter>>;
  device?: Device;
  threads?: number;
  /** See SessionOptions. */
  prepacking?: boolean;
}

/**
 * Loads a model for generation with an adapter, or with several. Weights are memory-mapped; adapters are copied, so
 * later changes to them have no effect. Disposing of the decoder frees both.
 */
export async function createModelDecoder(options: ModelDecoderOptions): Promise<Decoder> {
  const { model, adapters, device, threads, prepacking } = options;
  if (options.adapter && adapters)
    throw new UsageError(say`use either \`adapter\` for all rows or \`adapters\` by name, not both`);
  requireCausal(model);
  requireOneTask(options.adapter);
  for (const one of [options.adapter, ...Object.values(adapters ?? {})]) refuseHead(one);
  if (model.encoder && adapters) requireNoEncoder(model, say`a batch whose rows have different adapters`);
  const adapter = await withDerived(options.adapter);
  const parts: NamedAdapter[] = [];
  for (const [name, own] of Object.entries(adapters ?? {}))
    parts.push({ name, adapter: await withDerived(own) });
  const graph = decodeGraph(model, adapters ? mixedModel(model, parts) : stepModel(model, adapter), device);
  // The graph takes the adapters' tensors that change the model; those of prompts are in the cache.
  const tensors = adapters ? joinTensors(parts) : (adapter?.tensors ?? []);
  const sessionOptions = { weights: model.files, device, threads };
  const prompts: LearnedPrompt[] = [];
  let session: Session | undefined;
  try {
    // By an adapter's index in the graph; 0 is the model alone.
    prompts.push(adapters ? nothingLearned : await learnedPrompt(model, adapter, sessionOptions));
    for (const part of parts) prompts.push(await learnedPrompt(model, part.adapter, sessionOptions));
    session = await Session.create(graph.bytes, {
      ...sessionOptions,
      prepacking: prepacking || graph.usesBlockProducts,
      cache: cacheSettings(model.config, device),
    });
    await session.hold(Object.fromEntries([...tensors].filter(([name]) => graph.inputs.has(name))));
    return new ModelDecoder({ model, adapter, parts, graph, session, prompts });
  } catch (error) {
    for (const loaded of [...prompts, session]) await loaded?.dispose();
    throw error;
  }
}

interface Loaded {
  readonly model: LanguageModel;
  /** The adapter of all rows, or else `parts`, of which each row uses one or none. */
  readonly adapter?: Adapter;
  readonly parts: readonly NamedAdapter[];
  readonly graph: OnnxGraph;
  readonly session: Session;
  /** What rows start with: `prompts[i + 1]` for rows of part i, `prompts[0]` for rows without one. */
  readonly prompts: readonly LearnedPrompt[];
}

/** A row being generated. Its length is kept by the session's cache. */
interface Row {
  /** 1 + the index of its adapter among the parts; 0 for none. */
  readonly adapter: number;
  /** The encoder's output for its text. */
  readonly encoderOutput?: RowPrompt;
}

/** A run of consecutive rows of the batch. */
interface Run {
  readonly rows: readonly Row[];
  /** The place of the first of them. Default: they are the last ones. */
  readonly firstRow?: number;
  /** New tokens of each, at least one. */
  readonly tokens: readonly (readonly number[])[];
  /** 0 where no scores are wanted. */
  readonly candidates: Candidates;
  /** The tokens of each row whose scores are returned, as many in each. Default: the last one. */
  readonly places?: readonly (readonly number[])[];
}

class ModelDecoder implements Decoder {
  readonly vocabSize: number;
  readonly softTokens: number;
  readonly guessCost: GuessCost;
  readonly startsWith?: readonly number[];
  readonly #loaded: Loaded;
  #rows: readonly Row[] = [];
  /** The rows whose encoder outputs the session holds. */
  #shown: readonly Row[] = [];

  constructor(loaded: Loaded) {
    const { model, adapter } = loaded;
    this.#loaded = loaded;
    this.guessCost = guessCostOf(model);
    this.vocabSize = model.config.vocabSize;
    this.softTokens = adapter?.placement?.count ?? 0;
    if (model.encoder) this.startsWith = [model.encoder.startTokenId];
  }

  get lost(): PromptuneError | undefined {
    return this.#loaded.session.lost;
  }

  maxLength(name?: string): number {
    const { model, adapter, parts } = this.#loaded;
    const used = name === undefined ? adapter : parts[this.#numberOf(name) - 1]!.adapter;
    return model.config.maxPositions - (used?.numVirtualTokens ?? 0);
  }

  async admit(rows: readonly NewRow[], candidates: Candidates): Promise<NextTokenScores> {
    const texts = rows.map(({ ids }) => ids);
    checkIds(texts, this.vocabSize + this.softTokens);
    const empty = [...texts.keys()].filter((row) => texts[row]!.length === 0);
    if (this.startsWith && empty.length > 0)
      throw new PromptuneError(say`the text of the encoder is empty; expected at least one token`, {
        code: 'invalid-data',
      });
    const adapters = rows.map(({ adapter }) => this.#numberOf(adapter));
    const before = await this.#promptsBefore(texts, adapters);
    if (empty.some((row) => !before[row]?.tensors.logits)) {
      throw new PromptuneError(
        say`the prompt is empty; expected at least one token (such as the end-of-text token)`,
        { code: 'invalid-data' },
      );
    }
    const joining = adapters.map(
      (adapter, i): Row => (this.startsWith ? { adapter, encoderOutput: before[i] } : { adapter }),
    );
    const others = [...this.#rows.keys()];
    await this.#loaded.session.admitToCache(before);
    this.#rows = [...this.#rows, ...joining];
    try {
      const read = this.startsWith ? texts.map(() => this.startsWith!) : texts;
      const scored = await this.#read(joining, read, candidates);
      const count = this.#countOf(candidates);
      return inOneBatch(
        scored.map((row, i) => row ?? { scores: firstTokenScores(before[i]!, count), place: 0 }),
      );
    } catch (error) {
      await this.reorder(others).catch(() => {}); // a lost session has reported its error already
      throw error;
    }
  }

  async reorder(parents: readonly number[]): Promise<void> {
    if (parents.length === this.#rows.length && parents.every((parent, row) => parent === row)) return;
    await this.#loaded.session.reorderCache(parents);
    this.#rows = parents.map((parent) => this.#rows[parent]!);
  }

  async step(tokens: readonly number[], candidates: Candidates): Promise<NextTokenScores> {
    if (tokens.length !== this.#rows.length)
      throw new PromptuneError(say`expected ${this.#rows.length} tokens, one per row, got ${tokens.length}`);
    checkIds([tokens], this.vocabSize);
    return this.#run({ rows: this.#rows, tokens: tokens.map((token) => [token]), candidates });
  }

  async stepSeveral(
    tokens: readonly (readonly number[])[],
    candidates: Candidates,
  ): Promise<NextTokenScores> {
    if (tokens.length !== this.#rows.length || tokens.some(({ length }) => length === 0))
      throw new PromptuneError(say`expected tokens for each of ${this.#rows.length} rows`);
    checkIds(tokens, this.vocabSize);
    const width = Math.max(...tokens.map(({ length }) => length));
    const places = tokens.map(({ length }) =>
      Array.from({ length: width }, (_, i) => Math.min(i, length - 1)),
    );
    return this.#run({ rows: this.#rows, tokens, candidates, places });
  }

  async takeBack(counts: readonly number[]): Promise<void> {
    if (counts.some((count) => count > 0)) await this.#loaded.session.shortenCache(counts);
  }

  async dispose(): Promise<void> {
    await this.#loaded.session.dispose();
    for (const prompt of this.#loaded.prompts) await prompt.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  #numberOf(name: string | undefined): number {
    if (name === undefined) return 0;
    const { parts } = this.#loaded;
    const index = parts.findIndex((part) => part.name === name);
    if (index >= 0) return index + 1;
    const known = parts.map((part) => part.name);
    throw new UsageError(say`adapter "${name}" is unknown; ${expectedName(name, known)}`, {
      code: 'unknown-name',
    });
  }

  #countOf(candidates: Candidates): number {
    return candidates === 'all' ? this.vocabSize : Math.min(candidates, this.vocabSize);
  }

  /** What precedes each text, by its adapter. */
  async #promptsBefore(
    texts: readonly (readonly number[])[],
    adapters: readonly number[],
  ): Promise<(RowPrompt | undefined)[]> {
    const before: (RowPrompt | undefined)[] = texts.map(() => undefined);
    for (const adapter of new Set(adapters)) {
      const rows = [...texts.keys()].filter((row) => adapters[row] === adapter);
      const prompts = await this.#loaded.prompts[adapter]!.for(rows.map((row) => texts[row]!));
      for (const [i, row] of rows.entries()) before[row] = prompts[i];
    }
    return before;
  }

  /** Reads the texts of the batch's last rows. Returns the scores after each, but for texts without tokens. */
  async #read(
    rows: readonly Row[],
    texts: readonly (readonly number[])[],
    candidates: Candidates,
  ): Promise<(ScoredRow | undefined)[]> {
    const { dependsOnLength } = this.#loaded.model.config;
    const start = this.#rows.length - rows.length;
    const scored: (ScoredRow | undefined)[] = rows.map(() => undefined);
    const lengths = texts.map(({ length }) => length);
    for (const { first, done, counts } of prefillPieces(lengths, { isWhole: dependsOnLength })) {
      const tokens = counts.map((count, i) => texts[first + i]!.slice(done, done + count));
      const over = [...counts.keys()].filter((i) => done + counts[i]! === lengths[first + i]);
      const scores = await this.#run({
        rows: rows.slice(first, first + counts.length),
        firstRow: start + first,
        tokens,
        candidates: over.length > 0 ? candidates : 0,
      });
      for (const place of over) scored[first + place] = { scores, place };
    }
    return scored;
  }

  /** Runs rows with their new tokens, right-padded, and adds keys and values to the cache. */
  async #run({ rows, firstRow, tokens, candidates, places }: Run): Promise<NextTokenScores> {
    const { graph, session } = this.#loaded;
    await this.#show(rows);
    const counts = tokens.map((ids) => ids.length);
    const length = Math.max(...counts);
    const batch = rows.length;
    const wanted = places ?? counts.map((count) => [count - 1]);
    const ids = tokens.flatMap((own) => Array.from({ length }, (_, i) => own[i] ?? 0));
    const adapters = rows.map(({ adapter }) => adapter);
    const count = this.#countOf(candidates);
    const feeds = {
      input_ids: int64Tensor([batch, length], ids),
      last_positions: int64Tensor([batch, wanted[0]!.length], wanted.flat()),
      ...(graph.inputs.has(rowAdaptersName) && { [rowAdaptersName]: int64Tensor([batch], adapters) }),
      candidates: int64Tensor([1], [count]),
    };
    const names = count === 0 ? [] : count === this.vocabSize ? scoreNames.all : scoreNames.best;
    const outputs = await session.run(feeds, {}, names, counts, firstRow);
    return count === 0 ? noScores : scoresOf(outputs, wanted.flat().length);
  }

  /** Passes the encoder's outputs to the session to hold. Beams of the same texts change nothing. */
  async #show(rows: readonly Row[]): Promise<void> {
    const isSame = ({ encoderOutput }: Row, i: number) => {
      const shown = this.#shown[i]?.encoderOutput;
      return encoderOutput?.tensors === shown?.tensors && encoderOutput?.row === shown?.row;
    };
    if (!this.startsWith || (rows.length === this.#shown.length && rows.every(isSame))) return;
    const { session, model } = this.#loaded;
    await session.hold(
      crossTensors(
        rows.map(({ encoderOutput }) => encoderOutput!),
        model.config.numLayers,
      ),
    );
    this.#shown = rows;
  }
}

function checkIds(rows: readonly (readonly number[])[], vocabSize: number): void {
  for (const [row, ids] of rows.entries()) {
    const at = ids.findIndex((id) => !(Number.isInteger(id) && id >= 0 && id < vocabSize));
    if (at >= 0)
      throw new PromptuneError(
        say`row ${row}, token ${at}: id ${ids[at]} is outside the model's vocabulary of ${vocabSize}`,
        { code: 'incompatible' },
      );
  }
}
