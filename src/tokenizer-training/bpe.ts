/**
 * @file Trains a byte-level BPE tokenizer like GPT-2's and writes it in the format of Hugging Face's tokenizer.json.
 */
import { UsageError } from '../errors.js';
import { say } from '../say.js';
import { characterOfId } from './byte-alphabet.js';
import { learnMerges } from './learn-merges.js';
import { countWords } from './word-table.js';

const byteCount = 256;

export interface TrainBpeOptions {
  /** The corpus, read once. Passed document by document, only its distinct words stay in memory. */
  texts: Iterable<string> | AsyncIterable<string>;
  /** Total number of tokens: 256 bytes, the merges, the special tokens. A small corpus may give fewer. */
  vocabSize: number;
  /** Special tokens take the highest ids, in this order. Default: `<|endoftext|>`. */
  specialTokens?: readonly string[];
  /** Maximum Chinese characters per token; 1 makes every character its own token. Default: 2, a common word length. */
  maxHanCharacters?: number;
  /** Called after every merge. */
  onProgress?: (progress: { merges: number; maxMerges: number }) => void;
  signal?: AbortSignal;
}

/** The content of tokenizer.json, as the tokenizers libraries for Rust, Python and JavaScript read it. */
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
 * Learns the merges of a byte-level BPE tokenizer from texts. Ids are in GPT-2's order: bytes, merges in the order
 * learned, special tokens. The most frequent pair is merged first, and of equally frequent pairs the one with lower
 * ids, so the same texts in any order give the same tokenizer. Unlike in GPT-2's, no token ends inside a character;
 * encoding and decoding are the same as GPT-2's.
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
      say`vocabSize is ${vocabSize}; expected a whole number of at least
        ${byteCount + specialTokens.length} (${byteCount} bytes and ${specialTokens.length}
        special tokens)`,
    );
  }
  const merges = await learnMerges({
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
 * The matching content of tokenizer_config.json, for a model whose one special token begins and ends texts.
 * @param maxLength the model's maximum positions (`n_positions`)
 */
export function tokenizerConfig(maxLength: number, endOfText = '<|endoftext|>') {
  return {
    add_prefix_space: false,
    bos_token: endOfText,
    // Otherwise decoders remove the space in "word ." and the decoded text differs from the original.
    clean_up_tokenization_spaces: false,
    eos_token: endOfText,
    model_max_length: maxLength,
    tokenizer_class: 'GPT2Tokenizer',
    unk_token: endOfText,
  };
}
