/**
 * @file Tokens and their ids, checked when they are read: duplicates and invalid ids are errors that name the token.
 */
import { FileError } from '../errors.js';
import type { JsonObject } from '../formats/json.js';
import { say } from '../say.js';
import { isCount, type Part } from './part.js';

export interface Vocabulary {
  readonly ids: ReadonlyMap<string, number>;
  /** By id. */
  readonly tokens: readonly (string | undefined)[];
  /** The number of tokens; with gaps between the ids it is less than the largest id + 1. */
  readonly size: number;
}

/** @throws FileError naming the token whose id is invalid, a duplicate, or far beyond the number of tokens */
export function readVocabulary(json: JsonObject, path: string, place?: string): Vocabulary {
  const ids = new Map<string, number>();
  const tokens: (string | undefined)[] = [];
  const names = Object.keys(json);
  const wrong = (token: string, problem: string) =>
    new FileError(path, say`${place ? `${place}, ` : ''}token ${JSON.stringify(token)}`, problem);
  for (const token of names) {
    const id = json[token];
    // Some gaps are fine; ids far beyond the size would only make a huge table.
    if (!isCount(id) || id >= 2 * names.length + 256)
      throw wrong(token, say`expected a token id near 0 to ${names.length - 1}, found ${JSON.stringify(id)}`);
    const other = tokens[id];
    if (other !== undefined)
      throw wrong(token, say`has the id ${id}, which ${JSON.stringify(other)} has too`);
    ids.set(token, id);
    tokens[id] = token;
  }
  return { ids, tokens, size: names.length };
}

/** The `vocab` of a model part, `{token: id}`. */
export function vocabularyOf(part: Part): Vocabulary {
  return readVocabulary(part.part('vocab').json, part.path, `${part.place}.vocab`);
}

/** The id of a token that must exist. */
export function idOf({ ids }: Vocabulary, part: Part, name: string, token: string): number {
  const id = ids.get(token);
  if (id !== undefined) return id;
  throw part.refuse(name, say`${JSON.stringify(token)} is not in the vocabulary`);
}

/** The ids of `<0x00>` to `<0xFF>`. */
export function byteTokens(ids: ReadonlyMap<string, number>): (number | undefined)[] {
  const name = (byte: number) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
  return Array.from({ length: 256 }, (_, byte) => ids.get(name(byte)));
}
