/**
 * @file The special and added tokens of a model folder, from every place where transformers 5.18 finds them:
 *   tokenizer_config.json, special_tokens_map.json, added_tokens.json, and the tokenizer class.
 */
import { join } from '#platform';
import { FileError } from '../errors.js';
import { isJsonObject, type JsonObject, readJsonObjectIfPresent } from '../formats/json.js';
import { say } from '../say.js';
import { type AddedToken, addedTokenOf } from './added-tokens.js';
import { chatTemplates } from './folder-files.js';
import { isCount, Part } from './part.js';
import type { Pipeline } from './pipeline.js';
import { defaultNames, tokenizerClassOf } from './tokenizer-classes.js';

/** A token, the id that a file gives it, and the path of that file. */
export type NumberedToken = readonly [id: number, token: AddedToken, path: string];

export interface TokenizerConfig {
  /** transformers' class, or '' for one that supplies no special tokens. */
  readonly tokenizerClass: string;
  /** The special tokens that the files name, such as `bos_token`; null if a file says that there is none. */
  readonly named: Readonly<Record<string, AddedToken | null>>;
  /** Unnamed special tokens, such as `additional_special_tokens`. */
  readonly extra: readonly AddedToken[];
  /** Tokens with the ids that the files give them. */
  readonly added: readonly NumberedToken[];
  /** Whether `added` is complete and replaces the added tokens of tokenizer.json. */
  readonly isNew: boolean;
  /** The content of tokenizer_config.json, including a chat template from a separate file. */
  readonly json: JsonObject;
}

const isStandard = (name: string) => standardNames.some((standard) => standard === name);

/** In transformers' order, which determines the ids of new tokens. */
const standardNames = [
  'bos_token',
  'eos_token',
  'unk_token',
  'sep_token',
  'pad_token',
  'cls_token',
  'mask_token',
] as const;

/** @throws FileError if a file is broken or names an invalid token */
export async function readTokenizerConfig(folder: string): Promise<TokenizerConfig> {
  const readJson = async (name: string) => readJsonObjectIfPresent(join(folder, name));
  const json = (await readJson('tokenizer_config.json')) ?? {};
  json.chat_template = await chatTemplates(folder, json);
  const config = (await readJson('config.json')) ?? {};
  const map = (await readJson('special_tokens_map.json')) ?? {};
  const addedTokens = (await readJson('added_tokens.json')) ?? {};
  const tokenizerClass = tokenizerClassOf(json.tokenizer_class ?? config.tokenizer_class, config.model_type);
  return tokenizerConfigOf(json, tokenizerClass, folder, map, addedTokens);
}

/**
 * The same for files that have been read. A tokenizer_config.json with `added_tokens_decoder` is in the new format,
 * which is complete. With older ones, special_tokens_map.json takes precedence, and added_tokens.json is read.
 */
