/** @file The model and the tokenizer that adapters are used with: those that are named, or else their own. */
import { realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { optionError, PromptuneError } from '../errors.js';
import { fromPretrained, type Pretrained, type PretrainedOptions, withModelsEnd } from '../pretrained.js';
import { loadTokenizer, readChatTemplates, type Tokenizer } from '../text/tokenizer.js';
import { baseModelOf, findAdapter } from './find-adapter.js';

export interface OpenedForAdapters extends Pretrained {
  /** Something that the user should read: the model is another than the adapter was learned for. */
  readonly note?: string;
}

/**
 * Loads a model for adapters: the one that `name` says, or the first adapter's own, or without adapters the embedded
 * one. A tokenizer or a chat template beside the first adapter is used instead of the model's.
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
  const bases: (string | undefined)[] = [];
  for (const adapter of adapters) bases.push(await baseOf(adapter));
  const pretrained =
    name === undefined ? await ownModel(first, bases[0], options) : await fromPretrained(name, options);
  const tokenizer = await tokenizerBeside(folder, pretrained);
  const notes = await otherBases(name ?? bases[0], adapters, bases);
  return { ...pretrained, tokenizer, ...(notes.length > 0 && { note: notes.join('\n') }) };
}

/** The model that an adapter names. Where its files cannot be read, who loads the adapter says what is wrong. */
const baseOf = async (adapter: string): Promise<string | undefined> =>
  baseModelOf(await findAdapter(adapter)).catch(() => undefined);

/** What to say of adapters that were learned for another model than the one that is used. */
async function otherBases(
  used: string | undefined,
  adapters: readonly string[],
  bases: readonly (string | undefined)[],
): Promise<string[]> {
  const notes: string[] = [];
  for (const [i, base] of bases.entries())
    if (used !== undefined && base !== undefined && !(await isSameModel(used, base)))
      notes.push(`the adapter ${adapters[i]} was learned for ${base}, and is used with ${used}`);
  return notes;
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
    const problem = `the adapter ${adapter} was learned for ${base}, which cannot be opened; name the model to use`;
    throw optionError('model', `${problem} (${error.message})`, { cause: error });
  }
}

/** By name or folder; the same name in another folder is taken for the same, as models are moved. */
async function isSameModel(name: string, base: string): Promise<boolean> {
  const last = (path: string) => basename(path.replaceAll('\\', '/').replace(/\/+$/, '')).toLowerCase();
  if (last(name) === last(base)) return true;
  const [one, other] = await Promise.all([name, base].map((path) => realpath(path).catch(() => undefined)));
  return one !== undefined && one === other;
}

/** The tokenizer or the chat template that was saved beside an adapter, as transformers finds them there. */
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
