/**
 * @file The engine of a server: requests join one running batch, each with its own adapter, and leave it when they have
 * ended. It knows nothing of HTTP.
 */
import type { Adapter } from '../../attach/method.js';
import { PromptuneError, UsageError } from '../../errors.js';
import type { Candidates, Decoder } from '../../generation/decoder.js';
import { endTokensOf } from '../../generation/end-tokens.js';
import { createModelDecoder } from '../../generation/model-decoder.js';
import { resolveGenerationOptions } from '../../generation/options.js';
import { isConversation, promptEncoder } from '../../generation/prompts.js';
import { decodeOf } from '../../generation/text-stream.js';
import { requireNoEncoder } from '../../models/causal-only.js';
import type { LanguageModel } from '../../models/model.js';
import type { Device } from '../../runtime/index.js';
import type { Tokenizer } from '../../text/tokenizer.js';
import { ContextLengthError, type EngineRequest, type Generation, OverloadedError } from './requests.js';
import { Row } from './row.js';
import { WaitingLine } from './waiting-line.js';

export interface EngineOptions {
  model: LanguageModel;
  tokenizer: Tokenizer;
  /** The id of the model without adapters. Default: the model's name. */
  id?: string;
  /** Learned prompts and other adapters by their ids. */
  adapters?: Readonly<Record<string, Adapter>>;
  /** Most requests that are at work at once. Default 16. */
  maxRows?: number;
  /** Most requests that wait for a row. Default 256. */
  maxWaiting?: number;
  /**
   * Most positions that the cache of keys and values may come to hold, all rows together and padded to the longest.
   * A request waits until what it may take is free. Default: as many as `maxRows` of the model's longest texts take.
   */
  maxCacheTokens?: number;
  device?: Device;
  threads?: number;
  /** As for createTextGenerator. Default false. */
  prepacking?: boolean;
}

/** What can be asked for by its id: the base model, or an adapter on it. */
export interface ServedModel {
  readonly id: string;
  /** Of an adapter: the base model's id. */
  readonly parent?: string;
  /** Of an adapter: its method's name. */
  readonly method?: string;
  /** Positions that its learned prompt takes. */
  readonly numVirtualTokens: number;
  /** Most tokens, prompt and new ones, that a request may have. */
  readonly maxLength: number;
  /** When it was loaded. */
  readonly created: Date;
}

/** Counted since the engine was made, and what is under way. */
export interface EngineStats {
  readonly running: number;
  readonly waiting: number;
  readonly promptTokens: number;
  readonly newTokens: number;
  /** Requests that came to their end. */
  readonly finished: number;
  /** Requests that their clients ended. */
  readonly cancelled: number;
  readonly failed: number;
  readonly rejected: number;
}

export interface Engine {
  readonly tokenizer: Tokenizer;
  /** The base model first. */
  readonly models: ReadonlyMap<string, ServedModel>;
  /**
   * Takes a request. Its tokens are made whether or not they are read; a reader who leaves ends it.
   * @throws UsageError for what is wrong with it, a ContextLengthError among them; OverloadedError where too many wait
   */
  submit(request: EngineRequest): Promise<Generation>;
  stats(): EngineStats;
  /** Takes no more requests, and resolves when those that it has are done. */
  drain(): Promise<void>;
  /** Ends what is under way with an error, and frees the model. */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** @throws UsageError for a model or adapter that cannot be served, with the reason */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  requireNoEncoder(options.model, 'serving');
  return new BatchEngine(options, await createModelDecoder(options));
}

class BatchEngine implements Engine {
  readonly tokenizer: Tokenizer;
  readonly models: ReadonlyMap<string, ServedModel>;
  readonly #options: EngineOptions;
  readonly #maxRows: number;
  readonly #maxWaiting: number;
  readonly #maxCacheTokens: number;
  readonly #encode: ReturnType<typeof promptEncoder>;
  readonly #endsOf: ReturnType<typeof endTokensOf>;
  readonly #baseId: string;
  readonly #waiting = new WaitingLine<Row>();
  #rows: readonly Row[] = [];
  /** Undefined once its sessions are gone: the next request makes new ones. */
  #decoder: Decoder | undefined;
  /** Resolves when nothing is under way. */
  #loop: Promise<void> | undefined;
  #isDraining = false;
  readonly #counts = { promptTokens: 0, newTokens: 0, finished: 0, cancelled: 0, failed: 0, rejected: 0 };

