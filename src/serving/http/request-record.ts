/** @file What is known about a finished request, without its text: for the log and the metrics. */
import type { EngineToken } from '../engine/requests.js';
import type { ApiError } from './errors.js';

/** A line of the log. */
export interface RequestLine {
  readonly time: string;
  readonly id: string;
  readonly method: string;
  readonly path: string;
  /** 499 if the client disconnected; for a stream that failed, the status that it would have had. */
  readonly status: number;
  readonly ms: number;
  /** The name of the key. */
  readonly client?: string;
  readonly model?: string;
  readonly promptTokens?: number;
  readonly newTokens?: number;
  /** Milliseconds until the first token. */
  readonly firstTokenMs?: number;
  readonly finish?: readonly string[];
  readonly error?: string;
}

/** Moments of a text, in milliseconds as `performance.now()` counts them. */
export interface TextTimes {
  readonly submitted: number;
  /** When it got a row of the batch. */
  readonly admitted?: number;
  readonly first: number;
  readonly last: number;
}

/** Observes requests. */
export interface RequestObserver {
  /** @param sincePrevious seconds since the previous token of the same text */
  token?(record: RequestRecord, sincePrevious: number | undefined): void;
  /** One text of the request has come to its end. */
  finished?(record: RequestRecord, times: TextTimes): void;
  ended?(record: RequestRecord): void;
}

export class RequestRecord {
  client = '';
  /** The id of the answering model, once it is known to exist. */
  model: string | undefined;
  status = 200;
  promptTokens = 0;
  newTokens = 0;
  readonly finishes: string[] = [];
  /** Milliseconds since the request arrived. */
  firstTokenMs: number | undefined;
  ms = 0;
  /** The error's code, or else its type. */
  error: string | undefined;
  /** Called when it is over. */
  readonly atEnd: (() => void)[] = [];
  readonly #begin = performance.now();
  #isOver = false;

  constructor(
    readonly id: string,
    readonly method: string,
    readonly path: string,
    private readonly observers: readonly RequestObserver[],
  ) {}

  /** Records a new token, and when the previous one of the same text was generated. */
  token({ at }: EngineToken, previousAt: number | undefined): void {
    this.newTokens++;
    this.firstTokenMs ??= at - this.#begin;
    const sincePrevious = previousAt === undefined ? undefined : (at - previousAt) / 1000;
    for (const observer of this.observers) observer.token?.(this, sincePrevious);
  }

  /** A text has come to its end. */
  finished(reason: string, times: TextTimes): void {
    this.finishes.push(reason);
    for (const observer of this.observers) observer.finished?.(this, times);
  }

  failed(error: ApiError): void {
    this.status = error.status;
    this.error = error.details.code ?? error.details.type ?? 'invalid_request_error';
  }

  /** Only the first call counts. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.ms = performance.now() - this.#begin;
    for (const each of this.atEnd) each();
    for (const observer of this.observers) observer.ended?.(this);
  }

  line(): RequestLine {
    const { id, method, path, status, client, model, promptTokens, newTokens, finishes, error } = this;
    const round = (ms: number) => Math.round(ms * 10) / 10;
    return {
      time: new Date().toISOString(),
      ...{ id, method, path, status, ms: round(this.ms) },
      ...(client !== '' && { client }),
      ...(model !== undefined && { model, promptTokens, newTokens, finish: finishes }),
      ...(this.firstTokenMs !== undefined && { firstTokenMs: round(this.firstTokenMs) }),
      ...(error !== undefined && { error }),
    };
  }
}

/** The status that logs show if the client did not wait for the answer. */
export const clientLeft = 499;
