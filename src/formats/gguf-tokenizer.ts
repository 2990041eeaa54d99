/** @file The tokenizer of a GGUF file as an equivalent tokenizer.json and tokenizer_config.json. */
import { FileError } from '../errors.js';
import { say } from '../say.js';
import type { GgufFile, GgufValue } from './gguf.js';
import { specialTokensOf, tokenTypes } from './gguf-special-tokens.js';
import type { JsonObject } from './json.js';

const split = (pattern: string) => ({
  type: 'Split',
  pattern: { Regex: pattern },
  behavior: 'Isolated',
  invert: false,
});

/** Bytes as tokens. `use_regex` first splits by GPT-2's pattern. */
const byteLevel = (use_regex: boolean) => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: true,
  use_regex,
});

/** Splits words as GPT-2 does. Text that it does not match is left alone. */
const gpt2Pattern = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)`;

/** Splits words as Llama 3 and Qwen 2 do, which differ in how many digits make a word. */
const wordPattern = (digits: string) =>
  String.raw`(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|${digits}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;

const gpt2 = [byteLevel(true)];
const digitsApart = [split(String.raw`\p{N}`), byteLevel(true)];
const llama3 = [split(wordPattern(String.raw`\p{N}{1,3}`)), byteLevel(false)];
const qwen2 = [split(wordPattern(String.raw`\p{N}`)), byteLevel(false)];

/** How text is split before merging, by tokenizer.ggml.pre as defined by llama.cpp. */
const preTokenizers: Readonly<Record<string, readonly JsonObject[]>> = {
  default: [
    split(String.raw`[\p{P}\$\+<=>\^~\|]+`),
    split(gpt2Pattern),
    split(String.raw`\p{N}+`),
    split('[0-9][0-9][0-9]'),
    byteLevel(false),
  ],
  falcon: [
    split('[\\p{P}\\$\\+<=>\\^~\\|`]+'),
    split(gpt2Pattern),
    split('[0-9][0-9][0-9]'),
    byteLevel(false),
  ],
  'gpt-2': gpt2,
  mpt: gpt2,
  'phi-2': gpt2,
  olmo: gpt2,
  smollm: digitsApart,
  starcoder: digitsApart,
  refact: digitsApart,
  'command-r': digitsApart,
  'llama-bpe': llama3,
  'llama-v3': llama3,
  llama3: llama3,
  'smaug-bpe': llama3,
  dbrx: llama3,
  qwen2,
  'deepseek-r1-qwen': qwen2,
  stablelm2: qwen2,
};

/** Pre-tokenizers whose words skip merging if the vocabulary has them whole. */
const wholeWords: ReadonlySet<unknown> = new Set(['llama-bpe', 'llama-v3', 'llama3', 'smaug-bpe']);

/**
 * llama.cpp's name for the way in which a byte-level tokenizer.json splits text before merging.
 * @throws FileError if it has no name for it
 */
export function preTokenizerName(json: JsonObject, path: string): string {
  const { pre_tokenizer: pre, model } = json as { pre_tokenizer?: JsonObject; model: JsonObject };
  const parts = pre?.type === 'Sequence' ? (pre.pretokenizers as JsonObject[]) : [pre ?? {}];
  const ignoresMerges = model.ignore_merges === true;
  const found = Object.entries(preTokenizers).find(
    ([name, known]) => wholeWords.has(name) === ignoresMerges && steps(known) === steps(parts),
  );
  if (found) return found[0];
  throw new FileError(
    path,
    'pre_tokenizer',
    say`llama.cpp has no name for this way to split text that is known here`,
  );
}

/** The steps of a pre-tokenizer that change its words, in a normal form. */
function steps(parts: readonly JsonObject[]): string {
  return JSON.stringify(
    parts.map(
      ({
        type,
        pattern,
        behavior,
        invert = false,
        individual_digits,
        add_prefix_space,
        use_regex = true,
      }) => {
        if (type === 'ByteLevel') return [type, add_prefix_space ?? true, use_regex];
        if (type === 'Digits' && individual_digits === true)
          return ['Split', { Regex: '\\p{N}' }, 'Isolated', false];
        return [type, pattern, behavior, invert];
      },
    ),
  );
}

/**
 * The tokenizer's files by name. The chat template is in tokenizer_config.json.
 * @throws FileError naming the key of the metadata that is missing, wrong, or unsupported
 */
export function tokenizerFilesOf(file: GgufFile): Record<string, JsonObject> {
  const table = readTable(file);
  const vocab: Record<string, number> = Object.create(null);
  for (const [token, id] of table.ids) vocab[token] = id;
  const isSentencePiece = table.model === 'llama';
  const addsBos = table.addsBos ?? (isSentencePiece || wholeWords.has(table.pre));
  const { bos_token: bos, eos_token: eos } = table.special;
  const around = [addsBos ? bos : null, table.addsEos ? eos : null] as const;
  const json: JsonObject = {
    version: '1.0',
    added_tokens: addedTokens(table),
    ...(isSentencePiece ? sentencePiece(file, table, vocab) : byteLevelBpe(file, table, vocab)),
    post_processor: aroundEach(
      ...around.map((token) => (token === null ? undefined : { token, id: vocab[token]! })),
    ),
  };
  // Makes transformers use tokenizer.json instead of building a tokenizer from the model's type.
  const tokenizer_class = 'PreTrainedTokenizerFast';
  const config: JsonObject = {
    tokenizer_class,
    ...table.special,
    add_bos_token: addsBos,
    add_eos_token: table.addsEos,
  };
  const template = file.metadata.get('tokenizer.chat_template');
  const forTools = file.metadata.get('tokenizer.chat_template.tool_use');
  if (typeof template === 'string') config.chat_template = template;
  if (typeof template === 'string' && typeof forTools === 'string')
    config.chat_template = [
      { name: 'default', template },
      { name: 'tool_use', template: forTools },
    ];
  return { 'tokenizer.json': json, 'tokenizer_config.json': config };
}

interface Table {
  readonly model: 'gpt2' | 'llama';
  readonly pre: GgufValue;
  readonly tokens: readonly string[];
  readonly ids: ReadonlyMap<string, number>;
  readonly types: readonly (number | undefined)[];
  readonly addsBos?: boolean;
  readonly addsEos: boolean;
  /** By transformers' names; null if the file does not name one. */
  readonly special: Readonly<Record<string, string | null>> &
    Readonly<Record<'bos_token' | 'eos_token' | 'unk_token', string | null>>;
}

const prefix = 'tokenizer.ggml';

function readTable(file: GgufFile): Table {
  const { metadata } = file;
  const model = metadata.get(`${prefix}.model`);
  if (model !== 'gpt2' && model !== 'llama') {
    const problem = model === undefined ? say`the file has no tokenizer` : say`"${model}" is not supported`;
    throw new FileError(
      file.path,
      `${prefix}.model`,
      say`${problem}; expected gpt2 (BPE) or llama (SentencePiece)`,
    );
  }
  const tokens = listOf(file, 'tokens', 'string') as string[];
  const ids = new Map<string, number>();
  for (const [id, token] of tokens.entries()) {
    if (token === '') continue; // a gap, as some vocabularies are padded with
    if (ids.has(token)) {
      const problem = say`the tokens ${ids.get(token)} and ${id} are both ${JSON.stringify(token)}`;
      throw new FileError(file.path, `${prefix}.tokens`, problem);
    }
    ids.set(token, id);
  }
  const fileTypes = metadata.has(`${prefix}.token_type`)
    ? (listOf(file, 'token_type', 'number') as number[])
    : [];
  const named = (key: string) => metadata.get(`${prefix}.${key}_token_id`);
  const tokenOf = (key: string) => {
    const id = metadata.get(`${prefix}.${key}`);
    if (id === undefined) return null;
    const token = typeof id === 'number' ? tokens[id] : undefined;
    if (token !== undefined) return token;
    throw new FileError(
      file.path,
      `${prefix}.${key}`,
      say`${id} is not the id of one of the ${tokens.length} tokens`,
    );
  };
  const addsBos = metadata.get(`${prefix}.add_bos_token`);
  return {
    model,
    pre: metadata.get(`${prefix}.pre`) ?? 'default',
    tokens,
    ids,
    types: specialTokensOf(ids, fileTypes, named).types,
    addsBos: typeof addsBos === 'boolean' ? addsBos : undefined,
    addsEos: metadata.get(`${prefix}.add_eos_token`) === true,
    special: {
      bos_token: tokenOf('bos_token_id'),
      eos_token: tokenOf('eos_token_id'),
      unk_token: tokenOf('unknown_token_id'),
      pad_token: tokenOf('padding_token_id'),
      sep_token: tokenOf('seperator_token_id') ?? tokenOf('separator_token_id'), // llama.cpp's spelling
      cls_token: tokenOf('cls_token_id'),
      mask_token: tokenOf('mask_token_id'),
    },
  };
}

function listOf(file: GgufFile, name: string, kind: 'string' | 'number'): readonly GgufValue[] {
  const key = `${prefix}.${name}`;
  const value = file.metadata.get(key);
  if (Array.isArray(value) && value.every((item) => typeof item === kind)) return value;
  throw new FileError(file.path, key, say`expected a list of ${kind}s in the metadata`);
}

function addedTokens({ tokens, types }: Table): JsonObject[] {
  const { unknown, control, userDefined } = tokenTypes;
  const added: JsonObject[] = [];
  for (const [id, content] of tokens.entries()) {
    const type = types[id];
    if (type !== control && type !== userDefined && type !== unknown) continue;
    const special = type !== userDefined;
    if (content === '') continue;
    added.push({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special });
  }
  return added;
}

function byteLevelBpe(file: GgufFile, { pre }: Table, vocab: Record<string, number>): JsonObject {
  const known = typeof pre === 'string' && Object.hasOwn(preTokenizers, pre) ? preTokenizers[pre] : undefined;
  if (!known) {
    const names = Object.keys(preTokenizers).join(', ');
    throw new FileError(file.path, `${prefix}.pre`, say`"${pre}" is not supported (${names})`);
  }
  const merges = (listOf(file, 'merges', 'string') as string[]).map((merge, i) => {
    const space = merge.indexOf(' ', 1);
    const pair = [merge.slice(0, space), merge.slice(space + 1)] as const;
    if (space < 0 || vocab[pair[0] + pair[1]] === undefined) {
      const problem = say`merge ${i + 1}, ${JSON.stringify(merge)}, does not give a token of the vocabulary`;
      throw new FileError(file.path, `${prefix}.merges`, problem);
    }
    return pair;
  });
  return {
    normalizer: null,
    pre_tokenizer: { type: 'Sequence', pretokenizers: known },
    decoder: byteLevel(true),
    model: { type: 'BPE', vocab, merges, ignore_merges: wholeWords.has(pre) },
  };
}

/** SentencePiece's BPE: among pairs that form a token, the one with the best score is merged first. */
function sentencePiece(
  file: GgufFile,
  { tokens, special }: Table,
  vocab: Record<string, number>,
): JsonObject {
  const scores = listOf(file, 'scores', 'number') as number[];
  const merges: { left: string; right: string; score: number }[] = [];
  for (const [id, token] of tokens.entries()) {
    const pairs: { left: string; right: string; score: number }[] = [];
    const characters = [...token];
    for (let i = 1; i < characters.length; i++) {
      const left = characters.slice(0, i).join('');
      const right = characters.slice(i).join('');
      if (vocab[left] === undefined || vocab[right] === undefined) continue;
      pairs.push({ left, right, score: scores[id] ?? 0 });
    }
    merges.push(
      ...pairs.sort((a, b) => vocab[a.left]! - vocab[b.left]! || vocab[a.right]! - vocab[b.right]!),
    );
  }
  merges.sort((a, b) => b.score - a.score);

  const spacePrefix = file.metadata.get(`${prefix}.add_space_prefix`) ?? true;
  const toMark = { type: 'Replace', pattern: { String: ' ' }, content: '▁' };
  const toSpace = { type: 'Replace', pattern: { String: '▁' }, content: ' ' };
  const decoders = [toSpace, { type: 'ByteFallback' }, { type: 'Fuse' }];
  const strip = { type: 'Strip', content: ' ', start: 1, stop: 0 };
  return {
    normalizer: spacePrefix
      ? { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '▁' }, toMark] }
      : toMark,
    pre_tokenizer: null,
    decoder: { type: 'Sequence', decoders: spacePrefix ? [...decoders, strip] : decoders },
    model: {
      type: 'BPE',
      vocab,
      merges: merges.map(({ left, right }) => [left, right]),
      unk_token: special.unk_token,
      fuse_unk: true,
      byte_fallback: true,
    },
  };
}

/** A token and its id. */
export interface Marker {
  readonly token: string;
  readonly id: number;
}

/**
 * A post-processor that adds tokens before and after every text encoded with special tokens; null if there are none.
 */
export function aroundEach(before?: Marker, after?: Marker): JsonObject | null {
  const markers = [before, after].filter((marker) => marker !== undefined);
  if (markers.length === 0) return null;
  const text = (name: string, type_id: number) => {
    const piece = (marker?: Marker) => (marker ? [{ SpecialToken: { id: marker.token, type_id } }] : []);
    return [...piece(before), { Sequence: { id: name, type_id } }, ...piece(after)];
  };
  return {
    type: 'TemplateProcessing',
    single: text('A', 0),
    pair: [...text('A', 0), ...text('B', 1)],
    special_tokens: Object.fromEntries(
      markers.map(({ token, id }) => [token, { id: token, ids: [id], tokens: [token] }]),
    ),
  };
}
