/**
 * @file The tokenizer of a folder as AutoTokenizer of transformers 5.18 makes it: tokenizer.json or older vocabulary
 *   files, the class that builds it, and the tokens that other files add.
 */
import { aroundEach, type Marker } from '../formats/gguf-tokenizer.js';
import type { JsonObject } from '../formats/json.js';
import { addedTokenOf } from './added-tokens.js';
import { type ClassTokenizer, classTokenizer } from './class-tokenizers.js';
import { cleanUp } from './decoders.js';
import { Part } from './part.js';
import { Pipeline } from './pipeline.js';
import type { SpecialNames } from './tokenizer-classes.js';
import {
  addTokens,
  type NumberedToken,
  namedTokens,
  specialToken,
  type TokenizerConfig,
} from './tokenizer-config.js';

export interface FolderTokenizer {
  readonly pipeline: Pipeline;
  readonly names: SpecialNames;
  /** A final step on decoded text. Default: nothing. */
  readonly cleanUp?: (text: string) => string;
}

/**
 * @param json the content of tokenizer.json, or its equivalent
 * @param path its path, for errors
 * @param hasFile whether tokenizer.json exists; `add_bos_token` and `add_eos_token` apply only if it does not
 * @throws FileError if the files are invalid or do not belong together
 */
export function folderTokenizer(
  json: JsonObject,
  config: TokenizerConfig,
  path: string,
  hasFile: boolean,
): FolderTokenizer {
  const known = classTokenizer(config.tokenizerClass);
  const { pipeline, names } =
    known && (!hasFile || known.suits(json))
      ? builtTokenizer(known, json, config, path, hasFile)
      : asItIs(json, config, path);
  pipeline.added.splitsSpecial = config.json.split_special_tokens === true;
  return { pipeline, names, ...(cleansUp(json, config.json) && { cleanUp }) };
}

function asItIs(json: JsonObject, config: TokenizerConfig, path: string): FolderTokenizer {
  const pipeline = new Pipeline(json, path);
  const named = namedTokens(config, (token) => pipeline.idOf(token) !== undefined);
  addTokens(pipeline, config, named, []);
  return { pipeline, names: contents(named) };
}

function builtTokenizer(
  built: ClassTokenizer,
  json: JsonObject,
  config: TokenizerConfig,
  path: string,
  hasFile: boolean,
): FolderTokenizer {
  const named = namedTokens(config);
  const names = contents(named);
  const { model, normalizer, post_processor } = json;
  const parts = built.build({ model: model as JsonObject, normalizer, settings: config.json, names });
  const pipeline = new Pipeline({ ...parts, post_processor }, path);
  addTokens(pipeline, config, named, addedTokensIn(json, path));
  if (built.addsPlainly)
    pipeline.addTokens([...named.values(), ...config.extra].map(({ content }) => specialToken(content)));
  const idOf = (token: string) => pipeline.idOf(token);
  if (built.around) pipeline.replacePostProcessor(built.around(names, idOf), path);
  else if (!hasFile || built.addsNothing)
    pipeline.replacePostProcessor(hasFile ? null : aroundText(config.json, names, idOf), path);
  return { pipeline, names };
}

/** Whether decoded text is cleaned up: for BPE only if the longer of the two fields says so. */
function cleansUp({ model }: JsonObject, settings: JsonObject): boolean {
  if (settings.clean_up_tokenization_spaces !== true) return false;
  const isBpe = (model as JsonObject).merges !== undefined;
  return !isBpe || settings.clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output === true;
}

const contents = (named: ReturnType<typeof namedTokens>): SpecialNames =>
  Object.fromEntries([...named].map(([name, { content }]) => [name, content]));

function addedTokensIn(json: JsonObject, path: string): NumberedToken[] {
  const whole = new Part(json, path, '');
  if (!whole.has('added_tokens')) return [];
  return whole.parts('added_tokens').map((part) => [part.count('id'), addedTokenOf(part), path]);
}

/** The beginning and end tokens that tokenizer_config.json asks for. */
function aroundText(
  settings: JsonObject,
  names: SpecialNames,
  idOf: (token: string) => number | undefined,
): JsonObject | null {
  const markerFor = (flag: string, name: string): Marker | undefined => {
    const token = settings[flag] === true ? names[name] : undefined;
    const id = token === undefined ? undefined : idOf(token);
    return token !== undefined && id !== undefined ? { token, id } : undefined;
  };
  return aroundEach(markerFor('add_bos_token', 'bos_token'), markerFor('add_eos_token', 'eos_token'));
}
