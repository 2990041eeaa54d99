/**
 * @file The special and added tokens of a model folder, from every file that transformers 5.18 reads them from:
 * tokenizer_config.json, special_tokens_map.json, added_tokens.json, and its tokenizer class.
 */
import { join } from '#platform';
import { FileError } from '../errors.js';
import { readTextIfPresent } from '../formats/files.js';
import { isJsonObject, type JsonObject, readJsonObjectIfPresent } from '../formats/json.js';
import { type AddedToken, addedTokenOf } from './added-tokens.js';
import { isCount, Part } from './part.js';
import type { Pipeline } from './pipeline.js';
import { defaultNames, type SpecialNames, tokenizerClassOf } from './tokenizer-classes.js';

export interface TokenizerConfig {
  /** transformers' class, or '' for one without names of its own. */
  readonly tokenizerClass: string;
  /** What the folder's files say by name: `bos_token` and the like; null where one says that there is none. */
  readonly named: Readonly<Record<string, AddedToken | null>>;
  /** Special tokens without a name, such as `additional_special_tokens`. */
  readonly extra: readonly AddedToken[];
  /** Tokens with the ids that the files give them. */
  readonly added: readonly (readonly [id: number, token: AddedToken, path: string])[];
  /** tokenizer_config.json itself, with a chat template of its own file. */
  readonly json: JsonObject;
}

/** In transformers' order, which decides about the ids of new ones. */
const standardNames = [
  'bos_token',
  'eos_token',
  'unk_token',
  'sep_token',
  'pad_token',
  'cls_token',
  'mask_token',
] as const;

/** @throws FileError if a file is broken, or names a token by something that is none */
export async function readTokenizerConfig(folder: string): Promise<TokenizerConfig> {
  const readJson = async (name: string) => readJsonObjectIfPresent(join(folder, name));
  const json = (await readJson('tokenizer_config.json')) ?? {};
  const template = await readTextIfPresent(join(folder, 'chat_template.jinja'));
  if (template !== undefined) json.chat_template = template;
  const config = (await readJson('config.json')) ?? {};
  const map = (await readJson('special_tokens_map.json')) ?? {};
  const addedTokens = (await readJson('added_tokens.json')) ?? {};
  const tokenizerClass = tokenizerClassOf(json.tokenizer_class ?? config.tokenizer_class, config.model_type);
  return tokenizerConfigOf(json, tokenizerClass, folder, map, addedTokens);
}

/**
 * The same of files that have been read. Where tokenizer_config.json has `added_tokens_decoder`, it is a new file,
 * which has it all; of older ones special_tokens_map.json goes first, and added_tokens.json is read.
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
  const named: Record<string, AddedToken | null> = {};
  let extra: AddedToken[] = [];
  // transformers takes a token of added_tokens.json for special where one of these has it, and not the older list of
  // the map.
  let special: AddedToken[] = [];
  const sources: [JsonObject, string][] = isNew
    ? [[json, path]]
    : [
        [json, path],
        [map, mapPath],
      ];
  for (const [source, sourcePath] of sources) {
    const place = new Part(source, sourcePath, '');
    for (const [name, value] of Object.entries(source))
      if (isTokenName(name)) named[name] = tokenOf(value, name, place);
    const list = source.extra_special_tokens || source.additional_special_tokens;
    if (isJsonObject(list))
      for (const [name, value] of Object.entries(list)) named[name] = tokenOf(value, name, place);
    if (Array.isArray(list)) {
      const tokens = list.map((value) => tokenOf(value, 'extra_special_tokens', place)!);
      extra = source.extra_special_tokens === list ? merged(extra, tokens) : tokens;
      if (source === json || source.extra_special_tokens === list) special = extra;
    }
  }
  const added = isNew ? decoderTokens(json, path) : fileTokens(addedTokens, folder, named, special);
  return { tokenizerClass, named, extra, added, json };
}

const isTokenName = (name: string) => /_token$/.test(name) && !/^(?:add|split|use)_/.test(name);

/** A token as text, or as the object of an AddedToken; null and false mean that there is none. */
function tokenOf(value: unknown, name: string, part: Part): AddedToken | null {
  if (value === null || value === false) return null;
  if (typeof value === 'string') return specialToken(value);
  if (!isJsonObject(value)) throw part.wrong(name, 'a token: text, or an object with its content');
  return { ...addedTokenOf(new Part({ ...value, special: true }, part.path, name)), special: true };
}

const specialToken = (content: string): AddedToken => ({
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

function fileTokens(
  json: JsonObject,
  folder: string,
  named: TokenizerConfig['named'],
  extra: readonly AddedToken[],
): TokenizerConfig['added'] {
  const path = join(folder, 'added_tokens.json');
  const special = new Set([...Object.values(named), ...extra].map((token) => token?.content));
  const tokens = Object.entries(json).map(([content, id]) => {
    if (!isCount(id)) throw new FileError(path, `token ${JSON.stringify(content)}`, 'expected a token id');
    const isSpecial = special.has(content);
    return [id, { ...specialToken(content), special: isSpecial, normalized: !isSpecial }, path] as const;
  });
  return tokens.sort(([a], [b]) => a - b);
}

/**
 * Adds to a tokenizer what the folder's other files say.
 * @returns the special tokens by name, the class's defaults among them where the vocabulary has them
 * @throws FileError if a token gets another id than the files give it
 */
export function applyConfig(pipeline: Pipeline, config: TokenizerConfig): SpecialNames {
  const defaults = Object.entries(defaultNames(config.tokenizerClass)).filter(
    ([name, token]) => !(name in config.named) && pipeline.idOf(token) !== undefined,
  );
  const named = new Map<string, AddedToken>();
  const all = {
    ...Object.fromEntries(defaults.map(([name, token]) => [name, specialToken(token)])),
    ...config.named,
  };
  const others = Object.keys(all).filter((name) => !standardNames.some((standard) => standard === name));
  for (const name of [...standardNames, ...others]) if (all[name]) named.set(name, all[name]);
  const names = new Set([...named.values()].map(({ content }) => content));

  for (const [id, token, path] of config.added) {
    if (isSame(pipeline.added.tokens.get(pipeline.idOf(token.content) ?? -1), token)) continue;
    pipeline.addTokens([{ ...token, special: token.special || names.has(token.content) }]);
    const given = pipeline.idOf(token.content);
    if (given === id) continue;
    const problem = `has the id ${id} here, and the tokenizers library gives it ${given}; correct the id`;
    throw new FileError(path, `token ${JSON.stringify(token.content)}`, problem);
  }
  for (const token of [...named.values(), ...config.extra])
    if (!pipeline.added.ids.has(token.content)) pipeline.addTokens([token]);
  return Object.fromEntries([...named].map(([name, { content }]) => [name, content]));
}

function isSame(a: AddedToken | undefined, b: AddedToken): boolean {
  return a !== undefined && Object.entries(b).every(([flag, value]) => a[flag as keyof AddedToken] === value);
}
