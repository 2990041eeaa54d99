/**
 * @file The engine of a server: requests, each with its own adapter, join one running batch and leave it when they end.
 *   It knows nothing about HTTP.
 */
import type { Adapter } from '../../attach/method.js';
import { PromptuneError, UsageError } from '../../errors.js';
import { type Classifier, createClassifier } from '../../evaluation/classifier.js';
import { weightsDigest } from '../../formats/digest.js';
import type { Candidates, NextTokenScores } from '../../generation/decoder.js';
import { endTokensOf } from '../../generation/end-tokens.js';
import { grammarFor, grammarsOf } from '../../generation/grammar-row.js';
import { resolveGenerationOptions } from '../../generation/options.js';
import { areUsed, guessCostOf } from '../../generation/prompt-lookup.js';
import { isConversation, promptEncoder, rowOptionsOf } from '../../generation/prompts.js';
import { requireDecoderOnly } from '../../models/causal-only.js';
import type { LanguageModel } from '../../models/model.js';
import { recordOf } from '../../records/data.js';
import type { Device } from '../../runtime/index.js';
import { say } from '../../say.js';
import { adapterOf } from '../../selection/candidates.js';
import { promptOf } from '../../selection/selective-generator.js';
import type { Choice, Selector } from '../../selection/selector.js';
import { decodeOf } from '../../text/text-stream.js';
import type { Tokenizer } from '../../text/tokenizer.js';
import { ByContent } from './by-content.js';
import { ClassifierSessions } from './classifier-sessions.js';
import { type LoadedAdapter, loadForRows, versionOf } from './loaded-adapter.js';
import { type Served, type ServedModel, servedClassifier, servedModel, servedSelector } from './models.js';
import { nextPrefill, PrefillBudget } from './prefill.js';
import {
  type ClassificationRequest,
  type Classifications,
  ContextLengthError,
  type EngineRequest,
  type Generation,
  OverloadedError,
} from './requests.js';
import { Row } from './row.js';
import { RowDecoder } from './row-decoder.js';
import { SharedPrompt } from './shared-prompt.js';
import { WaitingLine } from './waiting-line.js';

export interface EngineOptions {
  model: LanguageModel;
  tokenizer: Tokenizer;
  /** The id of the model without adapters. Default: the model's name. */
  id?: string;
  /** Learned prompts and other adapters by id. More can be loaded later. */
  adapters?: Readonly<Record<string, Adapter>>;
  /** Called for each of `adapters` that cannot be served, which is then left out. Default: the error is thrown. */
  onRefused?: (id: string, error: PromptuneError) => void;
  /** Maximum number of requests that run at once. Default 16. */
  maxRows?: number;
  /** While this many continuations wait for a row, requests are refused. Default 256. */
  maxWaiting?: number;
  /**
   * Maximum number of positions in the cache of keys and values, over all rows, padded to the longest. A request waits
   * until its maximum is free. Default: enough for `maxRows` requests of the model's maximum length.
   */
  maxCacheTokens?: number;
  /**
   * Maximum number of adapters with changes of layers (LoRA, IA3, bottlenecks) that can run at once. Others wait, and
   * replace the least recently used. Learned prompts do not count. Default 8.
   */
  maxLoras?: number;
  /** Highest rank of LoRA that can be loaded, summed over the parts of a composition. Default 64. */
  maxLoraRank?: number;
  /** Maximum bytes of keys and values of learned prompts that are kept for reuse. Default 256 MiB. */
  promptCacheBytes?: number;
  /**
   * Maximum number of adapters with heads whose sessions are open. Others wait, and replace the least recently used.
   * Default 4.
   */
  maxClassifiers?: number;
  /**
   * Maximum number of prompt tokens that are prefilled between two decoding steps. Default: as many as take about as
   * long as a step, or a little less.
   */
  prefillTokens?: number;
  /**
   * Guesses up to this many tokens per step from a row's text so far, for requests whose options name no number. Steps
   * have guesses only while all running rows have a number. Default: none.
   */
  promptLookupNumTokens?: number;
  device?: Device;
  threads?: number;
  /** As for createTextGenerator. Default false. */
  prepacking?: boolean;
}

