/**
 * @file Tokenizers as the classes of transformers 5.18 build them: from a vocabulary, with their own normalizer,
 *   pre-tokenizer and decoder, whatever tokenizer.json says.
 */
import type { JsonObject } from '../formats/json.js';
import type { SpecialNames } from './tokenizer-classes.js';

/** The inputs of a tokenizer class. */
export interface ClassInputs {
  /** The model of tokenizer.json, or one made from older vocabulary files. */
  readonly model: JsonObject;
  readonly normalizer?: unknown;
  /** tokenizer_config.json */
  readonly settings: JsonObject;
  readonly names: SpecialNames;
}

export interface ClassTokenizer {
  /**
   * Whether the class can build the kind of tokenizer that a tokenizer.json describes. A file of another kind was not
   * made for the class and is used as it is.
   */
  suits(json: JsonObject): boolean;
  /** The parts of tokenizer.json except the added tokens and the post-processor. */
  build(inputs: ClassInputs): JsonObject;
  /**
   * The post-processor that replaces the one of tokenizer.json, once all tokens have ids. Default: the file's is kept.
   */
  around?(names: SpecialNames, idOf: IdOf): JsonObject;
  /** Whether the post-processor of tokenizer.json is dropped. */
  readonly addsNothing?: boolean;
  /** Whether all special tokens are finally added again without flags such as `lstrip`. */
  readonly addsPlainly?: boolean;
}

type IdOf = (token: string) => number | undefined;

const isByteLevel = ({ normalizer, pre_tokenizer, decoder }: JsonObject) =>
  mentions([normalizer, pre_tokenizer, decoder], 'ByteLevel');
const marksSpaces = ({ normalizer, pre_tokenizer, decoder }: JsonObject) =>
  mentions([normalizer, pre_tokenizer, decoder], '▁');
const mentions = (parts: unknown, text: string) => JSON.stringify(parts).includes(JSON.stringify(text));
const modelIn = (json: JsonObject) => (json.model ?? {}) as JsonObject;
const isBpe = (json: JsonObject) => modelIn(json).merges !== undefined;

const byteLevel = (add_prefix_space: boolean, use_regex: boolean) => ({
  type: 'ByteLevel',
  add_prefix_space,
  use_regex,
});
const plainBpe = ({ vocab, merges }: JsonObject) => ({ type: 'BPE', vocab, merges });

/** GPT-2's pre-tokenizer and decoder, with the class's normalizer if it has one. */
const gpt2Like = (normalizer: JsonObject | null = null): ClassTokenizer => ({
  suits: (json) => isBpe(json) && isByteLevel(json),
  build: ({ model, settings }) => ({
    normalizer,
    pre_tokenizer: byteLevel(settings.add_prefix_space === true, true),
    decoder: byteLevel(true, true),
    model: plainBpe(model),
  }),
});
const gpt2 = gpt2Like();

const marker = (names: SpecialNames, name: string, idOf: IdOf) => {
  const token = names[name] ?? '';
  return [token, idOf(token)] as const;
};

const roberta: ClassTokenizer = {
  ...gpt2,
  around: (names, idOf) => ({
    type: 'RobertaProcessing',
    sep: marker(names, 'sep_token', idOf),
    cls: marker(names, 'cls_token', idOf),
  }),
};

const gptNeoX: ClassTokenizer = { ...gpt2Like({ type: 'NFC' }), addsNothing: true };

const qwenPattern = String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;

const qwen2: ClassTokenizer = {
  suits: gpt2.suits,
  addsPlainly: true,
  build: ({ model, settings }) => ({
    normalizer: { type: 'NFC' },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: qwenPattern }, behavior: 'Isolated', invert: false },
        byteLevel(settings.add_prefix_space === true, false),
      ],
    },
    decoder: byteLevel(true, true),
    model: plainBpe(model),
  }),
};

const toMark = { type: 'Replace', pattern: { String: ' ' }, content: '▁' };
const toSpace = { type: 'Replace', pattern: { String: '▁' }, content: ' ' };
const fromBytes = [toSpace, { type: 'ByteFallback' }, { type: 'Fuse' }];

