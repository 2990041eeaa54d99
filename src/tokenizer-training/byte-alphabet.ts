/** @file GPT-2's byte alphabet: every byte has a printable character, so that tokens can be written as text. */

/** Bytes that print as themselves, then all others: the order in which GPT-2 numbers its first 256 tokens. */
const printable = [...range(0x21, 0x7e), ...range(0xa1, 0xac), ...range(0xae, 0xff)];
const others = [...range(0, 0xff)].filter((byte) => !printable.includes(byte));

/** The byte of each of the first 256 token ids. */
export const byteOfId: readonly number[] = [...printable, ...others];

/** The character that represents each of the first 256 token ids. Unprintable bytes move to U+0100 and up. */
export const characterOfId: readonly string[] = byteOfId.map((byte, id) =>
  String.fromCharCode(id < printable.length ? byte : 0x100 + id - printable.length),
);

/** The token id of each byte. */
export const idOfByte: readonly number[] = [...range(0, 0xff)].map((byte) => byteOfId.indexOf(byte));

function* range(first: number, last: number): Generator<number> {
  for (let value = first; value <= last; value++) yield value;
}
