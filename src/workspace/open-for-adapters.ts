/** @file Opens the model and tokenizer for adapters: those that are named, or else the adapters' own. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { otherBaseNote } from '../adapters/base.js';
import { optionError, PromptuneError } from '../errors.js';
import { readAdapter } from '../formats/adapter-folder.js';
import type { LanguageModel } from '../models/model.js';
import { type Pretrained, withModelsEnd } from '../open-pretrained.js';
import { fromPretrained, type PretrainedOptions } from '../pretrained.js';
import { say } from '../say.js';
import { loadTokenizer, readChatTemplates, type Tokenizer } from '../text/tokenizer.js';
import { baseModelOf, findAdapter } from './find-adapter.js';

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
  const base = await baseModelOf(folder).catch(() => undefined); // who loads the adapter says what is wrong with it
  const pretrained =
    name === undefined ? await ownModel(first, base, options) : await fromPretrained(name, options);
  const tokenizer = await tokenizerBeside(folder, pretrained);
  const notes: string[] = [];
  for (const adapter of adapters) {
    const note = await noteOfOtherBase(adapter, pretrained.model);
    if (note !== undefined) notes.push(note);
  }
  return { ...pretrained, tokenizer, ...(notes.length > 0 && { note: notes.join('\n') }) };
}

/** Says that an adapter, in its folder or that of its run, was trained for another model. */
export async function noteOfOtherBase(
  adapter: string,
  model: LanguageModel,
  called = adapter,
): Promise<string | undefined> {
  const content = await readAdapter(await findAdapter(adapter)).catch(() => undefined);
  return content && otherBaseNote(content, model, called); // who loads the adapter says what is wrong with it
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
    const problem = say`the adapter ${adapter} was trained for ${base}, which cannot be opened; name the model to
      use`;
    throw optionError('model', `${problem} (${error.message})`, { cause: error });
  }
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
