/** @file Which tokens end what a model writes. */
import { modelEnds } from '../models/end-tokens.js';
import type { LanguageModel } from '../models/model.js';
import { chatFormatOf } from '../text/chat.js';
import type { Tokenizer } from '../text/tokenizer.js';

export interface EndedRow {
  /** Whether a learned prompt or other adapter writes it. */
  readonly isLearned: boolean;
  /** Whether it is an assistant's turn of a conversation. */
  readonly isTurn: boolean;
}

/**
 * The tokens that end a row: those of the model's own files, as in transformers; of an adapter the tokenizer's end of
 * text as well, which training teaches (Trainer aligns the two); and of a conversation what ends a turn in the chat
 * template.
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