  constructor(options: EngineOptions, decoder: Decoder) {
    const { model, tokenizer, adapters = {}, id = model.name } = options;
    const { maxPositions } = model.config;
    this.tokenizer = tokenizer;
    this.#options = options;
    this.#decoder = decoder;
    this.#maxRows = options.maxRows ?? 16;
    this.#maxWaiting = options.maxWaiting ?? 256;
    this.#maxCacheTokens = options.maxCacheTokens ?? this.#maxRows * maxPositions;
    this.#encode = promptEncoder(tokenizer, model);
    this.#endsOf = endTokensOf(model, tokenizer);
    this.#baseId = id;
    const created = new Date();
    const base: ServedModel = { id, numVirtualTokens: 0, maxLength: maxPositions, created };
    this.models = new Map([
      [id, base],
      ...Object.entries(adapters).map(([name, { method, numVirtualTokens }]): [string, ServedModel] => [
        name,
        {
          id: name,
          parent: id,
          method,
          numVirtualTokens,
          maxLength: maxPositions - numVirtualTokens,
          created,
        },
      ]),
    ]);
  }

  async submit(request: EngineRequest): Promise<Generation> {
    const { signal } = request;
    signal?.throwIfAborted();
    const row = this.#rowOf(request);
    if (this.#isDraining) throw this.#reject('the server is about to end; ask another', 'draining');
    if (this.#waiting.length >= this.#maxWaiting)
      throw this.#reject(`${this.#waiting.length} requests wait already; try again later`, 'queue-full');
    this.#waiting.add(row);
    const cancel = () => this.#cancel(row, signal?.reason);
    signal?.addEventListener('abort', cancel, { once: true });
    row.onOver = () => signal?.removeEventListener('abort', cancel);
    this.#loop ??= this.#run().finally(() => {
      this.#loop = undefined;
    });
    return { promptIds: row.promptIds, [Symbol.asyncIterator]: () => row.tokens };
  }

