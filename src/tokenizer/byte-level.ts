/** @file GPT-2's spelling of bytes as visible characters: printable Latin-1 as it is, the others from U+0100. */

const characterOf: readonly string[] = alphabet();
const byteOf: ReadonlyMap<string, number> = new Map(characterOf.map((character, byte) => [character, byte]));

function alphabet(): string[] {
  const isVisible = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isVisible(byte) ? byte : next++));
}

const encoder = new TextEncoder();

/** Spells the UTF-8 bytes of a text, one character per byte. */
export function spellBytes(text: string): string {
  let spelled = '';
  for (const byte of encoder.encode(text)) spelled += characterOf[byte];
  return spelled;
}

/** The bytes that a token spells, or its own UTF-8 if it has a character that spells none. */
export function bytesOfToken(token: string): number[] | Uint8Array {
  const bytes: number[] = [];
  for (const character of token) {
    const byte = byteOf.get(character);
    if (byte === undefined) return encoder.encode(token);
    bytes.push(byte);
  }
  return bytes;
}
