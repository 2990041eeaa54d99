/** @file The model that an adapter was learned on: its name, and a digest of its weights, since names change. */
import { basename, fileSystem } from '#platform';
import {
  type AdapterBase,
  type AdapterContent,
  baseModelOf,
  nameOf,
  singlesIn,
} from '../formats/adapter-content.js';
import { weightsDigest } from '../formats/digest.js';
import type { LanguageModel } from '../models/model.js';
import { say } from '../say.js';

/** Without a digest for a GGUF file: its weights are others than those of the folder that it was made from. */
export async function baseOf({ name, source }: LanguageModel): Promise<AdapterBase> {
  return { name, ...(!source.tokenizerFiles && { sha256: await weightsDigest(source) }) };
}

/**
 * Says that an adapter was trained for another model than this one; undefined if it was not, or nothing tells. By the
 * digest of the weights where the adapter has it, which holds for moved and renamed models as well.
 * @param called what the adapter is called in the note. Default: its folder
 */
export async function otherBaseNote(
  content: AdapterContent,
  model: LanguageModel,
  called = nameOf(content),
): Promise<string | undefined> {
  if (content.form === 'model') return undefined;
  const [first] = singlesIn(content);
  const named = first && baseModelOf(first);
  const isOther = named !== undefined && !(await isSameModel(model.name, named));
  const expected = content.base?.sha256;
  const found = expected === undefined ? undefined : (await baseOf(model)).sha256;
  if (found !== undefined && found === expected) return undefined;
  if (isOther) return say`the adapter ${called} was trained for ${named}, but is used with ${model.name}`;
  if (found === undefined) return undefined;
  return say`the adapter ${called} was trained on other weights than those of ${model.name}, so its results
    may be wrong`;
}

/** Compares by name or folder. The same name in another folder counts as the same, since models get moved. */
async function isSameModel(name: string, base: string): Promise<boolean> {
  const last = (path: string) => basename(path.replaceAll('\\', '/').replace(/\/+$/, '')).toLowerCase();
  if (last(name) === last(base)) return true;
  const paths = [name, base].map((path) => fileSystem.realpath(path).catch(() => undefined));
  const [one, other] = await Promise.all(paths);
  return one !== undefined && one === other;
}
