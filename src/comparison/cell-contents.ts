/** @file What a cell reads, by digests: with its settings they decide its result, wherever the files lie. */
import { fileSystem, sha256 } from '#platform';
import { filesOf } from '../formats/adapter-files.js';
import { readAdapter } from '../formats/adapter-folder.js';
import { fileDigest, weightsDigest } from '../formats/digest.js';
import { isJsonObject, sortKeys } from '../formats/json.js';
import type { RunInputs } from '../loss/dataset-options.js';
import { storedSources } from '../records/data.js';
import { fileDigests, tokenizerDigest, toolTemplateDigest, toolTemplateName } from '../runs/run-inputs.js';
import type { CellSettings } from './cells.js';

/** Settings of methods that are paths. A test holds that no method has another. */
export const pathOptions: readonly string[] = ['examplesFile', 'initAdapter', 'initFile'];

/** Digests of contents, each of which is read once. */
export function contentDigests({
  model,
  tokenizer,
  signal,
}: Pick<RunInputs, 'model' | 'tokenizer' | 'signal'>) {
  const known = new Map<string, Promise<string>>();
  const once = (name: string, compute: () => Promise<string>): Promise<string> => {
    const found = known.get(name) ?? compute();
    known.set(name, found);
    return found;
  };

  /** What the cell reads, by its words in messages. */
  return async ({ run, test }: CellSettings): Promise<Record<string, string>> => {
    const source = async (data: string) => {
      const digests = await fileDigests(await storedSources(data, signal), signal);
      return sha256().update(digests.flat().join(' ')).hex();
    };
    const contents: Record<string, string> = {
      weights: await once('weights', () => weightsDigest(model.source)),
      configuration: await once('configuration', async () => jsonDigest(model.source.config)),
      tokenizer: await once('tokenizer', async () => tokenizerDigest(tokenizer)),
      ...(tokenizer.toolChatTemplate !== undefined && { [toolTemplateName]: toolTemplateDigest(tokenizer) }),
      'test data': await once(`data ${test}`, () => source(test)),
    };
    if (!run) return contents;
    for (const [name, data] of [
      ['data', run.data],
      ['validation data', run.validation],
    ] as const)
      for (const [i, path] of [data].flat().entries())
        if (typeof path === 'string')
          contents[i === 0 ? name : `${name} ${i + 1}`] = await once(`data ${path}`, () => source(path));
    for (const { at, path } of pathsIn(run.methodOptions))
      contents[`methodOptions.${at.join('.')}`] = await once(`file ${path}`, () => pathDigest(path, signal));
    return contents;
  };
}

/** The paths among a method's options. With several methods, the options of one are under its name. */
export function pathsIn(
  options: unknown,
  at: readonly string[] = [],
): { at: readonly string[]; path: string }[] {
  if (!isJsonObject(options)) return [];
  return Object.entries(options).flatMap(([key, value]) =>
    typeof value === 'string' && pathOptions.includes(key)
      ? [{ at: [...at, key], path: value }]
      : pathsIn(value, [...at, key]),
  );
}

const jsonDigest = (value: unknown) => sha256().update(JSON.stringify(value, sortKeys)).hex();

/** Of a file, or of an adapter in a folder. */
async function pathDigest(path: string, signal?: AbortSignal): Promise<string> {
  if ((await fileSystem.stat(path))?.kind !== 'folder') return fileDigest(path, signal);
  const hash = sha256();
  for (const [name, bytes] of filesOf(await readAdapter(path)))
    hash.update(`${name} ${bytes.length}\n`).update(bytes);
  return hash.hex();
}