const llama: ClassTokenizer = {
  suits: (json) => isBpe(json) && !isByteLevel(json) && marksSpaces(json),
  build: ({ model, settings }) => {
    const begins = settings.add_prefix_space !== false;
    const prepend_scheme = begins ? (settings.legacy === true ? 'always' : 'first') : 'never';
    const strip = { type: 'Strip', content: ' ', start: 1, stop: 0 };
    return {
      normalizer: null,
      pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme, split: false },
      decoder: { type: 'Sequence', decoders: begins ? [...fromBytes, strip] : fromBytes },
      model: { ...plainBpe(model), fuse_unk: true, byte_fallback: true },
    };
  },
};

const gemma: ClassTokenizer = {
  suits: llama.suits,
  build: ({ model, names }) => ({
    normalizer: toMark,
    pre_tokenizer: {
      type: 'Split',
      pattern: { String: ' ' },
      behavior: 'MergedWithPrevious',
      invert: false,
    },
    decoder: { type: 'Sequence', decoders: fromBytes },
    model: { ...plainBpe(model), unk_token: names.unk_token, fuse_unk: true, byte_fallback: true },
  }),
};

const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true };

const t5: ClassTokenizer = {
  suits: (json) => Array.isArray(modelIn(json).vocab),
  build: ({ model, normalizer }) => ({
    normalizer: precompiledIn(normalizer) ?? null,
    pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, metaspace] },
    decoder: metaspace,
    model: { type: 'Unigram', vocab: model.vocab, unk_id: 2, byte_fallback: false },
  }),
  around: (names, idOf) => {
    const text = (id: string) => ({ Sequence: { id, type_id: 0 } });
    const end = { SpecialToken: { id: '</s>', type_id: 0 } };
    const [token, id] = marker(names, 'eos_token', idOf);
    return {
      type: 'TemplateProcessing',
      single: [text('A'), end],
      pair: [text('A'), end, text('B'), end],
      special_tokens: { '</s>': { id: '</s>', ids: [id], tokens: [token] } },
    };
  },
};

/** Of a file's normalizers, only SentencePiece's table is kept. */
function precompiledIn(normalizer: unknown): JsonObject | undefined {
  const { type, normalizers } = (normalizer ?? {}) as JsonObject;
  if (type === 'Precompiled') return normalizer as JsonObject;
  return Array.isArray(normalizers) ? normalizers.find((part) => part?.type === 'Precompiled') : undefined;
}

const bert: ClassTokenizer = {
  suits: (json) => modelIn(json).type === 'WordPiece' || modelIn(json).max_input_chars_per_word !== undefined,
  build: ({ model, settings, names }) => ({
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: settings.tokenize_chinese_chars !== false,
      strip_accents: typeof settings.strip_accents === 'boolean' ? settings.strip_accents : null,
      lowercase: settings.do_lower_case !== false,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      vocab: model.vocab,
      unk_token: names.unk_token,
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
    },
  }),
  around: (names, idOf) => ({
    type: 'BertProcessing',
    sep: marker(names, 'sep_token', idOf),
    cls: marker(names, 'cls_token', idOf),
  }),
};

const classTokenizers: Readonly<Record<string, ClassTokenizer>> = {
  BertTokenizer: bert,
  CodeGenTokenizer: gpt2,
  DistilBertTokenizer: bert,
  GPT2Tokenizer: gpt2,
  GPTNeoXTokenizer: gptNeoX,
  GemmaTokenizer: gemma,
  LlamaTokenizer: llama,
  Qwen2Tokenizer: qwen2,
  RobertaTokenizer: roberta,
  T5Tokenizer: t5,
};

/** How a class builds its tokenizers; undefined for a class that uses tokenizer.json as it is. */
export function classTokenizer(name: string): ClassTokenizer | undefined {
  return Object.hasOwn(classTokenizers, name) ? classTokenizers[name] : undefined;
}
