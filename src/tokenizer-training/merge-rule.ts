/**
 * @file Which pairs of tokens BPE training may join, so that every token consists of whole characters or is part of
 *   one.
 */

/** The properties of a token that the rule needs. */
export interface TokenShape {
  /** Bytes that its last character still lacks; 0 for whole characters; -1 for a continuation byte. */
  readonly missing: number;
  /** Chinese characters in it. */
  readonly han: number;
  readonly bytes: readonly number[];
}

export function shapeOfByte(byte: number): TokenShape {
  const missing = byte < 0x80 ? 0 : byte < 0xc0 ? -1 : byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
  return { missing, han: 0, bytes: [byte] };
}

/**
 * The shape of two joined tokens, or undefined if they must stay apart. The bytes of a character join from the left,
 * one by one; only whole characters join each other, with at most `maxHan` Chinese ones. Without the first rule, the
 * frequent pairs of Chinese text would be the end of one character and the start of the next; without the second, whole
 * clauses would become one token, as Chinese has no spaces.
 */
export function joinShapes(left: TokenShape, right: TokenShape, maxHan: number): TokenShape | undefined {
  if (left.missing > 0 ? right.missing !== -1 : left.missing < 0 || right.missing !== 0) return undefined;
  const bytes = [...left.bytes, ...right.bytes];
  if (left.missing > 0) {
    const missing = left.missing - 1;
    return { missing, han: missing === 0 && isHan(bytes) ? 1 : 0, bytes };
  }
  const han = left.han + right.han;
  return han > 0 && han > maxHan ? undefined : { missing: 0, han, bytes };
}

function isHan(bytes: readonly number[]): boolean {
  return /^\p{Script=Han}$/u.test(new TextDecoder().decode(Uint8Array.from(bytes)));
}
