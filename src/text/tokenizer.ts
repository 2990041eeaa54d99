/** @file Text to token ids and back, from a model folder's tokenizer files. */
import { join } from '#platform';
import { readGgufHeader } from '../formats/gguf.js';
import { tokenizerFilesOf } from '../formats/gguf-tokenizer.js';
import { readJsonObjectIfPresent } from '../formats/json.js';
import { chatTemplatesIn, tokenizerFileName } from '../tokenizer/folder-files.js';
import { type FolderTokenizer, folderTokenizer } from '../tokenizer/folder-tokenizer.js';
import {
  readTokenizerConfig,
  type TokenizerConfig,
  tokenizerConfigOf,
} from '../tokenizer/tokenizer-config.js';
import { readVocabularyFiles } from '../tokenizer/vocabulary-files.js';
import { specialTokens } from './special-tokens.js';

export interface Tokenizer {
  /**
   * Token ids of `text`, and of a second text after it. `addSpecialTokens` (default false) adds the tokens of the
   * model's post-processor, such as BERT's [CLS]. `continues` (default false) means that other text precedes this one:
   * tokenizers that begin a text with a space, such as SentencePiece's, then add none. Most others are not affected.
   */
  encode(
    text: string,
    options?: { addSpecialTokens?: boolean; textPair?: string; continues?: boolean },
  ): number[];
  /**
   * The text of `ids` with all spaces: a byte-level vocabulary returns exactly the text that was encoded. Bytes that
   * are not a complete UTF-8 character become U+FFFD. Ids without a token are skipped: models may round up the size of
   * their vocabulary.
   */
  decode(ids: Iterable<number>, options?: { skipSpecialTokens?: boolean; cleansUp?: boolean }): string;
  /**
   * The last step of `decode`, unless `cleansUp` is false: some tokenizers remove spaces before punctuation. Default:
   * nothing.
   */
  readonly cleanUp?: (text: string) => string;
  /** The largest token id + 1. */
  readonly vocabSize: number;
  /**
   * Tokens that start every text, from the model's post-processor, such as Llama's and Gemma's begin-of-text token.
   * `encode` returns a text's own ids; add these before feeding a text to the model (see `startText`). Default: none.
   */
  readonly startIds?: readonly number[];
  readonly bosTokenId?: number;
  /** The token that ends a text. */
  readonly eosTokenId?: number;
  readonly padTokenId?: number;
  /** The token that a masked language model fills in. */
  readonly maskTokenId?: number;
  /**
   * The model's chat template in Jinja (see chat.ts). `chat_template.jinja` and `additional_chat_templates` take
   * precedence over tokenizer_config.json.
   */
  readonly chatTemplate?: string;
  /** The chat template for conversations with tools. Default: `chatTemplate`. */
  readonly toolChatTemplate?: string;
  /** `bos_token` and so on, by their names in the template. Default: none. */
  readonly specialTokens?: Readonly<Record<string, string>>;
  /** One token as readable text. */
  tokenOf(id: number): string;
  /**
   * Whether a token is a byte that becomes text only together with its neighbors, such as `<0x0A>`. Default: none is.
   */
  isByte?(id: number): boolean;
  /**
   * The bytes of UTF-8 that a token adds to a text that has begun. Undefined for special tokens, for ids without one,
   * and where it depends on the tokens beside it. Default: it is so of all.
   */
  bytesOf?(id: number): Uint8Array | undefined;
  /** The id of a token in the vocabulary's own spelling (`Ġcat` for GPT-2's " cat"), or undefined. */
  idOf(token: string): number | undefined;
}

/** A text's ids after the model's start tokens, which are not repeated if the text already contains them. */
export function startText({ startIds = [] }: Pick<Tokenizer, 'startIds'>, ids: readonly number[]): number[] {
  return [...startIds, ...withoutStart({ startIds }, ids)];
}

