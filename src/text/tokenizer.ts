/**
 * @file Text to token ids and back, from a model folder's tokenizer files.
 * The only file that imports @huggingface/tokenizers.
 */

import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { join } from '#platform';
import { FileError, PromptuneError } from '../errors.js';
import { readTextIfPresent } from '../formats/files.js';
import { readGgufHeader } from '../formats/gguf.js';
import { tokenizerFilesOf } from '../formats/gguf-tokenizer.js';
import { isJsonObject, type JsonObject, readJsonObjectIfPresent } from '../formats/json.js';
import { readGpt2Files } from './gpt2-tokenizer-files.js';
import { specialTokens } from './special-tokens.js';

export interface Tokenizer {
  /**
   * Token ids of `text`, and of a second text after it. `addSpecialTokens` (default false) adds what the model's post-processor
   * adds, such as BERT's [CLS].
   */
  encode(text: string, options?: { addSpecialTokens?: boolean; textPair?: string }): number[];
  /**
   * The text of `ids` with every space as it was: a byte-level vocabulary gives back exactly the text that was encoded.
   * Bytes that do not make a whole UTF-8 character become U+FFFD. Throws a PromptuneError for an id outside the vocabulary.
   */
  decode(ids: Iterable<number>, options?: { skipSpecialTokens?: boolean }): string;
  /** The largest token id + 1. */
  readonly vocabSize: number;
  /**
   * What begins every text: what the model's post-processor puts before one, such as Llama's and Gemma's begin-of-text token.
   * `encode` gives a text's own ids; who feeds a text to the model puts these before them (see `startText`). Default: nothing.
   */
  readonly startIds?: readonly number[];
  readonly bosTokenId?: number;
  /** The token that ends a text. */
  readonly eosTokenId?: number;
  readonly padTokenId?: number;
  /** What a masked language model fills in. */
  readonly maskTokenId?: number;
  /** How the model writes conversations, in Jinja (see chat.ts); of a folder, `chat_template.jinja` goes before tokenizer_config.json. */
  readonly chatTemplate?: string;
  /** `bos_token` and the like, as the template calls them. Default: none. */
  readonly specialTokens?: Readonly<Record<string, string>>;
  /** One token as text, to show to a person. */
  tokenOf(id: number): string;
  /** The id of a token in the vocabulary's own spelling (`Ġcat` for GPT-2's " cat"), or undefined. */
  idOf(token: string): number | undefined;
}

/** A text's ids with the model's beginning before them, once: a text may have it written in it. */
export function startText({ startIds = [] }: Pick<Tokenizer, 'startIds'>, ids: readonly number[]): number[] {
  return [...startIds, ...withoutStart({ startIds }, ids)];
}

/** A text's ids without the model's beginning, where they have it. */
export function withoutStart<Ids extends readonly number[] | Int32Array>(
  { startIds = [] }: Pick<Tokenizer, 'startIds'>,
  ids: Ids,
): Ids {
  return startIds.every((id, i) => ids[i] === id) ? (ids.slice(startIds.length) as Ids) : ids;
}

/**
 * Reads the tokenizer of a model folder: `tokenizer.json`, or else GPT-2's `vocab.json` and `merges.txt`;
 * the special tokens' names come from `tokenizer_config.json` where there is one. A GGUF file has all of it in itself.
 * Throws a FileError where a file is missing or is not what it should be.
 */
export async function loadTokenizer(folder: string): Promise<Tokenizer> {
  if (folder.toLowerCase().endsWith('.gguf')) {
    const files = tokenizerFilesOf(await readGgufHeader(folder));
    return tokenizerFrom(files['tokenizer.json']!, files['tokenizer_config.json']!, folder);
  }
  const config = (await readJsonObjectIfPresent(join(folder, 'tokenizer_config.json'))) ?? {};
  const template = await readTextIfPresent(join(folder, 'chat_template.jinja'));
  if (template !== undefined) config.chat_template = template;
  const path = join(folder, 'tokenizer.json');
  const json = await readJsonObjectIfPresent(path);
  if (json) return tokenizerFrom(json, config, path); // its post-processor decides, as in transformers, whatever add_bos_token says
  const begins = config.add_bos_token === true ? namedToken(config.bos_token) : undefined;
  return tokenizerFrom(await readGpt2Files(folder, begins), config, folder);
}

