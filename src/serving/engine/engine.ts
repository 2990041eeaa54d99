/**
 * @file The engine of a server: requests, each with its own adapter, join one running batch and leave it when they end.
 *   It knows nothing about HTTP. What they can name is in `served-models.ts`, the batch in `running-batch.ts`.
 */
import type { Adapter } from '../../attach/method.js';
import { UsageError } from '../../errors.js';
import { requireDecoderOnly } from '../../models/causal-only.js';
import { say } from '../../say.js';
import type { Selector } from '../../selection/selector.js';
import type { Tokenizer } from '../../text/tokenizer.js';
import type { EngineOptions } from './engine-options.js';
import type { Served, ServedModel } from './models.js';
import { chosenRequest, type RowMaker, rowMaker } from './request-rows.js';
import {
  type ClassificationRequest,
  type Classifications,
  type EngineRequest,
  type Generation,
  OverloadedError,
} from './requests.js';
import type { Row } from './row.js';
import { RowDecoder } from './row-decoder.js';
import { RunningBatch } from './running-batch.js';
import { ServedModels } from './served-models.js';
import { SharedPrompt } from './shared-prompt.js';

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
  /** Adapters that label texts whose sessions are open. */
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

/**
 * Serves requests for one model and its adapters in one running batch, without HTTP.
 * @throws UsageError with the reason, for a model or adapter that cannot be served
 */
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
  readonly #options: EngineOptions;
  readonly #maxWaiting: number;
  readonly #batch: RunningBatch;
  readonly #served: ServedModels;
  readonly #rowOf: RowMaker;
  #rejected = 0;
  #isDraining = false;

  constructor(options: EngineOptions) {
    const { model, maxRows = 16, maxWaiting = 256, prefillTokens } = options;
    const { maxPositions, dependsOnLength: readsWhole } = model.config;
    const { maxCacheTokens = maxRows * maxPositions } = options;
    this.#options = options;
    this.#maxWaiting = maxWaiting;
    this.#batch = new RunningBatch(
      { maxRows, maxCacheTokens, prefillTokens, readsWhole },
      {
        restart: async () => {
          await this.#served.renew();
          return this.#createDecoder();
        },
        onLeave: (decoder) => this.#served.forgetRetired(decoder),
      },
    );
    this.#served = new ServedModels(options, this.#batch);
    this.#rowOf = rowMaker(options, maxCacheTokens, (row) => this.#batch.cancel(row));
  }

  get tokenizer(): Tokenizer {
    return this.#options.tokenizer;
  }

  get models(): ReadonlyMap<string, ServedModel> {
    return this.#served.infos;
  }

  async start(): Promise<void> {
    await this.#served.start();
    this.#batch.start(await this.#createDecoder());
  }

  async #createDecoder(): Promise<RowDecoder> {
    const { maxLoras: maxSlots = defaultLoras, promptCacheBytes = 2 ** 28, ...options } = this.#options;
    const decoder = await RowDecoder.create({ ...options, maxSlots, promptCacheBytes });
    await decoder.prepare(this.#served.adapters);
    return decoder;
  }

  async submit(request: EngineRequest): Promise<Generation> {
    const [generation] = await this.submitAll([request], 1);
    return generation!;
  }

  async submitAll(requests: readonly EngineRequest[], count: number): Promise<Generation[]> {
    this.requireRoom(); // before prompts are tokenized
    const canShare = count > 1 && !this.#options.model.config.dependsOnLength;
    const rows: { readonly row: Row; readonly signal?: AbortSignal }[] = [];
    const held: Served[] = [];
    try {
      for (const request of requests) {
        const { signal, seedRow = 0 } = request;
        signal?.throwIfAborted();
        const named = this.#served.named(request.model);
        // A later request's selector may take its time, and the version leave meanwhile.
        held.push(...this.#served.hold(named));
        // Requests that need no choice join at once, in the order in which they come.
        const chosen = named.selector ? await chosenRequest(request, named) : { request, served: named };
        const shared = canShare && !request.promptLogprobs ? new SharedPrompt() : undefined;
        for (let i = 0; i < count; i++) {
          const row = this.#rowOf({ ...chosen.request, seedRow: seedRow + i }, chosen.served, shared);
          rows.push({ row, signal });
        }
      }
      // While a selector chose, others may have come, and this client may have left.
      this.requireRoom();
      for (const { signal } of rows) signal?.throwIfAborted();
      return rows.map(({ row, signal }) => this.#accept(row, signal));
    } finally {
      void this.#served.release(held);
    }
  }

  #accept(row: Row, signal: AbortSignal | undefined): Generation {
    this.#batch.add(row, signal);
    const { promptIds, times } = row;
    return { promptIds, times, model: row.served.info, [Symbol.asyncIterator]: () => row.tokens };
  }

  requireRoom(): void {
    this.#requireRoomBehind(this.#batch.numWaiting, () => this.#batch.secondsOfWaiting);
  }

  /**
   * @param secondsOf in how many seconds they will have begun, if that is known
   * @throws OverloadedError if too many `waiting` requests come before a new one
   */
  #requireRoomBehind(waiting: number, secondsOf?: () => number | undefined): void {
    if (this.#isDraining) throw this.#reject(say`the server is about to end; ask another`, 'draining');
    if (waiting < this.#maxWaiting) return;
    const seconds = Math.min(longestRetry, Math.max(1, Math.ceil(secondsOf?.() ?? 1)));
    throw this.#reject(
      say`${waiting} request|requests waits|wait already; try again later`,
      'queue-full',
      seconds,
    );
  }

  #reject(...error: ConstructorParameters<typeof OverloadedError>): OverloadedError {
    this.#rejected++;
    return new OverloadedError(...error);
  }

  async classify({ model: id, texts }: ClassificationRequest): Promise<Classifications> {
    const served = this.#served.named(id);
    const { classifier, info } = served;
    if (!classifier)
      throw new UsageError(
        say`${id} has no labels for texts: neither a head nor words of labels; generate with it`,
        {
          code: 'unsupported',
        },
      );
    this.#requireRoomBehind(served.requests);
    const held = this.#served.hold(served);
    try {
      const results = await this.#served.classify(classifier, texts);
      return { model: info, labels: classifier.labels, results };
    } finally {
      await this.#served.release(held);
    }
  }

  load(id: string, adapter: Adapter): Promise<ServedModel> {
    return this.#served.load(id, adapter);
  }

  loadSelector(id: string, selector: Selector): Promise<ServedModel> {
    return this.#served.loadSelector(id, selector);
  }

  unload(id: string): Promise<boolean> {
    return this.#served.unload(id);
  }

  stats(): EngineStats {
    const { rows, waiting, counts, kept, cacheUse } = this.#batch;
    return {
      running: rows.length,
      waiting: waiting.length,
      ...counts,
      rejected: this.#rejected,
      keptPrompts: kept.prompts,
      keptPromptBytes: kept.bytes,
      cacheUse,
      runningAdapters: adaptersOf(rows),
      waitingAdapters: adaptersOf(waiting),
      maxLoras: this.#options.maxLoras ?? defaultLoras,
      openClassifiers: this.#served.openClassifiers,
    };
  }

  async drain(): Promise<void> {
    this.#isDraining = true;
    await this.#batch.drained();
  }

  async dispose(): Promise<void> {
    this.#isDraining = true;
    await this.#batch.dispose();
    await this.#served.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

const defaultLoras = 8;

/** Seconds: clients that came back later would leave a server idle whose load has gone. */
const longestRetry = 30;

/** The ids of the rows' adapters, each once. */
const adaptersOf = (rows: readonly Row[]): string[] => [
  ...new Set(rows.flatMap(({ served }) => (served.loaded ? served.info.id : []))),
];
