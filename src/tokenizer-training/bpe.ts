/** @file Trains a byte-level BPE tokenizer, GPT-2's kind, and writes it as Hugging Face's tokenizer.json does. */
import { UsageError } from '../errors.js';
import { characterOfId } from './byte-alphabet.js';
import { learnMerges } from './learn-merges.js';
import { countWords } from './word-table.js';

const byteCount = 256;

export interface TrainBpeOptions {
  /** The corpus, read once; a document at a time keeps memory to its distinct words. */
  texts: Iterable<string> | AsyncIterable<string>;
  /** Tokens in all: 256 bytes, the merges, the special tokens. A small corpus may give fewer. */
  vocabSize: number;
  /** Take the highest ids, in this order. Default: `<|endoftext|>`. */
  specialTokens?: readonly string[];
  /** Chinese characters in one token at most; 1 makes every character a token of its own. Default: 2, a common word. */
  maxHanCharacters?: number;
  /** Called after every merge. */
  onProgress?: (progress: { merges: number; maxMerges: number }) => void;
  signal?: AbortSignal;
}

/** The content of tokenizer.json, as the tokenizers libraries of Rust, Python and JavaScript read it. */
export interface BpeTokenizerJson {
  version: '1.0';
  truncation: null;
  padding: null;
  added_tokens: AddedToken[];
  normalizer: null;
  pre_tokenizer: ByteLevel;
  post_processor: ByteLevel;
  decoder: ByteLevel;
  model: {
    type: 'BPE';
    dropout: null;
    unk_token: null;
    continuing_subword_prefix: null;
    end_of_word_suffix: null;
    fuse_unk: false;
    byte_fallback: false;
    ignore_merges: false;
    vocab: Record<string, number>;
    merges: string[];
  };
}

interface AddedToken {
  id: number;
  content: string;
  single_word: false;
  lstrip: false;
  rstrip: false;
  normalized: false;
  special: true;
}

interface ByteLevel {
  type: 'ByteLevel';
  add_prefix_space: false;
  trim_offsets: true;
  use_regex: true;
}

/**
 * Learns the merges of a byte-level BPE tokenizer from texts. Ids are laid out as GPT-2's: bytes, merges in the order
 * learned, special tokens. Pairs are joined by frequency, equals by lower ids, so the same texts give the same
 * tokenizer in any order. Unlike GPT-2's, a token is never a torn character; it encodes and decodes with GPT-2's own
 * code.
 *
 * @throws UsageError if `vocabSize` has no room for the bytes and the special tokens.
 */
export async function trainBpe(options: TrainBpeOptions): Promise<BpeTokenizerJson> {
  const {
    texts,
    vocabSize,
    specialTokens = ['<|endoftext|>'],
    maxHanCharacters = 2,
    onProgress,
    signal,
  } = options;
  const maxMerges = vocabSize - byteCount - specialTokens.length;
  if (!Number.isInteger(vocabSize) || maxMerges < 0) {
    throw new UsageError(
      `vocabSize is ${vocabSize}; expected a whole number of at least ${byteCount + specialTokens.length} ` +
        `(${byteCount} bytes and ${specialTokens.length} special tokens)`,
    );
  }
  const merges = learnMerges({
    words: await countWords(texts, specialTokens, signal),
    maxMerges,
    maxHan: maxHanCharacters,
    onMerge: onProgress && ((done) => onProgress({ merges: done, maxMerges })),
    signal,
  });

  const tokens = [...characterOfId];
  for (const [left, right] of merges) tokens.push(tokens[left]! + tokens[right]!);
  return tokenizerJson(
    tokens,
    merges.map(([left, right]) => `${tokens[left]} ${tokens[right]}`),
    specialTokens,
  );
}

function tokenizerJson(
  tokens: readonly string[],
  merges: string[],
  specialTokens: readonly string[],
): BpeTokenizerJson {
  const byteLevel: ByteLevel = {
    type: 'ByteLevel',
    add_prefix_space: false,
    trim_offsets: true,
    use_regex: true,
  };
  const withSpecials = [...tokens, ...specialTokens];
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specialTokens.map((content, i) => ({
      id: tokens.length + i,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: byteLevel,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(withSpecials.map((token, id) => [token, id])),
      merges,
    },
  };
}

/**
 * The content of tokenizer_config.json beside it, for a model with one special token that starts and ends texts.
 * @param maxLength The model's positions (`n_positions`).
 */
export function tokenizerConfig(maxLength: number, endOfText = '<|endoftext|>') {
  return {
    add_prefix_space: false,
    bos_token: endOfText,
    // Or decoders take the space out of "word ." and the text does not come back as it was.
    clean_up_tokenization_spaces: false,
    eos_token: endOfText,
    model_max_length: maxLength,
    tokenizer_class: 'GPT2Tokenizer',
    unk_token: endOfText,
  };
}