/** Counts since the engine was created, and its current load. */
export interface EngineStats {
  readonly running: number;
  readonly waiting: number;
  readonly promptTokens: number;
  readonly newTokens: number;
  /** Requests that ran to their end. */
  readonly finished: number;
  /** Requests that their clients canceled. */
  readonly cancelled: number;
  readonly failed: number;
  readonly rejected: number;
  /** Learned prompts whose keys and values are kept for reuse. */
  readonly keptPrompts: number;
  readonly keptPromptBytes: number;
  /** Share of the cache's positions that the running requests may come to take, padded to the longest; from 0 to 1. */
  readonly cacheUse: number;
  /** Ids of adapters with running requests, and with waiting ones. */
  readonly runningAdapters: readonly string[];
  readonly waitingAdapters: readonly string[];
  readonly maxLoras: number;
  /** Adapters with heads whose sessions are open. */
  readonly openClassifiers: number;
}

export interface Engine {
  readonly tokenizer: Tokenizer;
  /** The base model comes first. */
  readonly models: ReadonlyMap<string, ServedModel>;
  /**
   * Submits a request. Its tokens are generated whether or not they are read; a reader who stops early cancels it.
   * @throws UsageError for an invalid request, such as ContextLengthError; OverloadedError if too many are waiting
   */
  submit(request: EngineRequest): Promise<Generation>;
  /**
   * Several continuations of each request, which are accepted together. Those of one request are by the same version of
   * the model, and its prompt is computed once. Its continuation i draws from the stream of `seedRow` + i.
   * Throws as `submit`, and then none is accepted.
   * @returns the continuations of the first request, then those of the next
   */
  submitAll(requests: readonly EngineRequest[], count: number): Promise<Generation[]>;
  /**
   * Throws what any request would get now. Whoever calls it before reading a request spends nothing on one that is
   * refused.
   * @throws OverloadedError if too many are waiting, or the engine is about to end
   */
  requireRoom(): void;
  /**
   * Labels texts with an adapter that has a head for texts.
   * @throws UsageError for a model without one, or texts that cannot be read; OverloadedError if there are too many
   */
  classify(request: ClassificationRequest): Promise<Classifications>;
  /**
   * Serves an adapter under an id from now on. Requests that already named the id continue with its former adapter.
   * @throws UsageError with the reason, for one that cannot be served; nothing has changed then
   */
  load(id: string, adapter: Adapter): Promise<ServedModel>;
  /**
   * Serves a selector under an id: each text is continued with the prompt that it chooses. The caller still owns the
   * selector, and must not dispose of it before it is unloaded.
   * @throws UsageError with the reason, for a candidate that cannot be served; nothing has changed then
   */
  loadSelector(id: string, selector: Selector): Promise<ServedModel>;
  /** Removes an id; its running and waiting requests continue. Resolves to false if the id is unknown. */
  unload(id: string): Promise<boolean>;
  stats(): EngineStats;
  /** Accepts no more requests, and resolves when all accepted ones have ended. */
  drain(): Promise<void>;
  /** Cancels all requests with an error, and frees the model. */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** @throws UsageError with the reason, for a model or adapter that cannot be served */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  requireDecoderOnly(options.model, 'serving');
  const engine = new BatchEngine(options);
  try {
    await engine.start();
    return engine;
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}

class BatchEngine implements Engine {
  readonly tokenizer: Tokenizer;
  readonly models = new Map<string, ServedModel>();
  readonly #options: EngineOptions;
  readonly #maxRows: number;
  readonly #maxWaiting: number;
  readonly #maxCacheTokens: number;
  readonly #encode: ReturnType<typeof promptEncoder>;
  readonly #endsOf: ReturnType<typeof endTokensOf>;
  readonly #baseId: string;
  readonly #models = new Map<string, Served>();
  /** Versions that new requests cannot name, but rows may still use. */
  readonly #retired = new Set<Served>();
  readonly #adapters = new ByContent<LoadedAdapter>();
  readonly #classifiers = new ByContent<Classifier>();
  readonly #classifierSessions: ClassifierSessions;
  readonly #waiting = new WaitingLine<Row>();
  /** In the order of the decoder's rows. */
  #rows: readonly Row[] = [];
  /** Undefined after its sessions were lost: the next request creates new ones. */
  #decoder: RowDecoder | undefined;
  /** Tasks to run between two steps. */
  #tasks: (() => Promise<void>)[] = [];
  /** Resolves when no request is running or waiting. */
  #loop: Promise<void> | undefined;
  #isDraining = false;
  #isTurnOfShortest = false;
  readonly #budget: PrefillBudget;
  readonly #counts = { promptTokens: 0, newTokens: 0, finished: 0, cancelled: 0, failed: 0, rejected: 0 };

