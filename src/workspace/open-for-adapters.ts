/** @file Opens the model and tokenizer for adapters: those that are named, or else the adapters' own. */
import { realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { baseOf } from '../adapters/base.js';
import { optionError, PromptuneError } from '../errors.js';
import { baseModelOf, singlesIn } from '../formats/adapter-content.js';
import { readAdapter } from '../formats/adapter-folder.js';
import { type Pretrained, withModelsEnd } from '../open-pretrained.js';
import { fromPretrained, type PretrainedOptions } from '../pretrained.js';
import { loadTokenizer, readChatTemplates, type Tokenizer } from '../text/tokenizer.js';
import { baseModelOf as baseModelIn, findAdapter } from './find-adapter.js';

export interface OpenedForAdapters extends Pretrained {
  /** A note for the user if the model is not the adapters' base model. */
  readonly note?: string;
}

/**
 * Loads a model for adapters: the one called `name`, or the first adapter's own, or without adapters the embedded one.
 * A tokenizer or chat template in the first adapter's folder replaces the model's.
 * @throws UsageError if an adapter's own model cannot be opened; what `fromPretrained` throws
 */
export async function openForAdapters(
  name: string | undefined,
  adapters: readonly string[] = [],
  options: PretrainedOptions = {},
): Promise<OpenedForAdapters> {
  const [first] = adapters;
  if (first === undefined) return fromPretrained(name, options);
  const folder = await findAdapter(first);
  const base = await baseModelIn(folder).catch(() => undefined); // who loads the adapter says what is wrong with it
  const pretrained =
    name === undefined ? await ownModel(first, base, options) : await fromPretrained(name, options);
  const tokenizer = await tokenizerBeside(folder, pretrained);
  const notes: string[] = [];
  for (const adapter of adapters) {
    const note = await noteOfOtherBase(adapter, name ?? base, pretrained);
    if (note !== undefined) notes.push(note);
  }
  return { ...pretrained, tokenizer, ...(notes.length > 0 && { note: notes.join('\n') }) };
}

/** By the digest of the weights where the adapter has it, which holds for moved and renamed models as well. */
async function noteOfOtherBase(
  adapter: string,
  used: string | undefined,
  { model }: Pretrained,
): Promise<string | undefined> {
  const content = await readAdapter(await findAdapter(adapter)).catch(() => undefined);
  if (!content) return undefined; // who loads the adapter says what is wrong with it
  const [first] = singlesIn(content);
  const named = first && baseModelOf(first);
  const isOther = used !== undefined && named !== undefined && !(await isSameModel(used, named));
  const expected = content.base?.sha256;
  const found = expected === undefined ? undefined : (await baseOf(model)).sha256;
  if (found !== undefined && found === expected) return undefined;
  if (isOther) return `the adapter ${adapter} was trained for ${named}, but is used with ${used}`;
  return (
    found &&
    `the adapter ${adapter} was trained on other weights than those of ${model.name}, so its results may be wrong`
  );
}

async function ownModel(
  adapter: string,
  base: string | undefined,
  options: PretrainedOptions,
): Promise<Pretrained> {
  try {
    return await fromPretrained(base, options);
  } catch (error) {
    if (base === undefined || !(error instanceof PromptuneError)) throw error;
    const problem = `the adapter ${adapter} was trained for ${base}, which cannot be opened; name the model to use`;
    throw optionError('model', `${problem} (${error.message})`, { cause: error });
  }
}

/** Compares by name or folder. The same name in another folder counts as the same, since models get moved. */
async function isSameModel(name: string, base: string): Promise<boolean> {
  const last = (path: string) => basename(path.replaceAll('\\', '/').replace(/\/+$/, '')).toLowerCase();
  if (last(name) === last(base)) return true;
  const [one, other] = await Promise.all([name, base].map((path) => realpath(path).catch(() => undefined)));
  return one !== undefined && one === other;
}

/** The tokenizer or chat template in an adapter's folder, as transformers finds them. */
async function tokenizerBeside(folder: string, { model, tokenizer }: Pretrained): Promise<Tokenizer> {
  const has = (file: string) =>
    stat(join(folder, file)).then(
      () => true,
      () => false,
    );
  // Tokens that were added without rows in the embeddings do no harm until a text has one, which is then an error.
  if (await has('tokenizer.json')) return withModelsEnd(await loadTokenizer(folder), model);
  const own = await readChatTemplates(folder);
  return own.chatTemplate === undefined ? tokenizer : { ...tokenizer, ...own };
}