function tokenizerFrom(json: JsonObject, config: JsonObject, path: string): Tokenizer {
  const inner = innerTokenizer(json, config, path);
  let vocabSize = 0;
  for (const id of inner.get_vocab().values()) vocabSize = Math.max(vocabSize, id + 1);

  const decode: Tokenizer['decode'] = (ids, { skipSpecialTokens = false } = {}) => {
    const list = Array.from(ids);
    const unknown = list.find((id) => inner.id_to_token(id) === undefined);
    if (unknown !== undefined) {
      throw new PromptuneError(
        `token id ${unknown} is not in the vocabulary, expected an id from 0 to ${vocabSize - 1}`,
      );
    }
    if (list.length === 0) return '';
    return inner.decode(list, {
      skip_special_tokens: skipSpecialTokens,
      clean_up_tokenization_spaces: false,
    });
  };
  const specialTokenId = (token: string | undefined) =>
    token === undefined ? undefined : inner.token_to_id(token);
  const encode: Tokenizer['encode'] = (text, { addSpecialTokens = false, textPair } = {}) =>
    inner.encode(text, { add_special_tokens: addSpecialTokens, text_pair: textPair ?? null }).ids;
  return {
    encode,
    decode,
    vocabSize,
    startIds: specialTokens({ encode }).before,
    bosTokenId: specialTokenId(namedToken(config.bos_token, '<|endoftext|>')),
    eosTokenId: specialTokenId(namedToken(config.eos_token, '<|endoftext|>')),
    padTokenId: specialTokenId(namedToken(config.pad_token)),
    maskTokenId: specialTokenId(namedToken(config.mask_token)),
    chatTemplate: chatTemplateIn(config),
    specialTokens: specialTokensIn(config),
    tokenOf: (id) => decode([id]),
    idOf: (token) => inner.token_to_id(token),
  };
}

/**
 * A token's name in tokenizer_config.json: text, `{content}` or null.
 * Where a configuration leaves it out, as that of the hub's gpt2 does, transformers' GPT-2 class supplies a default, and so do we.
 */
function namedToken(value: unknown, fallback?: string): string | undefined {
  if (value === undefined) return fallback;
  if (isJsonObject(value)) return String(value.content);
  return typeof value === 'string' ? value : undefined;
}

/** One template, or several with names, of which `default` is that for chat. */
function chatTemplateIn({ chat_template: template }: JsonObject): string | undefined {
  if (typeof template === 'string') return template;
  if (!Array.isArray(template)) return undefined;
  const named = template.find((entry) => isJsonObject(entry) && entry.name === 'default');
  return typeof named?.template === 'string' ? named.template : undefined;
}

function specialTokensIn(config: JsonObject): Record<string, string> {
  const tokens: Record<string, string> = {};
  for (const [name, value] of Object.entries(config)) {
    const token = /^\w+_token$/.test(name) ? namedToken(value) : undefined;
    if (token !== undefined) tokens[name] = token;
  }
  return tokens;
}

/** What is used here of the library's tokenizer, whose own declarations do not resolve under Node's module rules. */
interface InnerTokenizer {
  encode(
    text: string,
    options: { add_special_tokens: boolean; text_pair?: string | null },
  ): { ids: number[] };
  decode(
    ids: number[],
    options: { skip_special_tokens: boolean; clean_up_tokenization_spaces: boolean },
  ): string;
  token_to_id(token: string): number | undefined;
  id_to_token(id: number): string | undefined;
  get_vocab(): Map<string, number>;
}

function innerTokenizer(json: JsonObject, config: JsonObject, path: string): InnerTokenizer {
  const problem = 'this is not a tokenizer that @huggingface/tokenizers can build';
  try {
    const inner: InnerTokenizer = new HuggingFaceTokenizer(
      { added_tokens: [], ...json, pre_tokenizer: withExactWhitespace(json.pre_tokenizer) },
      config,
    );
    inner.encode('a', { add_special_tokens: true }); // a missing part shows only in use
    return inner;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FileError(path, undefined, `${problem}: ${reason}; fetch the file again`, { cause });
  }
}

// GPT-2's pattern (openai/gpt-2, encoder.py), as Rust's tokenizers have it.
const gpt2Pattern = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;

/**
 * The library's ByteLevel step splits by JavaScript's \s, which counts U+FEFF as a space and U+0085 not; the models
 * were trained with Unicode's White_Space. Its Split step translates patterns properly, so we have that one do it.
 */
function withExactWhitespace(preTokenizer: unknown): unknown {
  if (!isJsonObject(preTokenizer)) return preTokenizer;
  if (preTokenizer.type === 'Sequence' && Array.isArray(preTokenizer.pretokenizers))
    return { ...preTokenizer, pretokenizers: preTokenizer.pretokenizers.map(withExactWhitespace) };
  const { type, use_regex = true, add_prefix_space = false } = preTokenizer;
  if (type !== 'ByteLevel' || !use_regex || add_prefix_space) return preTokenizer;
  const split = { type: 'Split', pattern: { Regex: gpt2Pattern }, behavior: 'Isolated', invert: false };
  return { type: 'Sequence', pretokenizers: [split, { ...preTokenizer, use_regex: false }] };
}