  constructor(options: EngineOptions) {
    const { model, tokenizer, id = model.name } = options;
    this.tokenizer = tokenizer;
    this.#options = options;
    this.#budget = new PrefillBudget(options.prefillTokens);
    this.#maxRows = options.maxRows ?? 16;
    this.#maxWaiting = options.maxWaiting ?? 256;
    this.#maxCacheTokens = options.maxCacheTokens ?? this.#maxRows * model.config.maxPositions;
    this.#classifierSessions = new ClassifierSessions(options.maxClassifiers ?? 4);
    this.#encode = promptEncoder(tokenizer, model);
    this.#endsOf = endTokensOf(model, tokenizer);
    this.#baseId = id;
  }

  #publish(served: Served): void {
    this.#models.set(served.info.id, served);
    this.models.set(served.info.id, served.info);
  }

  async start(): Promise<void> {
    const { adapters = {}, onRefused, model } = this.#options;
    this.#publish(servedModel(model, { id: this.#baseId, version: await weightsDigest(model.source) }));
    for (const [id, adapter] of Object.entries(adapters)) {
      try {
        this.#publish(await this.#served(id, adapter));
      } catch (error) {
        if (!onRefused || !(error instanceof PromptuneError)) throw error;
        onRefused(id, error);
      }
    }
    this.#decoder = await this.#createDecoder();
  }

  async submit(request: EngineRequest): Promise<Generation> {
    const [generation] = await this.submitAll([request], 1);
    return generation!;
  }