export function tokenizerConfigOf(
  json: JsonObject,
  tokenizerClass: string,
  folder: string,
  map: JsonObject = {},
  addedTokens: JsonObject = {},
): TokenizerConfig {
  const path = join(folder, 'tokenizer_config.json');
  const mapPath = join(folder, 'special_tokens_map.json');
  const isNew = isJsonObject(json.added_tokens_decoder);
  const config = new Part(json, path, '');
  const earlier = new Part(isNew ? {} : map, mapPath, '');
  const standard: Record<string, AddedToken | null> = {};
  // Model-specific names: if several files have one, the text in tokenizer_config.json counts.
  const own: Record<string, AddedToken | null> = {};
  const texts: Record<string, AddedToken | null> = {};
  for (const part of [config, earlier])
    for (const [name, value] of Object.entries(part.json)) {
      if (!isTokenName(name)) continue;
      const names = isStandard(name) ? standard : part === config && typeof value === 'string' ? texts : own;
      names[name] = tokenOf(value, name, part);
    }

  const listIn = (part: Part, name: string) =>
    Array.isArray(part.json[name])
      ? (part.json[name] as unknown[]).map((value) => listedToken(value, name, part))
      : undefined;
  const nameThose = (part: Part, name: string) => {
    for (const [key, value] of Object.entries(part.json[name] as JsonObject))
      (isStandard(key) ? standard : texts)[key] = tokenOf(value, key, part);
  };
  // The older list counts if the newer one is missing or empty; both may be a list or an object of names.
  const isOlder = isEmpty(json.extra_special_tokens) && additional in json;
  const name = isOlder ? additional : extraName;
  let isGiven = name in json;
  let extra = listIn(config, name);
  if (isJsonObject(json[name])) {
    nameThose(config, name);
    isGiven = false;
  }
  const more = listIn(earlier, extraName);
  if (more) extra = merged(extra ?? [], more);
  else if (isJsonObject(earlier.json[extraName])) nameThose(earlier, extraName);
  isGiven ||= more !== undefined;
  const added = isNew
    ? decoderTokens(json, path)
    : fileTokens(addedTokens, folder, specialTexts(json, earlier.json));

  let older = listIn(earlier, additional) ?? (isOlder ? undefined : listIn(config, additional));
  if (tokenizerClass === 'T5Tokenizer') older = withSentinels(older, config);
  if (!isGiven) extra = older;
  const named = { ...standard, ...own, ...texts };
  return { tokenizerClass, named, extra: extra ?? [], added, isNew, json };
}

const extraName = 'extra_special_tokens';
const additional = 'additional_special_tokens';

const isEmpty = (list: unknown) =>
  !list || (Array.isArray(list) ? list.length === 0 : Object.keys(list as object).length === 0);

/** T5's `<extra_id_0>` and so on, which its class adds if no list has any of them. */
function withSentinels(tokens: readonly AddedToken[] = [], config: Part): AddedToken[] {
  const { extra_ids: count = 100 } = config.json;
  const own = tokens.filter(({ content }) => content.includes('<extra_id_')).length;
  if (own === 0)
    return [...tokens, ...Array.from({ length: Number(count) }, (_, i) => specialToken(`<extra_id_${i}>`))];
  if (count === 0 || own === count) return [...tokens];
  throw config.refuse(
    'extra_ids',
    say`it is ${count}, and the additional special tokens have ${own} of them`,
  );
}

const isTokenName = (name: string) => /_token$/.test(name) && !/^(?:add|split|use)_/.test(name);

/** A token written as text or as an AddedToken object; null and false mean that there is none. */
function tokenOf(value: unknown, name: string, part: Part): AddedToken | null {
  if (value === null || value === false) return null;
  if (typeof value === 'string') return specialToken(value);
  if (!isJsonObject(value)) throw part.wrong(name, say`a token: text, or an object with its content`);
  return { ...addedTokenOf(new Part({ ...value, special: true }, part.path, name)), special: true };
}

/**
 * An object in a list of tokenizer_config.json has its own flags; in special_tokens_map.json all tokens are special.
 */
function listedToken(value: unknown, name: string, part: Part): AddedToken {
  const token = tokenOf(value, name, part);
  if (token === null) throw part.wrong(name, say`a list of tokens`);
  if (!isJsonObject(value) || part.path.endsWith('map.json')) return token;
  return addedTokenOf(new Part(value, part.path, name));
}

export const specialToken = (content: string): AddedToken => ({
  content,
  special: true,
  normalized: false,
  lstrip: false,
  rstrip: false,
  single_word: false,
});

function merged(tokens: readonly AddedToken[], more: readonly AddedToken[]): AddedToken[] {
  const isNew = ({ content }: AddedToken) => !tokens.some((token) => token.content === content);
  return [...tokens, ...more.filter(isNew)];
}

function decoderTokens(json: JsonObject, path: string): TokenizerConfig['added'] {
  const part = new Part(json, path, '').part('added_tokens_decoder');
  return Object.keys(part.json)
    .map((id) => [Number(id), addedTokenOf(part.part(id)), path] as const)
    .sort(([a], [b]) => a - b);
}

