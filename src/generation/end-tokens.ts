/** @file Which tokens end what a model writes: all that its files name, wherever they name them. */
import { modelEnds } from '../models/end-tokens.js';
import type { LanguageModel } from '../models/model.js';
import { chatFormatOf } from '../text/chat.js';
import type { Tokenizer } from '../text/tokenizer.js';

/**
 * Every token that ends a row: those of the model's files; the tokenizer's end of text, which is what training teaches;
 * and what ends a turn in the chat template. The same for texts and conversations, so that a batch may have both.
 */
export function endTokensOf({ source, config }: LanguageModel, tokenizer: Tokenizer): number[] {
  const ids = new Set([...modelEnds(source), tokenizer.eosTokenId, turnEnd(tokenizer)]);
  return [...ids].filter((id) => id !== undefined && id < config.vocabSize) as number[];
}

/** A template that cannot be read is told to those who chat; texts have no need of it. */
function turnEnd(tokenizer: Tokenizer): number | undefined {
  if (tokenizer.chatTemplate === undefined) return undefined;
  try {
    return chatFormatOf(tokenizer).endTokenId;
  } catch {
    return undefined;
  }
}
