/** @file The tokens that end generated text. */
import { modelEnds } from '../models/end-tokens.js';
import type { LanguageModel } from '../models/model.js';
import { chatFormatOf } from '../text/chat.js';
import type { Tokenizer } from '../text/tokenizer.js';

export interface EndedRow {
  /** Whether an adapter is used. */
  readonly isLearned: boolean;
  /** Whether the row is an assistant's turn in a conversation. */
  readonly isTurn: boolean;
}

/**
 * The tokens that end a row: those in the model's files, as in transformers; with an adapter also the tokenizer's end
 * of text, which training teaches (Trainer aligns the two); in a conversation also the chat template's end of turn.
 */
export function endTokensOf(model: LanguageModel, tokenizer: Tokenizer): (row: EndedRow) => number[] {
  const own = modelEnds(model.source);
  let turn: number | undefined;
  let isTurnKnown = false;
  return ({ isLearned, isTurn }) => {
    if (isTurn && !isTurnKnown) {
      turn = chatFormatOf(tokenizer).endTokenId;
      isTurnKnown = true;
    }
    const ids = new Set([...own, isLearned ? tokenizer.eosTokenId : undefined, isTurn ? turn : undefined]);
    return [...ids].filter((id) => id !== undefined && id < model.config.vocabSize) as number[];
  };
}
