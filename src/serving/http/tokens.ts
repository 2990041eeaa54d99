/** @file `POST /tokenize` and `/detokenize`, as in vLLM. */

import type * as z from 'zod';
import { say } from '../../say.js';
import { startText, type Tokenizer } from '../../text/tokenizer.js';
import { chatTemplateOf, messagesOf } from './chat-template.js';
import { fieldError } from './request-body.js';
import type { tokenizeSchema } from './schemas.js';

/** The tokens of a prompt, without those of a learned prompt. */
export function tokenize(body: z.output<typeof tokenizeSchema>, tokenizer: Tokenizer, maxLength: number) {
  const tokens = tokensOf(body, tokenizer);
  return {
    count: tokens.length,
    max_model_len: maxLength,
    tokens,
    token_strs: body.return_token_strs ? tokens.map((id) => tokenizer.tokenOf(id)) : null,
  };
}

function tokensOf(
  { prompt, messages, tools, add_special_tokens, add_generation_prompt }: z.output<typeof tokenizeSchema>,
  tokenizer: Tokenizer,
): number[] {
  if (typeof prompt === 'string') {
    const ids = tokenizer.encode(prompt);
    return add_special_tokens === false ? ids : startText(tokenizer, ids);
  }
  if (!messages) throw fieldError('prompt', say`expected a text, or messages`);
  const template = chatTemplateOf(tokenizer);
  const options = { addGenerationPrompt: add_generation_prompt ?? true, tools: tools ?? undefined };
  return tokenizer.encode(template.format(messagesOf(messages, template), options));
}
