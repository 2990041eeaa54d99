/** @file The simplest tokenizer there is, for tests: a token is a byte of UTF-8, and 256 ends a text. */
import type { Tokenizer } from '../../src/data/tokenizer.js';

const endOfText = 256;

export const byteTokenizer: Tokenizer = {
  encode: (text) => Array.from(new TextEncoder().encode(text)),
  decode: (ids) =>
    new TextDecoder().decode(Uint8Array.from(Array.from(ids).filter((id) => id !== endOfText))),
  vocabSize: 257,
  eosTokenId: endOfText,
  tokenOf: (id) => String.fromCharCode(id),
  idOf: (token) => (token.length === 1 ? token.charCodeAt(0) : undefined),
};
