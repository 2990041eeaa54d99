/** @file What the types of the public API refuse: `npm run typecheck` fails for a line below that compiles. */
import type OpenAI from 'openai';
import { expect, it } from 'vitest';
import type { MethodChoice } from '../src/index.js';
import type {
  Answer,
  AnswerChunk,
  ChatChoice,
  ChatChunkChoice,
  CompletionChoice,
} from '../src/serving/http/answers.js';
import type { ErrorBody } from '../src/serving/http/errors.js';
import type { modelObject } from '../src/serving/http/models.js';

it('a method has its own options, and no other name compiles', () => {
  const choices: MethodChoice[] = [
    { methodOptions: { numVirtualTokens: 20 } },
    { method: 'lora', methodOptions: { r: 8, targetModules: 'all-linear' } },
    { method: 'prompt-tuning+lora', methodOptions: { numVirtualTokens: 20, r: 8 } },
    // @ts-expect-error: there is no such method
    { method: 'lorra' },
    // @ts-expect-error: an option of another method
    { method: 'lora', methodOptions: { numVirtualTokens: 20 } },
    // @ts-expect-error: no option of prompt tuning, the default
    { methodOptions: { r: 8 } },
    // @ts-expect-error: a number is required
    { method: 'lora', methodOptions: { r: 'eight' } },
  ];
  expect(choices).toHaveLength(7);
});

it('answers of the server have the types of the client of OpenAI', () => {
  const chat = (answer: Answer<'chat.completion', ChatChoice>): OpenAI.ChatCompletion => answer;
  const chunk = (answer: AnswerChunk<'chat.completion.chunk', ChatChunkChoice>): OpenAI.ChatCompletionChunk =>
    answer;
  // The types leave out what the API says besides: null for the first token of an echo, and before a stream's end.
  type Said = Pick<CompletionChoice, 'text'> & {
    logprobs: null;
    finish_reason: 'stop' | 'length';
    index: number;
  };
  const completion = (
    answer: Omit<Answer<'text_completion', CompletionChoice>, 'choices'> & { choices: Said[] },
  ): OpenAI.Completion => answer;
  const tokens = (
    logprobs: NonNullable<CompletionChoice['logprobs']>,
  ): Pick<OpenAI.CompletionChoice.Logprobs, 'tokens' | 'text_offset'> => logprobs;
  const model = (answer: ReturnType<typeof modelObject>): Omit<OpenAI.Model, 'object'> => answer;
  const error = ({ error }: ErrorBody): Pick<OpenAI.ErrorObject, 'message' | 'type' | 'param' | 'code'> =>
    error;
  expect([chat, chunk, completion, tokens, model, error]).toHaveLength(6);
});
