/** @file Byte-level tokenizers for tests, the simplest there are. */

import type { Decode } from '../../src/text/text-stream.js';
import type { Tokenizer } from '../../src/text/tokenizer.js';

export type Bytes = readonly number[];

/** Decodes tokens of which i stands for the bytes `tokens[i]`, whether or not they are characters. */
export function byteDecode(tokens: readonly Bytes[]): Decode {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return (ids) => {
    if (ids.length === 0) throw new Error('real tokenizers refuse to decode nothing');
    return decoder.decode(Uint8Array.from(ids.flatMap((id) => tokens[id]!)));
  };
}

/** Cuts bytes into tokens at `lengths`, over and over; a length of 0 is a token without bytes. */
export function cutBytes(bytes: Bytes, lengths: readonly number[]): Bytes[] {
  const tokens: Bytes[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = lengths[i % lengths.length]!;
    tokens.push(bytes.slice(at, at + length));
    at += length;
  }
  return tokens;
}

const endOfText = 256;
const decode = byteDecode([...Array.from({ length: 256 }, (_, byte) => [byte]), []]);

/** A token is a byte of UTF-8, and 256 ends a text. */
export const byteTokenizer: Tokenizer = {
  encode: (text) => Array.from(new TextEncoder().encode(text)),
  decode: (ids) => decode(Array.from(ids)),
  vocabSize: 257,
  eosTokenId: endOfText,
  tokenOf: (id) => String.fromCharCode(id),
  idOf: (token) => (token.length === 1 ? token.charCodeAt(0) : undefined),
};