  stats(): EngineStats {
    return { running: this.#rows.length, waiting: this.#waiting.length, ...this.#counts };
  }

  async drain(): Promise<void> {
    this.#isDraining = true;
    await this.#loop;
  }

  async dispose(): Promise<void> {
    this.#isDraining = true;
    const gone = new PromptuneError('the server has ended', { code: 'unavailable' });
    for (const row of [...this.#waiting.clear(), ...this.#rows]) this.#fail(row, gone);
    await this.#loop;
    await this.#decoder?.dispose();
    this.#decoder = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  #reject(message: string, reason: OverloadedError['reason']): OverloadedError {
    this.#counts.rejected++;
    return new OverloadedError(message, reason);
  }

  /** @throws UsageError for what is wrong with the request */
  #rowOf(request: EngineRequest): Row {
    const {
      model: id = this.#baseId,
      prompt,
      options: given = {},
      seedRow = 0,
      logprobs,
      client = '',
    } = request;
    const served = this.models.get(id);
    if (!served) throw new UsageError(`there is no model "${id}" here`, { code: 'unknown-name' });
    const isTurn = !isIds(prompt) && isConversation(prompt);
    const ends = given.eosTokenId ?? this.#endsOf({ isLearned: id !== this.#baseId, isTurn });
    const options = resolveGenerationOptions({ ...given, eosTokenId: ends });
    const adapter = id === this.#baseId ? undefined : this.#options.adapters?.[id];
    const promptIds = isIds(prompt) ? prompt : this.#encode(prompt, adapter);
    this.#checkIds(promptIds);
    if (promptIds.length === 0 && served.numVirtualTokens === 0)
      throw new UsageError('an empty prompt has nothing to go on from; give at least one token');
    const room = served.maxLength - promptIds.length;
    if (room < 1) throw new ContextLengthError(promptIds.length, served.maxLength);
    const row: Row = new Row(
      {
        ...{ client, model: id, promptIds, options, seedRow, logprobs, room },
        decode: decodeOf(this.tokenizer),
      },
      () => this.#cancel(row),
    );
    if (row.mostTokens + served.numVirtualTokens > this.#maxCacheTokens)
      throw new UsageError(
        `the request may come to ${row.mostTokens} tokens, more than the server has room for (${this.#maxCacheTokens})`,
      );
    return row;
  }

  #checkIds(ids: readonly number[]): void {
    const { vocabSize } = this.#options.model.config;
    const at = ids.findIndex((id) => !(Number.isInteger(id) && id >= 0 && id < vocabSize));
    if (at >= 0)
      throw new UsageError(`token ${at} of the prompt is ${ids[at]}; ids go from 0 to ${vocabSize - 1}`);
  }

  /** One step after the other, as long as there are rows or requests that wait. */
  async #run(): Promise<void> {
    await undefined; // requests of the same moment make one batch
    while (this.#rows.length > 0 || this.#waiting.length > 0) {
      try {
        await this.#leave();
        await this.#join();
        if (this.#rows.length > 0) await this.#step();
      } catch (error) {
        await this.#lose(error);
      }
    }
  }

  /** Rows that are over give their places up. */
  async #leave(): Promise<void> {
    const stay = [...this.#rows.keys()].filter((place) => !this.#rows[place]!.isOver);
    if (stay.length === this.#rows.length) return;
    this.#rows = stay.map((place) => this.#rows[place]!);
    await this.#decoder?.reorder(stay);
  }

  async #join(): Promise<void> {
    const joining: Row[] = [];
    const longest = (row: Row) => row.mostTokens + this.models.get(row.model)!.numVirtualTokens;
    let columns = Math.max(0, ...this.#rows.map(longest));
    for (;;) {
      const rows = this.#rows.length + joining.length + 1;
      if (rows > this.#maxRows) break;
      const row = this.#waiting.take((one) => rows * Math.max(columns, longest(one)) <= this.#maxCacheTokens);
      if (!row) break;
      columns = Math.max(columns, longest(row));
      joining.push(row);
    }
    if (joining.length === 0) return;
    this.#decoder ??= await createModelDecoder(this.#options);
    this.#rows = [...this.#rows, ...joining];
    const adapterOf = ({ model }: Row) => (model === this.#baseId ? undefined : model);
    const scores = await this.#decoder.admit(
      joining.map((row) => ({ ids: row.promptIds, adapter: adapterOf(row) })),
      mostCandidates(joining),
    );
    for (const [place, row] of joining.entries()) {
      this.#counts.promptTokens += row.promptIds.length;
      this.#take(row, scores, place);
    }
    await this.#leave();
  }

  async #step(): Promise<void> {
    const rows = this.#rows;
    const scores = await this.#decoder!.step(
      rows.map((row) => row.lastId),
      mostCandidates(rows),
    );
    for (const [place, row] of rows.entries()) this.#take(row, scores, place);
  }

  #take(row: Row, ...scores: Parameters<Row['take']>): void {
    if (row.isOver) return; // cancelled during the step
    row.take(...scores);
    this.#counts.newTokens++;
    if (!row.isOver) return;
    this.#counts.finished++;
    row.onOver?.();
  }

  /** The sessions are gone, and with them the rows; those that wait get new ones. */
  async #lose(error: unknown): Promise<void> {
    for (const row of this.#rows) this.#fail(row, error);
    this.#rows = [];
    const decoder = this.#decoder;
    this.#decoder = undefined;
    await decoder?.dispose().catch(() => {}); // what is wrong has been told
  }

  #fail(row: Row, error: unknown): void {
    if (row.isOver) return;
    this.#counts.failed++;
    row.fail(error);
    row.onOver?.();
  }

  #cancel(row: Row, reason: unknown = new DOMException('the reader has left', 'AbortError')): void {
    if (row.isOver) return;
    this.#counts.cancelled++;
    this.#waiting.remove(row);
    row.fail(reason);
    row.onOver?.();
  }
}

const isIds = (prompt: EngineRequest['prompt']): prompt is readonly number[] => Array.isArray(prompt);

/** What a step must give so that each of the rows can choose. */
function mostCandidates(rows: readonly Row[]): Candidates {
  let most = 1;
  for (const { candidates } of rows) {
    if (candidates === 'all') return 'all';
    most = Math.max(most, candidates);
  }
  return most;
}
