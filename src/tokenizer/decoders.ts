/** @file The `decoder` of tokenizer.json: turns tokens back into text. */
import { say } from '../say.js';
import { bytesOfToken } from './byte-level.js';
import { patternOf, replaceMatches } from './matches.js';
import type { Part } from './part.js';
import { prependSchemeOf } from './pre-tokenizers.js';

/** Maps tokens to stretches of text; the text is all of them joined. */
export type Decoder = (tokens: readonly string[]) => readonly string[];

/** @throws FileError naming the part that is unknown or wrong */
export function decoderOf(part: Part): Decoder {
  switch (part.type) {
    case 'Sequence': {
      const decoders = part.parts('decoders').map(decoderOf);
      return (tokens) => decoders.reduce((decoded, next) => next(decoded), tokens);
    }
    case 'ByteLevel':
      return (tokens) => [
        fromBytes.decode(Uint8Array.from(tokens.flatMap((token) => [...bytesOfToken(token)]))),
      ];
    case 'ByteFallback':
      return byteFallback;
    case 'Fuse':
      return (tokens) => [tokens.join('')];
    case 'Metaspace':
      return metaspace(part);
    case 'Replace': {
      const [pattern, content] = [patternOf(part), part.string('content')];
      return (tokens) => tokens.map((token) => replaceMatches(pattern, token, content));
    }
    case 'Strip':
      return strip(part);
    case 'WordPiece':
      return wordPiece(part);
    case 'BPEDecoder': {
      const suffix = part.string('suffix');
      const spaced = (token: string, isLast: boolean) => token.split(suffix).join(isLast ? '' : ' ');
      return (tokens) => tokens.map((token, i) => spaced(token, i === tokens.length - 1));
    }
    case 'CTC':
      return ctc(part);
    default:
      throw part.refuse('type', say`the decoder ${part.type} is not supported`);
  }
}

const fromBytes = new TextDecoder('utf-8', { ignoreBOM: true });
const strictly = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** The byte of a token like `<0x0A>`. */
export function byteOfToken(token: string): number | undefined {
  const hex = /^<0x([\da-fA-F]{2}|\+[\da-fA-F])>$/.exec(token)?.[1];
  return hex === undefined ? undefined : Number.parseInt(hex, 16);
}

/** Adjacent byte tokens are decoded together; if they are not valid UTF-8, each byte becomes U+FFFD. */
const byteFallback: Decoder = (tokens) => {
  const decoded: string[] = [];
  let bytes: number[] = [];
  const flush = () => {
    if (bytes.length === 0) return;
    try {
      decoded.push(strictly.decode(Uint8Array.from(bytes)));
    } catch {
      decoded.push(...bytes.map(() => '\uFFFD'));
    }
    bytes = [];
  };
  for (const token of tokens) {
    const byte = byteOfToken(token);
    if (byte !== undefined) {
      bytes.push(byte);
      continue;
    }
    flush();
    decoded.push(token);
  }
  flush();
  return decoded;
};

function metaspace(part: Part): Decoder {
  const mark = part.character('replacement');
  const begins = prependSchemeOf(part) !== 'never';
  return (tokens) => tokens.map((token, i) => token.split(mark).join(i === 0 && begins ? '' : ' '));
}

function strip(part: Part): Decoder {
  const content = part.character('content');
  const [start, stop] = [part.count('start'), part.count('stop')];
  return (tokens) =>
    tokens.map((token) => {
      const characters = [...token];
      let from = 0;
      while (from < Math.min(start, characters.length) && characters[from] === content) from++;
      let to = characters.length;
      while (characters.length - to < stop && to > from && characters[to - 1] === content) to--;
      return characters.slice(from, to).join('');
    });
}

function wordPiece(part: Part): Decoder {
  const prefix = part.string('prefix');
  const cleans = part.boolean('cleanup');
  const spaced = (token: string) => (token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`);
  return (tokens) =>
    tokens.map((token, i) => {
      const text = i === 0 ? token : spaced(token);
      return cleans ? cleanUpToken(text) : text;
    });
}

function ctc(part: Part): Decoder {
  const [pad, delimiter] = [part.string('pad_token'), part.string('word_delimiter_token')];
  const cleans = part.boolean('cleanup');
  return (tokens) =>
    tokens
      .filter((token, i) => token !== tokens[i - 1])
      .map((token) => {
        const text = token.split(pad).join('');
        return cleans ? cleanUpToken(text).split(delimiter).join(' ') : text;
      })
      .filter((text) => text !== '');
}

const cleanups: readonly (readonly [string, string])[] = [
  [' .', '.'],
  [' ?', '?'],
  [' !', '!'],
  [' ,', ','],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
];

const withDo: typeof cleanups = [...cleanups.slice(0, 7), [' do not', " don't"], ...cleanups.slice(7)];

const replaced = (text: string, pairs: typeof cleanups) =>
  pairs.reduce((cleaned, [from, to]) => cleaned.replaceAll(from, to), text);

/** Removes spaces before punctuation and English contractions, as transformers does for a whole text. */
export const cleanUp = (text: string): string => replaced(text, cleanups);

/** As the decoders do it: they contract "do not" as well. */
const cleanUpToken = (text: string) => replaced(text, withDo);
