/**
 * @file Which files of a folder are its tokenizer's, as transformers 5.18 finds them: tokenizer.json, or one for newer
 * versions of transformers; and chat templates, each under a name.
 */
import { fileSystem, join } from '#platform';
import { FileError } from '../errors.js';
import { readTextIfPresent } from '../formats/files.js';
import { isJsonObject, type JsonObject } from '../formats/json.js';
import { say } from '../say.js';

/** The version of transformers whose rules hold here. */
const version = [5, 18];

/**
 * The name of the tokenizer.json that counts: of those in `fast_tokenizer_files`, such as tokenizer.4.0.0.json, the
 * last one that is no newer than transformers.
 * @param path of tokenizer_config.json, for errors
 */
export function tokenizerFileName({ fast_tokenizer_files: files }: JsonObject, path: string): string {
  if (files === undefined) return 'tokenizer.json';
  const wrong = () =>
    new FileError(path, 'fast_tokenizer_files', say`expected a list of names such as "tokenizer.4.0.0.json"`);
  if (!Array.isArray(files) || !files.every((name) => typeof name === 'string')) throw wrong();
  const byVersion = new Map<string, string>();
  for (const name of files as string[]) {
    const written = /tokenizer\.(.*)\.json/.exec(name)?.[1];
    if (written === undefined) continue;
    if (!/^\d+(\.\d+)*$/.test(written) || !/^[\w.-]+$/.test(name)) throw wrong();
    byVersion.set(written, name);
  }
  let found = 'tokenizer.json';
  for (const written of [...byVersion.keys()].sort()) {
    const parts = written.split('.').map(Number);
    const differs = parts.findIndex((part, i) => part !== (version[i] ?? 0));
    if (differs >= 0 && parts[differs]! > (version[differs] ?? 0)) break;
    found = byVersion.get(written)!;
  }
  return found;
}

const templateFolder = 'additional_chat_templates';

/** The names of a folder's files that belong to its tokenizer besides those that all tokenizers have. */
export async function extraTokenizerFiles(folder: string): Promise<string[]> {
  const versions = (await fileSystem.list(folder)).filter((name) => /^tokenizer\.[\d.]+\.json$/.test(name));
  return [...versions, ...(await templateNames(folder)).map((name) => `${templateFolder}/${name}.jinja`)];
}

async function templateNames(folder: string): Promise<string[]> {
  const path = join(folder, templateFolder);
  if ((await fileSystem.stat(path))?.kind !== 'folder') return [];
  const files = (await fileSystem.list(path)).filter((name) => name.endsWith('.jinja')).sort();
  return files.map((name) => name.slice(0, -'.jinja'.length));
}

/**
 * The chat templates of a folder by name, of which transformers takes `default`, and `tool_use` where there are tools.
 * Files of their own go before all that tokenizer_config.json has.
 */
export async function chatTemplates(folder: string, json: JsonObject): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const own = await readTextIfPresent(join(folder, 'chat_template.jinja'));
  if (own !== undefined) files.default = own;
  for (const name of await templateNames(folder)) {
    const template = await readTextIfPresent(join(folder, templateFolder, `${name}.jinja`));
    if (template !== undefined) files[name] = template;
  }
  const inConfig = chatTemplatesIn(json, join(folder, 'tokenizer_config.json'));
  if (Object.keys(files).length === 0) return inConfig;
  return { ...(inConfig.default !== undefined && { default: inConfig.default }), ...files };
}

/** Those of tokenizer_config.json: one, a list with names, or an object. */
export function chatTemplatesIn({ chat_template: given }: JsonObject, path: string): Record<string, string> {
  if (given == null) return {};
  if (typeof given === 'string') return { default: given };
  const named = Array.isArray(given)
    ? given.map((entry): [unknown, unknown] => (isJsonObject(entry) ? [entry.name, entry.template] : [0, 0]))
    : Object.entries(given);
  if (named.every((entry): entry is [string, string] => entry.every((part) => typeof part === 'string')))
    return Object.fromEntries(named);
  const expected = say`expected a text, or texts with names: [{"name": "default", "template": "…"}]`;
  throw new FileError(path, 'chat_template', expected);
}
