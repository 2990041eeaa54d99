/** @file What the two generating routes have in common: prompts × n continuations, whole or streamed. */
import { randomUUID } from 'node:crypto';
import type { GenerationOptions } from '../../generation/options.js';
import type { Engine } from '../engine/engine.js';
import type { EngineRequest, EngineToken, Generation } from '../engine/requests.js';
import type { Answer, AnswerChunk, AnswerHead, FinishReason, Usage } from './answers.js';
import { apiErrorOf } from './errors.js';
import { eventStream, unlessLate } from './event-stream.js';
import { fingerprintOf } from './models.js';
import { clientLeft, type RequestRecord } from './request-record.js';

export interface GenerationsRequest {
  readonly model: string;
  readonly prompts: readonly EngineRequest['prompt'][];
  readonly options: GenerationOptions;
  /** See EngineRequest. */
  readonly calls?: EngineRequest['calls'];
  /** Number of continuations that are generated per prompt, and of those that are returned. Default: 1 and 1. */
  readonly bestOf?: number;
  readonly n?: number;
  /** See EngineRequest. */
  readonly logprobs?: number;
  readonly promptLogprobs?: boolean;
  /** The text of each prompt, if answers begin with it. */
  readonly echo?: readonly string[];
  /** Returns nothing but the echo. */
  readonly isEchoAlone?: boolean;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly client: string;
  readonly signal: AbortSignal;
  readonly record: RequestRecord;
  /** See StreamTimes. */
  readonly pingMs: number;
}

/** What a body says of it. */
export type BodyRequest = Omit<GenerationsRequest, 'client' | 'signal' | 'record' | 'pingMs'>;

/** A token, with its log-probability if requested. */
export type PartToken = Pick<EngineToken, 'id' | 'logprob' | 'alternatives'>;

/** The next piece of a text, and its tokens. */
export interface Part {
  readonly text: string;
  readonly tokens: readonly PartToken[];
}

/** The route's format of a continuation, without its index and finish_reason. */
export interface ChoiceFormat<Choice, ChunkChoice> {
  /** The complete continuation. */
  whole(part: Part): Choice;
  /** The first chunk of a stream, before any text. Default: there is none. */
  readonly begin?: ChunkChoice;
  /** Undefined if there is nothing to send yet, which the last one may not be. */
  chunk(part: Part, isLast: boolean): ChunkChoice | undefined;
  /** The finish_reason, after all parts, where it is not the one that is given. */
  finishOf?(reason: FinishReason): FinishReason;
}

export interface AnswerFormat<Choice, ChunkChoice> {
  /** The prefix of ids. */
  readonly prefix: string;
  readonly object: string;
  readonly chunkObject: string;
  choice(generation: Generation): ChoiceFormat<Choice, ChunkChoice>;
}

/** How long the headers of a stream wait for its first token. */
const headersMs = 10_000;

/** How long a client may leave a stream unread. Until then, its tokens wait in memory. */
const stallMs = 60_000;

export async function answer<Choice extends object, ChunkChoice extends object>(
  engine: Engine,
  request: GenerationsRequest,
  format: AnswerFormat<Choice, ChunkChoice>,
): Promise<Response> {
  const { prompts, n = 1, bestOf = n, signal: left, record } = request;
  const leave = new AbortController(); // cancels all continuations of the request together
  const signal = AbortSignal.any([left, leave.signal]);
  const { model, options, calls, client, logprobs, promptLogprobs } = request;
  try {
    const generations = await engine.submitAll(
      prompts.map((prompt, i) => ({
        ...{ model, prompt, options, calls, client, signal, logprobs, promptLogprobs },
        seedRow: i * bestOf,
      })),
      bestOf,
    );
    record.promptTokens = prompts.reduce((sum, _, i) => sum + generations[i * bestOf]!.promptIds.length, 0);
    const head = {
      id: `${format.prefix}${randomUUID().replaceAll('-', '')}`,
      object: request.stream ? format.chunkObject : format.object,
      created: Math.floor(Date.now() / 1000),
      model,
      system_fingerprint: fingerprintOf(generations[0]!.model),
    };
    if (!request.stream) {
      const choices = await wholeChoices(generations, request, format);
      const whole: Answer<string, Choice> = { ...head, choices, usage: usageOf(record) };
      return Response.json(whole);
    }
    // Waits for the first token before sending headers, so that errors until then have a status; but not so long that
    // a proxy would give up.
    const tokens = merged(generations);
    const first = tokens.next();
    await unlessLate(first, headersMs);
    const events = chunks(head, generations, { first, rest: tokens }, request, format);
    const ends = {
      onLeave() {
        record.status = clientLeft;
        leave.abort();
        record.end();
      },
      onEnd(error: unknown) {
        if (left.aborted) record.status = clientLeft;
        else if (error !== undefined) record.failed(apiErrorOf(error));
        record.end();
      },
    };
    return eventStream(events, ends, { pingMs: request.pingMs, stallMs });
  } catch (error) {
    leave.abort();
    throw error;
  }
}