  async submitAll(requests: readonly EngineRequest[], count: number): Promise<Generation[]> {
    this.requireRoom(); // before prompts are tokenized
    const rows: { readonly row: Row; readonly signal?: AbortSignal }[] = [];
    const choosing: Served[] = [];
    try {
      for (const request of requests) {
        const { signal, seedRow = 0 } = request;
        signal?.throwIfAborted();
        const named = this.#named(request.model ?? this.#baseId);
        if (named.selector) choosing.push(...hold(versionsOf(named)));
        // Requests that need no choice join at once, in the order in which they come.
        const chosen = named.selector ? await this.#chosen(request, named) : { request, served: named };
        const shared = count > 1 && !request.promptLogprobs ? new SharedPrompt() : undefined;
        for (let i = 0; i < count; i++) {
          const row = this.#rowOf({ ...chosen.request, seedRow: seedRow + i }, chosen.served, shared);
          rows.push({ row, signal });
        }
      }
      // While a selector chose, others may have come, and this client may have left.
      this.requireRoom();
      for (const { signal } of rows) signal?.throwIfAborted();
      return rows.map(({ row, signal }) => this.#wait(row, signal));
    } finally {
      for (const served of choosing) served.requests--;
      if (choosing.some((served) => this.#retired.has(served)))
        void this.#betweenSteps(() => this.#forgetRetired());
    }
  }

  requireRoom(): void {
    if (this.#isDraining) throw this.#reject(say`the server is about to end; ask another`, 'draining');
    if (this.#waiting.length >= this.#maxWaiting)
      throw this.#reject(say`${this.#waiting.length} requests wait already; try again later`, 'queue-full');
  }

  /** @throws UsageError if there is none */
  #named(id: string): Served {
    const served = this.#models.get(id);
    if (!served) throw new UsageError(say`there is no model "${id}" here`, { code: 'unknown-name' });
    return served;
  }

  #wait(row: Row, signal: AbortSignal | undefined): Generation {
    this.#waiting.add(row);
    row.served.requests++;
    const cancel = () => this.#cancel(row, signal?.reason);
    signal?.addEventListener('abort', cancel, { once: true });
    row.onOver = () => signal?.removeEventListener('abort', cancel);
    this.#wake();
    const { promptIds, times } = row;
    return { promptIds, times, model: row.served.info, [Symbol.asyncIterator]: () => row.tokens };
  }

  async classify({ model: id, texts }: ClassificationRequest): Promise<Classifications> {
    const served = this.#named(id);
    const { classifier, info } = served;
    if (!classifier)
      throw new UsageError(say`${id} has no head to label texts with; generate with it`, {
        code: 'unsupported',
      });
    if (this.#isDraining) throw this.#reject(say`the server is about to end; ask another`, 'draining');
    if (served.requests >= this.#maxWaiting)
      throw this.#reject(say`${served.requests} requests wait already; try again later`, 'queue-full');
    served.requests++;
    try {
      const results = await this.#classifierSessions.run(classifier, () => classifier.classify(texts));
      return { model: info, labels: classifier.labels, results };
    } catch (error) {
      // Its session may be lost; the next request creates another one.
      if (!(error instanceof UsageError)) await classifier.dispose().catch(() => {});
      throw error;
    } finally {
      served.requests--;
      if (this.#retired.has(served)) await this.#betweenSteps(() => this.#forgetRetired());
    }
  }

  async load(id: string, adapter: Adapter): Promise<ServedModel> {
    const served = await this.#served(id, adapter);
    await this.#orFree([served], () => this.#prepare([served]));
    await this.#replace(served);
    return served.info;
  }

  async loadSelector(id: string, selector: Selector): Promise<ServedModel> {
    const { model } = this.#options;
    const candidates: Served[] = [];
    await this.#orFree(candidates, async () => {
      for (const candidate of selector.candidates) {
        const adapter = await adapterOf(candidate, model);
        const loaded = adapter && (await this.#loaded(`${id} (${candidate.name})`, adapter));
        const { version } = loaded ?? this.models.get(this.#baseId)!;
        candidates.push(servedModel(model, { id, parent: this.#baseId, loaded, version }));
      }
      await this.#prepare(candidates);
    });
    const served = servedSelector(model, { id, parent: this.#baseId, selector, candidates });
    await this.#replace(served);
    return served.info;
  }

  #prepare(versions: readonly Served[]): Promise<void> {
    const adapters = versions.flatMap(({ loaded }) => loaded ?? []);
    return this.#betweenSteps(async () => this.#decoder?.prepare(adapters));
  }

  /** Frees versions that are not published after all. */
  async #orFree(versions: readonly Served[], task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      for (const version of versions) await this.#betweenSteps(() => this.#free(version));
      throw error;
    }
  }

  async unload(id: string): Promise<boolean> {
    const served = this.#models.get(id);
    if (!served || id === this.#baseId) return false;
    this.#models.delete(id);
    this.models.delete(id);
    await this.#retire(served);
    return true;
  }

  /** Publishes a version in place of the former one: at no moment is there none. */
  async #replace(served: Served): Promise<void> {
    const former = this.#models.get(served.info.id);
    this.#publish(served);
    if (former) await this.#retire(former);
  }

  /** Frees what a version has, once no request uses it. */
  async #retire(served: Served): Promise<void> {
    for (const version of versionsOf(served)) this.#retired.add(version);
    await this.#betweenSteps(() => this.#forgetRetired());
  }

  stats(): EngineStats {
    const { prompts = 0, bytes = 0 } = this.#decoder?.kept ?? {};
    return {
      running: this.#rows.length,
      waiting: this.#waiting.length,
      ...this.#counts,
      keptPrompts: prompts,
      keptPromptBytes: bytes,
      cacheUse: (this.#rows.length * this.#longest) / this.#maxCacheTokens,
      runningAdapters: adaptersOf(this.#rows),
      waitingAdapters: adaptersOf(this.#waiting.items),
      maxLoras: this.#options.maxLoras ?? defaultLoras,
      openClassifiers: this.#classifierSessions.count,
    };
  }

  async drain(): Promise<void> {
    this.#isDraining = true;
    await this.#loop;
  }

  async dispose(): Promise<void> {
    this.#isDraining = true;
    const gone = new PromptuneError(say`the server has ended`, { code: 'unavailable' });
    for (const row of [...this.#waiting.clear(), ...this.#rows]) this.#fail(row, gone);
    await this.#loop;
    await this.#decoder?.dispose();
    this.#decoder = undefined;
    for (const version of [...this.#versions, ...this.#retired]) await this.#free(version);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #served(id: string, adapter: Adapter): Promise<Served> {
    const { model, tokenizer, device, threads } = this.#options;
    const parent = this.#baseId;
    if (id === parent)
      throw new UsageError(say`the base model is called ${id} already; give the adapter another id`, {
        code: 'already-exists',
      });
    if (!adapter.head) {
      const loaded = await this.#loaded(id, adapter);
      return servedModel(model, { id, parent, loaded, version: loaded.version });
    }
    const { taskType } = adapter.head;
    if (taskType !== 'sequence-classification' || adapter.tasks)
      throw new UsageError(
        say`${id} cannot be served: its head is for ${taskType}, and only heads that label whole
          texts are`,
        { code: 'unsupported' },
      );
    const version = await versionOf(adapter);
    const classifier = await this.#classifiers.take(contentKey(adapter, version), async () =>
      createClassifier({ model, tokenizer, adapter, device, threads }),
    );
    return servedClassifier(model, { id, parent, adapter, classifier, version });
  }

  async #loaded(id: string, adapter: Adapter): Promise<LoadedAdapter> {
    const { model, device, threads, maxLoraRank: maxRank = 64 } = this.#options;
    if (adapter.head)
      throw new UsageError(say`${id} cannot be served: it labels texts (${adapter.head.taskType})`, {
        code: 'unsupported',
      });
    try {
      const version = await versionOf(adapter);
      return await this.#adapters.take(contentKey(adapter, version), () =>
        loadForRows(adapter, version, model, { device, threads, maxRank }),
      );
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new UsageError(say`${id} cannot be served: ${error.message}`, { code: error.code, cause: error });
    }
  }

  /** Positions that the longest running row may come to take. */
  get #longest(): number {
    return Math.max(0, ...this.#rows.map(({ mostPositions }) => mostPositions));
  }

  get #versions(): Served[] {
    return [...this.#models.values()].flatMap(versionsOf);
  }

  async #createDecoder(): Promise<RowDecoder> {
    const { maxLoras: maxSlots = defaultLoras, promptCacheBytes = 2 ** 28, ...options } = this.#options;
    const decoder = await RowDecoder.create({ ...options, maxSlots, promptCacheBytes });
    await decoder.prepare(this.#versions.flatMap(({ loaded }) => loaded ?? []));
    return decoder;
  }

  #reject(message: string, reason: OverloadedError['reason']): OverloadedError {
    this.#counts.rejected++;
    return new OverloadedError(message, reason);
  }

  /** @throws UsageError for an invalid request */
  async #chosen(
    { prompt, ...request }: EngineRequest,
    { info, ...served }: Served,
  ): Promise<{ request: EngineRequest; served: Served }> {
    const [selector, candidates] = [served.selector!, served.candidates!];
    const text = textIn(prompt);
    if (text === undefined)
      throw new UsageError(say`${info.id} chooses a prompt by the text; give the prompt as a text`, {
        code: 'unsupported',
      });
    const [{ candidate, index }] = (await selector.select([text], request)) as [Choice];
    const record = recordOf({ [selector.inputField]: text }, 0);
    const written = { text: promptOf(candidate, selector, record), raw: true };
    return { request: { ...request, prompt: written }, served: candidates[index]! };
  }

  /** @throws UsageError for an invalid request */
  #rowOf(request: EngineRequest, served: Served, shared: SharedPrompt | undefined): Row {
    const { prompt, options: given = {}, seedRow = 0, client = '' } = request;
    const { logprobs, promptLogprobs, calls } = request;
    const { id } = served.info;
    const { loaded, info } = served;
    if (info.labels)
      throw new UsageError(say`${id} labels texts, and generates none; send them to /v1/classify`, {
        code: 'unsupported',
      });
    if (!isIds(prompt) && Object.keys(rowOptionsOf(prompt)).length > 0)
      throw new UsageError(say`a prompt has no options of its own here; give them with the request`);
    const isTurn = !isIds(prompt) && isConversation(prompt);
    const ends = given.eosTokenId ?? this.#endsOf({ isLearned: loaded !== undefined, isTurn });
    const { model, promptLookupNumTokens } = this.#options;
    const options = resolveGenerationOptions({ promptLookupNumTokens, ...given, eosTokenId: ends });
    if (options.strategy.kind === 'beam-search')
      throw new UsageError(say`a server has no beam search; leave numBeams out`, { code: 'unsupported' });
    const promptIds = isIds(prompt) ? prompt : this.#encode(prompt, loaded?.adapter);
    this.#checkIds(promptIds, loaded);
    if (promptIds.length === 0 && !loaded?.predictsFirst)
      throw new UsageError(say`an empty prompt has nothing to go on from; give at least one token`);
    if (promptLogprobs && loaded?.adapter.placement)
      throw new UsageError(
        say`the prompt's own tokens have no scores with ${id}, whose soft tokens stand among them`,
        { code: 'unsupported' },
      );
    const room = info.maxLength - promptIds.length;
    if (room < 1) throw new ContextLengthError(promptIds.length, info.maxLength);
    const grammar = calls
      ? grammarsOf(this.tokenizer).ofCalls(calls)
      : grammarFor(options, () => grammarsOf(this.tokenizer));
    const decode = decodeOf(this.tokenizer, { cleansUp: !grammar });
    const row: Row = new Row(
      {
        ...{ client, model: id, served, promptIds, options, seedRow, logprobs, promptLogprobs, room },
        ...{
          decode,
          grammar,
          shared,
          vocabSize: model.config.vocabSize,
          guessCost: guessCostOf(model.files),
        },
      },
      () => this.#cancel(row),
    );
    if (row.mostPositions > this.#maxCacheTokens)
      throw new UsageError(
        say`the request may come to take ${row.mostPositions} positions, and the server has room for
          ${this.#maxCacheTokens}`,
        { code: 'too-long' },
      );
    return row;
  }

  #checkIds(ids: readonly number[], loaded: LoadedAdapter | undefined): void {
    const { vocabSize } = this.#options.model.config;
    const soft = loaded?.adapter.placement?.count ?? 0;
    const at = ids.findIndex((id) => !(Number.isInteger(id) && id >= 0 && id < vocabSize + soft));
    if (at >= 0)
      throw new UsageError(say`token ${at} of the prompt is ${ids[at]}; ids go from 0 to ${vocabSize - 1}`);
  }

  #wake(): void {
    this.#loop ??= this.#run().finally(() => {
      this.#loop = undefined;
    });
  }

  #betweenSteps(task: () => Promise<unknown>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#tasks.push(() => task().then(() => resolve(), reject));
      this.#wake();
    });
  }

  /** Runs step after step while there are requests. */
  async #run(): Promise<void> {
    await undefined; // requests submitted at the same moment join one batch
    while (this.#tasks.length > 0 || this.#rows.length > 0 || this.#waiting.length > 0) {
      const lost = this.#decoder?.lost;
      if (lost) await this.#lose(lost);
      for (const task of this.#tasks.splice(0)) await task();
      try {
        await this.#leave();
        await this.#join();
        await this.#step();
        await this.#prefill();
      } catch (error) {
        await this.#lose(error);
      }
    }
  }

  /** Drops rows that are over, and moves the prefilled rows before those that are still being prefilled. */
  async #leave(): Promise<void> {
    const decoder = this.#decoder;
    if (!decoder || this.#rows.length === 0) return;
    const stay = [...this.#rows.keys()].filter((place) => !this.#rows[place]!.isOver);
    const isDecoding = (place: number) => decoder.remaining(place) === 0;
    const order = [...stay.filter(isDecoding), ...stay.filter((place) => !isDecoding(place))];
    await decoder.reorder(order);
    this.#rows = order.map((place) => this.#rows[place]!);
    if (this.#retired.size > 0) await this.#forgetRetired();
  }

  async #join(): Promise<void> {
    if (this.#waiting.length === 0) return;
    this.#decoder ??= await this.#restart();
    const decoder = this.#decoder;
    for (;;) {
      const rows = this.#rows.length + 1;
      if (rows > this.#maxRows) return;
      const longest = this.#longest;
      const row = this.#waiting.take(
        ({ mostPositions, served, shared }) =>
          rows * Math.max(longest, mostPositions) <= this.#maxCacheTokens &&
          decoder.hasSlotFor(served.loaded) &&
          shared?.isFree !== false,
      );
      if (!row) return;
      const { promptIds: ids, served, shared } = row;
      row.times.admitted = performance.now();
      this.#rows = [...this.#rows, row];
      await decoder.join({ ids, adapter: served.loaded, sharedKey: shared?.key });
      if (shared?.joined(row)) await decoder.release(shared.key);
    }
  }

  async #step(): Promise<void> {
    const rows = this.#rows.filter((_, place) => this.#decoder!.remaining(place) === 0);
    if (rows.length === 0) return;
    const guesses = guessesOf(rows);
    const begin = performance.now();
    const scores = await this.#decoder!.step(
      rows.map((row, i) => [row.lastId, ...(guesses?.[i] ?? [])]),
      mostCandidates(rows),
    );
    if (!guesses) this.#budget.stepped(performance.now() - begin);
    const width = scores.rows / rows.length;
    const wrong = rows.map((row, i) => this.#takeAll(row, scores, i * width, guesses?.[i] ?? []));
    await this.#decoder!.takeBack(wrong);
  }

  /**
   * Chooses a row's next token and, where guesses are right, those behind it, as they would be chosen without guesses.
   * @returns how many guesses were wrong, or are to be made again with more candidates
   */
  #takeAll(row: Row, scores: NextTokenScores, place: number, guessed: readonly number[]): number {
    for (let right = 0; ; right++) {
      this.#take(row, scores, place + right);
      const isRight = !row.isOver && row.lastId === guessed[right];
      // A grammar may begin with the token, and need the scores of all tokens from here on.
      if (isRight && (row.candidates !== 'all' || !scores.ids)) continue;
      row.judge(guessed.length, right);
      return guessed.length - right;
    }
  }

  async #prefill(): Promise<void> {
    const decoder = this.#decoder;
    const remaining = this.#rows.map((_, place) => decoder!.remaining(place));
    const budget = this.#budget.tokens(remaining[0] === 0);
    const next = nextPrefill(remaining, budget, this.#isTurnOfShortest);
    if (!next) return;
    this.#isTurnOfShortest = !this.#isTurnOfShortest;
    const { first } = next;
    if (this.#rows[first]!.scoresPrompt) return this.#prefillScored(first, Math.min(next.width, mostScored));
    const count = countUntil(this.#rows.slice(first, first + next.count), ({ scoresPrompt }) => scoresPrompt);
    const rows = this.#rows.slice(first, first + count);
    const begin = performance.now();
    const scores = await decoder!.prefill(first, count, next.width, mostCandidates(rows));
    this.#budget.prefilled(count * next.width, performance.now() - begin);
    for (const [i, row] of rows.entries())
      if (decoder!.remaining(first + i) === 0) this.#begin(row, scores, i);
  }

  /** Prefills a single row and scores its prompt's tokens. */
  async #prefillScored(place: number, width: number): Promise<void> {
    const row = this.#rows[place]!;
    const from = row.promptIds.length - this.#decoder!.remaining(place);
    const scores = await this.#decoder!.prefill(place, 1, width, 'all', true);
    for (let i = 0; i < scores.rows; i++) row.takePrompt(scores, i, from + i);
    if (this.#decoder!.remaining(place) === 0) this.#begin(row, scores, scores.rows - 1);
  }

  /** Chooses a row's first token. */
  #begin(row: Row, scores: NextTokenScores, place: number): void {
    this.#counts.promptTokens += row.promptIds.length;
    if (row.shared?.begun(row)) this.#release(row.shared);
    this.#take(row, scores, place);
  }

  #take(row: Row, scores: NextTokenScores, place: number): void {
    if (row.isOver) return; // canceled during the step
    row.take(scores, place);
    if (!row.hasFailed) this.#counts.newTokens++;
    if (!row.isOver) return;
    this.#counts[row.hasFailed ? 'failed' : 'finished']++;
    this.#over(row);
  }

  /** The sessions are lost, and all running rows with them; waiting requests get new sessions. */
  async #lose(error: unknown): Promise<void> {
    for (const row of this.#rows) this.#fail(row, error);
    this.#rows = [];
    const decoder = this.#decoder;
    this.#decoder = undefined;
    await decoder?.dispose().catch(() => {}); // the error has already been reported
  }

  /** Creates new sessions, also for prompts that depend on the text, as theirs may be lost too. */
  async #restart(): Promise<RowDecoder> {
    for (const served of this.#versions) {
      const { loaded, info } = served;
      if (!loaded?.beginningsOf) continue;
      this.#adapters.forget(loaded);
      await loaded.dispose().catch(() => {});
      Object.assign(served, { loaded: await this.#loaded(info.id, loaded.adapter) });
    }
    return this.#createDecoder();
  }

  /** Frees retired versions that no row uses. */
  async #forgetRetired(): Promise<void> {
    for (const served of this.#retired) {
      if (served.requests > 0) continue;
      this.#retired.delete(served);
      await this.#free(served);
    }
  }

  /** Frees what a version has, unless another has it too. */
  async #free({ loaded, classifier }: Served): Promise<void> {
    if (classifier && this.#classifiers.leave(classifier)) await this.#classifierSessions.close(classifier);
    if (!loaded || !this.#adapters.leave(loaded)) return;
    await this.#decoder?.forget(loaded);
    await loaded.dispose();
  }

  #release({ key }: SharedPrompt): void {
    void this.#betweenSteps(async () => this.#decoder?.release(key)).catch(() => {}); // gone with its session
  }

  #fail(row: Row, error: unknown): void {
    if (row.isOver) return;
    this.#counts.failed++;
    row.fail(error);
    this.#over(row);
  }

  #cancel(row: Row, reason: unknown = new DOMException(say`the reader has left`, 'AbortError')): void {
    if (row.isOver) return;
    this.#counts.cancelled++;
    this.#waiting.remove(row);
    row.fail(reason);
    this.#over(row);
  }