/** A text's ids without the model's start tokens, if they begin with them. */
export function withoutStart<Ids extends readonly number[] | Int32Array>(
  { startIds = [] }: Pick<Tokenizer, 'startIds'>,
  ids: Ids,
): Ids {
  return startIds.every((id, i) => ids[i] === id) ? (ids.slice(startIds.length) as Ids) : ids;
}

/** The text that `ids` add after `before`, including the space that tokenizers omit at the beginning of a text. */
export function textAfter(
  tokenizer: Pick<Tokenizer, 'decode' | 'startIds'>,
  before: Iterable<number>,
  ids: Iterable<number>,
): string {
  const earlier = withoutStart(tokenizer, [...before]);
  const start = tokenizer.decode(earlier);
  const whole = tokenizer.decode([...earlier, ...ids]);
  return start !== '' && whole.startsWith(start) ? whole.slice(start.length) : tokenizer.decode(ids);
}

/**
 * Reads the tokenizer of a model folder: `tokenizer.json`, or else `vocab.json` and `merges.txt`, or `vocab.txt`.
 * Special and added tokens come from the same files as in transformers. A GGUF file contains all of it. Throws a
 * FileError if a file is missing, invalid, or needs something unsupported.
 */
export async function loadTokenizer(folder: string): Promise<Tokenizer> {
  if (folder.toLowerCase().endsWith('.gguf')) {
    const files = tokenizerFilesOf(await readGgufHeader(folder));
    const config = tokenizerConfigOf(files['tokenizer_config.json']!, '', folder);
    return tokenizerFrom(folderTokenizer(files['tokenizer.json']!, config, folder, true), config);
  }
  const config = await readTokenizerConfig(folder);
  const path = join(folder, tokenizerFileName(config.json, join(folder, 'tokenizer_config.json')));
  const json = await readJsonObjectIfPresent(path);
  if (json) return tokenizerFrom(folderTokenizer(json, config, path, true), config);
  const files = await readVocabularyFiles(folder, config);
  return tokenizerFrom(folderTokenizer(files.json, files.config, folder, false), files.config);
}

function tokenizerFrom({ pipeline, names, cleanUp }: FolderTokenizer, config: TokenizerConfig): Tokenizer {
  let vocabSize = pipeline.vocabulary.tokens.length;
  for (const id of pipeline.added.tokens.keys()) vocabSize = Math.max(vocabSize, id + 1);

  const encode: Tokenizer['encode'] = (
    text,
    { addSpecialTokens = false, textPair, continues = false } = {},
  ) => pipeline.encode(text, { addSpecialTokens, textPair, continues });
  const decode: Tokenizer['decode'] = (ids, { skipSpecialTokens = false, cleansUp = true } = {}) => {
    const text = pipeline.decode(ids, skipSpecialTokens);
    return cleanUp && cleansUp ? cleanUp(text) : text;
  };
  const idOf = (token: string | undefined) => (token === undefined ? undefined : pipeline.idOf(token));
  return {
    encode,
    decode,
    cleanUp,
    vocabSize,
    startIds: specialTokens({ encode }).before,
    bosTokenId: idOf(names.bos_token),
    eosTokenId: idOf(names.eos_token),
    padTokenId: idOf(names.pad_token),
    maskTokenId: idOf(names.mask_token),
    ...chatTemplatesOf(config),
    specialTokens: names,
    tokenOf: (id) => decode([id]),
    isByte: (id) => pipeline.isByte(id),
    bytesOf: (id) => pipeline.bytesOf(id),
    idOf,
  };
}

/** The chat templates in a folder without a tokenizer, such as an adapter's. Throws as `loadTokenizer`. */
export const readChatTemplates = async (folder: string): Promise<ChatTemplates> =>
  chatTemplatesOf(await readTokenizerConfig(folder));

type ChatTemplates = Pick<Tokenizer, 'chatTemplate' | 'toolChatTemplate'>;

function chatTemplatesOf({ json }: TokenizerConfig): ChatTemplates {
  const { default: chatTemplate, tool_use: toolChatTemplate } = chatTemplatesIn(
    json,
    'tokenizer_config.json',
  );
  return { chatTemplate, toolChatTemplate };
}
