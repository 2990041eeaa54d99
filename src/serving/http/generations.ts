/** @file What the two routes that generate have in common: prompts × n continuations, whole or as they come. */
import { randomInt, randomUUID } from 'node:crypto';
import type { GenerationOptions } from '../../generation/options.js';
import type { Engine } from '../engine/engine.js';
import type { EngineRequest, EngineToken, Generation } from '../engine/requests.js';
import { modelNotFound } from './errors.js';
import { eventStream } from './event-stream.js';
import type { ChatBody, CompletionBody } from './schemas.js';

export interface Asked {
  readonly body: CompletionBody | ChatBody;
  readonly prompts: readonly EngineRequest['prompt'][];
  /** Undefined: as many as the context has room for. */
  readonly maxTokens: number | undefined;
  readonly signal: AbortSignal;
}

/** The route's own words for what was generated. */
export interface Wording {
  /** What an id begins with. */
  readonly prefix: string;
  readonly object: string;
  readonly chunkObject: string;
  /** A choice of a whole answer, without its index and finish_reason. */
  choice(text: string): object;
  /** Of a stream's chunk. Before any text, where it says something then, it is asked for `undefined`. */
  chunk(text: string | undefined): object | undefined;
}

export async function answer(engine: Engine, asked: Asked, wording: Wording): Promise<Response> {
  const { body, prompts, maxTokens, signal } = asked;
  if (!engine.models.has(body.model)) throw modelNotFound(body.model);
  const n = body.n ?? 1;
  const { maxLength } = engine.models.get(body.model)!;
  const options = { ...optionsOf(body), maxNewTokens: maxTokens ?? maxLength };
  const leave = new AbortController(); // those of a request end together
  const generations: Generation[] = [];
  try {
    for (const [i, prompt] of prompts.entries())
      for (let choice = 0; choice < n; choice++)
        generations.push(
          await engine.submit({
            ...{ model: body.model, prompt, options, seedRow: i * n + choice },
            signal: AbortSignal.any([signal, leave.signal]),
          }),
        );
  } catch (error) {
    leave.abort();
    throw error;
  }
  const promptTokens = prompts.reduce((sum, _, i) => sum + generations[i * n]!.promptIds.length, 0);
  const head = {
    id: `${wording.prefix}${randomUUID().replaceAll('-', '')}`,
    object: body.stream ? wording.chunkObject : wording.object,
    created: Math.floor(Date.now() / 1000),
    model: body.model,
  };
  const usage = (newTokens: number) => ({
    prompt_tokens: promptTokens,
    completion_tokens: newTokens,
    total_tokens: promptTokens + newTokens,
  });
  try {
    if (body.stream) return await stream();
    return await whole();
  } catch (error) {
    leave.abort();
    throw error;
  }

  async function whole(): Promise<Response> {
    let newTokens = 0;
    const choices = await Promise.all(
      generations.map(async (generation, index) => {
        let text = '';
        let finish: string | null = null;
        for await (const token of generation) {
          text += token.text;
          newTokens++;
          if (token.finishReason) finish = finishReason(token);
        }
        return { index, ...wording.choice(text), finish_reason: finish };
      }),
    );
    return Response.json({ ...head, choices, usage: usage(newTokens) });
  }

  /** The first token is waited for before the headers are sent, so that what fails until then has a status. */
  async function stream(): Promise<Response> {
    const tokens = merged(generations);
    const first = await tokens.next();
    const includeUsage = body.stream_options?.include_usage ?? false;
    const chunk = (choices: object[]) => ({ ...head, choices, ...(includeUsage && { usage: null }) });
    async function* chunks(): AsyncGenerator<object> {
      let newTokens = 0;
      for (const index of generations.keys()) {
        const begin = wording.chunk(undefined);
        if (begin) yield chunk([{ index, ...begin, finish_reason: null }]);
      }
      for (let next = first; !next.done; next = await tokens.next()) {
        const { index, token } = next.value;
        newTokens++;
        const finish = token.finishReason ? finishReason(token) : null;
        if (token.text === '' && finish === null) continue;
        if (token.text !== '') yield chunk([{ index, ...wording.chunk(token.text), finish_reason: null }]);
        if (finish !== null)
          yield chunk([{ index, ...(wording.chunk('') as object), finish_reason: finish }]);
      }
      if (includeUsage) yield { ...head, choices: [], usage: usage(newTokens) };
    }
    return eventStream(chunks(), () => leave.abort());
  }
}

const finishReason = ({ finishReason: reason }: EngineToken) => (reason === 'length' ? 'length' : 'stop');

/** The tokens of several generations as they come. */
async function* merged(
  generations: readonly Generation[],
): AsyncGenerator<{ index: number; token: EngineToken }> {
  const iterators = generations.map((generation) => generation[Symbol.asyncIterator]());
  const next = (index: number) => iterators[index]!.next().then((result) => ({ index, result }));
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

/** OpenAI's defaults: temperature 1 over the whole vocabulary, and another seed each time. */
function optionsOf(body: CompletionBody | ChatBody): GenerationOptions {
  const { temperature, top_p, top_k, seed, stop, repetition_penalty, min_tokens } = body;
  const sampling = {
    temperature: temperature ?? 1,
    topP: top_p ?? 1,
    topK: Math.max(0, top_k ?? 0),
    seed: seed === undefined || seed === null ? randomInt(2 ** 32) : Number(BigInt.asUintN(32, BigInt(seed))),
  };
  return {
    ...(temperature === 0 ? {} : sampling),
    ...(stop !== undefined && stop !== null && { stop: [stop].flat() }),
    ...(typeof repetition_penalty === 'number' && { repetitionPenalty: repetition_penalty }),
    ...(typeof min_tokens === 'number' && { minNewTokens: min_tokens }),
  };
}
