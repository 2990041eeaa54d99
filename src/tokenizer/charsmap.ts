/** @file SentencePiece's table of replacements, the `precompiled_charsmap` of a Precompiled normalizer. */

/**
 * Reads the table: the size of a trie in bytes, the trie as a double array of 32-bit units (darts-clone), and the
 * replacements, each terminated by a zero byte.
 * @returns a function that gives the replacement of a piece of text, or undefined if there is none
 */
export function readCharsmap(base64: string): (piece: string) => string | undefined {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const trieSize = bytes.length >= 4 ? view.getUint32(0, true) : Number.POSITIVE_INFINITY;
  if (4 + trieSize > bytes.length) throw new RangeError('its trie does not fit into it');
  const units = Array.from({ length: trieSize / 4 }, (_, i) => view.getUint32(4 + 4 * i, true));
  const replacements = bytes.subarray(4 + trieSize);
  const [encoder, decoder] = [new TextEncoder(), new TextDecoder('utf-8', { ignoreBOM: true })];
  const offsetOf = (unit: number) => (unit >>> 10) << ((unit & 0x200) >>> 6);
  const find = (piece: string): string | undefined => {
    let at = offsetOf(units[0] ?? 0);
    for (const byte of encoder.encode(piece)) {
      if (byte === 0) return undefined;
      at ^= byte;
      const unit = units[at] ?? 0;
      if ((unit & 0x800000ff) >>> 0 !== byte) return undefined;
      at ^= offsetOf(unit);
      if ((unit & 0x100) === 0) continue; // no key ends here
      // The library takes the first key that is a prefix of the piece, however long the piece is.
      const start = (units[at] ?? 0) & 0x7fffffff;
      const end = replacements.indexOf(0, start);
      return decoder.decode(replacements.subarray(start, end < 0 ? replacements.length : end));
    }
    return undefined;
  };
  const known = new Map<string, string | undefined>();
  return (piece) => {
    if (known.has(piece)) return known.get(piece);
    const found = find(piece);
    if (known.size < 1 << 16) known.set(piece, found);
    return found;
  };
}
