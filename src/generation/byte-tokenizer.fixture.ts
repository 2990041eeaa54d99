/** @file A byte-level tokenizer for tests: token i stands for the bytes `tokens[i]`, whether or not they are characters. */
import type { Decode } from './text-stream.js';

export type Bytes = readonly number[];

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