/**
 * The special tokens among those of added_tokens.json: the ones that the other files name. An object in
 * tokenizer_config.json does not count, since transformers compares it as a whole with the text.
 */
function specialTexts(json: JsonObject, map: JsonObject): ReadonlySet<string> {
  const contentOf = (value: unknown) => (isJsonObject(value) ? value.content : value);
  const listOf = (list: unknown): unknown[] => (Array.isArray(list) ? list : []);
  const isOlder = isEmpty(json[extraName]);
  const texts = [
    ...standardNames.map((name) => (name in map ? contentOf(map[name]) : json[name])),
    ...listOf(json[isOlder ? additional : extraName]),
    ...listOf(map[extraName]).map(contentOf),
  ];
  return new Set(texts.filter((text) => typeof text === 'string'));
}

function fileTokens(
  json: JsonObject,
  folder: string,
  special: ReadonlySet<string>,
): TokenizerConfig['added'] {
  const path = join(folder, 'added_tokens.json');
  const tokens = Object.entries(json).map(([content, id]) => {
    if (!isCount(id)) throw new FileError(path, `token ${JSON.stringify(content)}`, say`expected a token id`);
    const isSpecial = special.has(content);
    return [id, { ...specialToken(content), special: isSpecial, normalized: !isSpecial }, path] as const;
  });
  return tokens.sort(([a], [b]) => a - b);
}

/**
 * The special tokens by name, including those that the class supplies, in transformers' order.
 * @param has whether the vocabulary has a token: a class that uses tokenizer.json as it is adds none of its own
 */
export function namedTokens(
  { tokenizerClass, named }: TokenizerConfig,
  has: (token: string) => boolean = () => true,
): ReadonlyMap<string, AddedToken> {
  const defaults = Object.entries(defaultNames(tokenizerClass)).filter(
    ([name, token]) => !(name in named) && has(token),
  );
  const all = {
    ...Object.fromEntries(defaults.map(([name, token]) => [name, specialToken(token)])),
    ...named,
  };
  const others = Object.keys(all).filter((name) => !isStandard(name));
  const tokens = new Map<string, AddedToken>();
  for (const name of [...standardNames, ...others]) if (all[name]) tokens.set(name, all[name]);
  return tokens;
}

/**
 * Adds the tokens of the folder's other files to a tokenizer.
 * @param own the added tokens of tokenizer.json
 * @throws FileError if a token would get another id than a file gives it
 */
export function addTokens(
  pipeline: Pipeline,
  { added, extra, isNew }: TokenizerConfig,
  named: ReadonlyMap<string, AddedToken>,
  own: readonly NumberedToken[],
): void {
  const names = new Set([...named.values()].map(({ content }) => content));
  const byId = new Map(added.map((entry) => [entry[0], entry]));
  if (!isNew) for (const entry of own) byId.set(entry[0], entry);
  for (const [id, token, path] of [...byId.values()].sort(([a], [b]) => a - b)) {
    if (isSame(pipeline.added.tokens.get(pipeline.idOf(token.content) ?? -1), token)) continue;
    pipeline.addTokens([{ ...token, special: token.special || names.has(token.content) }]);
    const given = pipeline.idOf(token.content);
    if (given === id) continue;
    const problem = say`has the id ${id} here, and the tokenizers library gives it ${given}; correct the id`;
    throw new FileError(path, `token ${JSON.stringify(token.content)}`, problem);
  }
  // If a token has two names, or is also in a list, the flags of the last one count.
  pipeline.addTokens([...named.values(), ...extra].filter(({ content }) => !pipeline.added.ids.has(content)));
}

function isSame(a: AddedToken | undefined, b: AddedToken): boolean {
  return a !== undefined && Object.entries(b).every(([flag, value]) => a[flag as keyof AddedToken] === value);
}