async function wholeChoices<Choice extends object>(
  generations: readonly Generation[],
  request: GenerationsRequest,
  format: AnswerFormat<Choice, unknown>,
): Promise<Answer<string, Choice>['choices']> {
  const { prompts, n = 1, bestOf = n } = request;
  const wholes = await Promise.all(
    generations.map(async (generation, i) => {
      const whole = new Pending(request, Math.floor(i / bestOf), generation);
      for await (const token of generation) whole.add(token);
      return { generation, likelihood: whole.meanLogprob, finish: whole.finish, part: whole.take() };
    }),
  );
  const chosen = prompts.flatMap((_, i) => {
    const own = wholes.slice(i * bestOf, (i + 1) * bestOf);
    return bestOf === n ? own : own.sort((a, b) => b.likelihood - a.likelihood).slice(0, n);
  });
  return chosen.map(({ generation, part, finish }, index) => {
    const choice = format.choice(generation);
    const whole = choice.whole(part);
    return { index, ...whole, finish_reason: choice.finishOf?.(finish!) ?? finish! };
  });
}

type Event = { readonly index: number; readonly token: EngineToken };

async function* chunks<ChunkChoice extends object>(
  head: AnswerHead<string>,
  generations: readonly Generation[],
  { first, rest }: { first: Promise<IteratorResult<Event>>; rest: AsyncGenerator<Event> },
  request: GenerationsRequest,
  format: AnswerFormat<unknown, ChunkChoice>,
): AsyncGenerator<AnswerChunk<string, ChunkChoice>> {
  const { n = 1, includeUsage, record } = request;
  const chunk = (index: number, choice: ChunkChoice, finish: FinishReason | null) => ({
    ...head,
    choices: [{ index, ...choice, finish_reason: finish }],
    ...(includeUsage && { usage: null }),
  });
  const choices = generations.map((generation, index) => ({
    format: format.choice(generation),
    pending: new Pending(request, Math.floor(index / n), generation),
  }));
  for (const [index, { format }] of choices.entries())
    if (format.begin) yield chunk(index, format.begin, null);
  for (let event = await first; !event.done; event = await rest.next()) {
    const { index, token } = event.value;
    const { format, pending } = choices[index]!;
    pending.add(token);
    if (token.isPrompt) continue;
    const next = pending.text === '' ? undefined : format.chunk(pending.take(), false);
    if (next) yield chunk(index, next, null);
    if (!token.finishReason) continue;
    const last = format.chunk(pending.take(), true)!;
    yield chunk(index, last, format.finishOf?.(pending.finish!) ?? pending.finish);
  }
  if (includeUsage) yield { ...head, choices: [], usage: usageOf(record) };
}

/** The part of a continuation that has not been sent yet. */
class Pending {
  text: string;
  finish: FinishReason | null = null;
  #tokens: PartToken[] = [];
  #logprobs = 0;
  #count = 0;
  #previousAt: number | undefined;
  #firstAt: number | undefined;

  constructor(
    private readonly request: GenerationsRequest,
    prompt: number,
    private readonly generation: Generation,
  ) {
    this.text = request.echo?.[prompt] ?? '';
  }

  add(token: EngineToken): void {
    const { record, isEchoAlone } = this.request;
    if (!token.isPrompt) this.#firstAt ??= token.at;
    if (token.finishReason) {
      this.finish = token.finishReason === 'length' ? 'length' : 'stop';
      record.finished(this.finish, {
        ...this.generation.times,
        first: this.#firstAt!,
        last: token.at,
      });
    }
    if (isEchoAlone && !token.isPrompt) return;
    this.#tokens.push(token);
    this.text += token.text;
    if (token.isPrompt) return;
    this.#logprobs += token.logprob ?? 0;
    this.#count++;
    record.token(token, this.#previousAt);
    this.#previousAt = token.at;
  }

  /** The criterion for choosing the best of several. */
  get meanLogprob(): number {
    return this.#logprobs / this.#count;
  }

  take(): Part {
    const part = { text: this.text, tokens: this.#tokens };
    this.text = '';
    this.#tokens = [];
    return part;
  }
}

const usageOf = ({ promptTokens, newTokens }: RequestRecord): Usage => ({
  prompt_tokens: promptTokens,
  completion_tokens: newTokens,
  total_tokens: promptTokens + newTokens,
});

/** The tokens of several generations, in the order in which they are generated. */
async function* merged(generations: readonly Generation[]): AsyncGenerator<Event> {
  const iterators = generations.map((generation) => generation[Symbol.asyncIterator]());
  const next = (index: number) => {
    const result = iterators[index]!.next().then((result) => ({ index, result }));
    result.catch(() => {}); // the race below reports the error, unless the reader has left
    return result;
  };
  const pending = new Map(iterators.map((_, index) => [index, next(index)]));
  while (pending.size > 0) {
    const { index, result } = await Promise.race(pending.values());
    if (result.done) pending.delete(index);
    else {
      pending.set(index, next(index));
      yield { index, token: result.value };
    }
  }
}