  #over(row: Row): void {
    row.served.requests--;
    if (row.shared?.left(row)) this.#release(row.shared);
    row.onOver?.();
  }
}

const defaultLoras = 8;

let unknown = 0;

/** The same for adapters that do the same, which is known only of those with content. */
const contentKey = ({ content, placement }: Adapter, version: string): string =>
  content ? `${version} ${placement?.template ?? ''}` : `unknown ${unknown++}`;

/** The ids of the rows' adapters, each once. */
const adaptersOf = (rows: readonly Row[]): string[] => [
  ...new Set(rows.flatMap(({ served }) => (served.loaded ? served.info.id : []))),
];

const isIds = (prompt: EngineRequest['prompt']): prompt is readonly number[] => Array.isArray(prompt);

/** The text of a prompt that is one. */
function textIn(prompt: EngineRequest['prompt']): string | undefined {
  if (typeof prompt === 'string') return prompt;
  return !isIds(prompt) && !isConversation(prompt) && typeof prompt.text === 'string'
    ? prompt.text
    : undefined;
}

/** Versions that must not be freed, until their `requests` are as before. */
function hold(versions: readonly Served[]): readonly Served[] {
  for (const version of versions) version.requests++;
  return versions;
}

/** The versions that rows of a model use: itself, or a selector's candidates. */
const versionsOf = (served: Served): readonly Served[] => served.candidates ?? [served];

/**
 * The guesses of rows that step together, if they are used. A row that asked for none would wait for those of others,
 * so there are guesses only while all rows have asked.
 */
function guessesOf(rows: readonly Row[]): readonly (readonly number[])[] | undefined {
  if (!rows.every((row) => row.looksUp)) return undefined;
  const guesses = rows.map((row) => row.guess());
  return areUsed(guesses) ? guesses : undefined;
}

/** Positions whose scores of all tokens leave the graph at once: 13 MB with GPT-2's vocabulary. */
const mostScored = 64;

/** The number of items before the first for which `isSo` holds. */
function countUntil<Item>(items: readonly Item[], isSo: (item: Item) => boolean): number {
  const found = items.findIndex(isSo);
  return found === -1 ? items.length : found;
}

/** The candidates that a step must return so that each row can choose. */
function mostCandidates(rows: readonly Row[]): Candidates {
  let most = 1;
  for (const { candidates } of rows) {
    if (candidates === 'all') return 'all';
    most = Math.max(most, candidates);
  }
  return most;
}
