/** @file tokenizer.json and tokenizer_config.json as the metadata of a GGUF file. */
import { FileError } from '../errors.js';
import { say } from '../say.js';
import { preTokenizerName } from './gguf-tokenizer.js';
import type { GgufField } from './gguf-writer.js';
import { isJsonObject, type JsonObject } from './json.js';

/** ggml's kinds of tokens. */
const kinds = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

/** A tokenizer's files in memory, and the number of the model's ids. */
export interface TokenizerToWrite {
  /** For errors. */
  readonly path: string;
  readonly json: JsonObject;
  readonly chatTemplate?: string;
  readonly toolChatTemplate?: string;
  /** Ids by their names: `bos`, `eos`, `unknown`, `padding`. */
  readonly special: Readonly<Record<string, number | undefined>>;
  /** Whether `bos` begins every text, and `eos` ends it. */
  readonly adds: { readonly bos: boolean; readonly eos: boolean };
  /** Rows of the embedding: ids without a token are written as unused ones. */
  readonly vocabSize: number;
}

/**
 * The keys below `tokenizer.`.
 * @throws FileError for a tokenizer that llama.cpp would run differently
 */
export function ggufTokenizerFields(tokenizer: TokenizerToWrite): Record<string, GgufField> {
  const { json, path, special, adds, chatTemplate, toolChatTemplate } = tokenizer;
  const model = json.model as JsonObject | undefined;
  if (model?.type !== 'BPE' || !isJsonObject(model.vocab) || !Array.isArray(model.merges))
    throw new FileError(path, 'model.type', say`expected BPE to write it as GGUF, found ${model?.type}`);
  const vocab = model.vocab as Readonly<Record<string, number>>;
  const merges = model.merges.map((merge) =>
    typeof merge === 'string' ? merge : (merge as string[]).join(' '),
  );
  const { tokens, types } = tokenTable(tokenizer, vocab);
  const isSentencePiece = model.byte_fallback === true;
  const kind: Record<string, GgufField> = isSentencePiece
    ? sentencePiece(tokenizer, tokens, merges)
    : {
        model: { type: 'string', value: 'gpt2' },
        pre: { type: 'string', value: preTokenizerName(json, path) },
        merges: { type: 'strings', value: merges },
      };
  const ids = Object.entries(special).flatMap(([name, id]): [string, GgufField][] =>
    id === undefined ? [] : [[`${name}_token_id`, { type: 'uint32', value: id }]],
  );
  const fields: Record<string, GgufField> = {
    ...kind,
    tokens: { type: 'strings', value: tokens },
    token_type: { type: 'int32s', value: types },
    ...Object.fromEntries(ids),
    add_bos_token: { type: 'bool', value: adds.bos },
    add_eos_token: { type: 'bool', value: adds.eos },
  };
  const named = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [`tokenizer.ggml.${name}`, field]),
  );
  const text = (name: string, value: string | undefined): Record<string, GgufField> =>
    value === undefined ? {} : { [name]: { type: 'string', value } };
  return {
    ...named,
    ...text('tokenizer.chat_template', chatTemplate),
    ...text('tokenizer.chat_template.tool_use', toolChatTemplate),
  };
}

function tokenTable(
  { json, special, vocabSize }: TokenizerToWrite,
  vocab: Readonly<Record<string, number>>,
): { tokens: string[]; types: number[] } {
  const tokens = Array.from({ length: vocabSize }, (_, id) => `[PAD${id}]`);
  const types: number[] = tokens.map(() => kinds.unused);
  const set = (id: number, token: string, type: number) => {
    if (id >= vocabSize) return; // the model has no row for it
    tokens[id] = token;
    types[id] = type;
  };
  for (const [token, id] of Object.entries(vocab))
    set(id, token, /^<0x[0-9A-F]{2}>$/.test(token) ? kinds.byte : kinds.normal);
  for (const added of (json.added_tokens ?? []) as { id: number; content: string; special: boolean }[])
    set(added.id, added.content, added.special ? kinds.control : kinds.userDefined);
  if (special.unknown !== undefined) types[special.unknown] = kinds.unknown;
  return { tokens, types };
}

/**
 * llama.cpp merges the pair whose token has the best score; tokenizer.json has an ordered list of merges. A token's
 * score is the index of the first merge that makes it. The order stays the same as long as a token's merges are
 * consecutive, as SentencePiece's are.
 */
function sentencePiece(
  { json, path }: TokenizerToWrite,
  tokens: readonly string[],
  merges: readonly string[],
): Record<string, GgufField> {
  const rank = new Map<string, number>();
  let last = '';
  for (const [i, merge] of merges.entries()) {
    const token = merge.replace(' ', '');
    if (token !== last && rank.has(token))
      throw new FileError(
        path,
        `model.merges ${i + 1}`,
        say`the merges of ${JSON.stringify(token)} lie apart`,
      );
    if (token !== last) rank.set(token, rank.size);
    last = token;
  }
  const spacePrefix = JSON.stringify(json.normalizer ?? null).includes('"Prepend"');
  return {
    model: { type: 'string', value: 'llama' },
    scores: { type: 'float32s', value: tokens.map((token) => -(rank.get(token) ?? 0)) },
    add_space_prefix: { type: 'bool', value: spacePrefix },
  };
}
