/** @file The `model` of tokenizer.json: splits a word into tokens. */
import { say } from '../say.js';
import { bpe } from './bpe.js';
import type { Part } from './part.js';
import { unigram } from './unigram.js';
import { idOf, type Vocabulary, vocabularyOf } from './vocabulary.js';

export interface TokenModel {
  readonly vocabulary: Vocabulary;
  /** The ids of a word's tokens. */
  tokenize(word: string): number[];
}

/** @throws FileError naming the unknown or invalid part */
export function modelOf(part: Part): TokenModel {
  const type = part.has('type') ? part.type : olderType(part);
  switch (type) {
    case 'BPE':
      return bpe(part);
    case 'Unigram':
      return unigram(part);
    case 'WordPiece':
      return wordPiece(part);
    case 'WordLevel':
      return wordLevel(part);
    default:
      throw part.refuse('type', say`the model ${type} is not supported`);
  }
}

/** Files from before tokenizers 0.10 have no type; the library infers it from the fields. */
function olderType(part: Part): string {
  if (part.has('merges')) return 'BPE';
  if (Array.isArray(part.json.vocab)) return 'Unigram';
  return part.has('max_input_chars_per_word') ? 'WordPiece' : 'WordLevel';
}

/** Greedy longest match: the longest token that the word begins with, then the same for the rest; all or nothing. */
function wordPiece(part: Part): TokenModel {
  const vocabulary = vocabularyOf(part);
  const unknown = [idOf(vocabulary, part, 'unk_token', part.string('unk_token'))];
  const prefix = part.string('continuing_subword_prefix');
  const longest = part.count('max_input_chars_per_word');
  const { ids } = vocabulary;
  const tokenize = (word: string): number[] => {
    const characters = [...word];
    if (characters.length > longest) return unknown;
    const found: number[] = [];
    for (let start = 0; start < characters.length; ) {
      let end = characters.length;
      let id: number | undefined;
      for (; end > start && id === undefined; end--)
        id = ids.get((start > 0 ? prefix : '') + characters.slice(start, end).join(''));
      if (id === undefined) return unknown;
      found.push(id);
      start = end + 1;
    }
    return found;
  };
  return { vocabulary, tokenize };
}

function wordLevel(part: Part): TokenModel {
  const vocabulary = vocabularyOf(part);
  const unknown = idOf(vocabulary, part, 'unk_token', part.string('unk_token'));
  return { vocabulary, tokenize: (word) => [vocabulary.ids.get(word) ?? unknown] };
}
