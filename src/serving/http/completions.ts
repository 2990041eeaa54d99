/** @file `POST /v1/completions`: continuations of texts and of token ids. */
import { say } from '../../say.js';
import type { Tokenizer } from '../../text/tokenizer.js';
import type { CompletionChoice } from './answers.js';
import { generationOptionsOf, streamingOf } from './generation-options.js';
import type { AnswerFormat, BodyRequest, Part, PartToken } from './generations.js';
import { CompletionLogprobs } from './logprobs.js';
import { fieldError } from './request-body.js';
import { type CompletionBody, maxChoices } from './schemas.js';

/** @throws ApiError for fields that contradict each other */
export function completionRequest(body: CompletionBody, tokenizer: Tokenizer): BodyRequest {
  const { model, max_tokens: maxTokens, add_special_tokens: addSpecialTokens, echo, logprobs } = body;
  const prompts = promptsOf(body);
  const n = body.n ?? 1;
  const bestOf = body.best_of ?? n;
  const streaming = streamingOf(body);
  if (bestOf < n) throw fieldError('best_of', say`expected at least n (${n})`);
  if (bestOf > n && streaming.stream)
    throw fieldError('best_of', say`the best of several is not known in a stream`);
  if (prompts.length * bestOf > maxChoices)
    throw fieldError(
      'prompt',
      say`${prompts.length} prompts × ${bestOf} continuations are more than ${maxChoices}; send them in parts`,
    );
  if (maxTokens === 0 && !echo)
    throw fieldError('max_tokens', say`expected an integer from 1; 0 goes with echo`);
  return {
    ...{ model, n, bestOf, ...streaming },
    // A selector can only read plain texts. An echoed prompt is scored as it is, without an adapter's template.
    prompts: prompts.map((prompt) =>
      typeof prompt === 'string' && (echo || addSpecialTokens === false)
        ? { text: prompt, raw: true, ...(addSpecialTokens === false && { addSpecialTokens }) }
        : prompt,
    ),
    options: generationOptionsOf(body, (maxTokens ?? 16) || 1, tokenizer),
    logprobs: logprobs ?? (bestOf > n ? 0 : undefined),
    ...(echo && {
      echo: prompts.map((prompt) => (typeof prompt === 'string' ? prompt : tokenizer.decode(prompt))),
      promptLogprobs: typeof logprobs === 'number',
      isEchoAlone: maxTokens === 0,
    }),
  };
}

/** A missing prompt is an empty text: the continuation then follows the learned prompt. */
function promptsOf({ prompt }: CompletionBody): (string | readonly number[])[] {
  if (prompt === undefined || prompt === null) return [''];
  if (typeof prompt === 'string') return [prompt];
  return typeof prompt[0] === 'number' || prompt.length === 0
    ? [prompt as number[]]
    : (prompt as (string | number[])[]);
}

export function completionFormat(
  { logprobs, echo }: CompletionBody,
  tokenizer: Tokenizer,
): AnswerFormat<CompletionChoice, CompletionChoice> {
  return {
    prefix: 'cmpl-',
    object: 'text_completion',
    chunkObject: 'text_completion',
    choice({ promptIds }) {
      if (typeof logprobs !== 'number') {
        const plain = ({ text }: Part) => ({ text, logprobs: null });
        return { whole: plain, chunk: plain };
      }
      const writer = new CompletionLogprobs(tokenizer, echo ? [] : promptIds);
      // Nothing precedes a prompt's first token, so it has no log-probability.
      let unwritten: PartToken[] = echo && promptIds.length > 0 ? [{ id: promptIds[0]! }] : [];
      const part = ({ text, tokens }: Part) => {
        const all = [...unwritten, ...tokens];
        unwritten = [];
        return { text, logprobs: all.length === 0 ? null : writer.of(all) };
      };
      return { whole: part, chunk: part };
    },
  };
}
