/** @file Reads and writes adapter folders of one format for tests. */
import type { TrainableTensors } from '../tensor.js';
import { type AdapterHubContent, expectPeft, type PeftContent } from './adapter-content.js';
import { readAdapter, writeAdapter } from './adapter-folder.js';
import type { JsonObject } from './json.js';

export const readPeftAdapter = async (folder: string): Promise<PeftContent> =>
  expectPeft(await readAdapter(folder));

export const writePeftAdapter = (folder: string, content: Pick<PeftContent, 'config' | 'tensors'>) =>
  writeAdapter(folder, { form: 'peft', ...content });

/** @param about keys of adapter_config.json besides `config` */
export const writeAdapterHubAdapter = (
  folder: string,
  { settings, about, tensors }: { settings: JsonObject; about: JsonObject; tensors: TrainableTensors },
) => writeAdapter(folder, { form: 'adapterhub', config: { ...about, config: settings }, tensors });

export async function readAdapterHubAdapter(folder: string): Promise<AdapterHubContent> {
  const content = await readAdapter(folder);
  if (content.form !== 'adapterhub')
    throw new Error(`expected ${folder} in AdapterHub's format, found ${content.form}`);
  return content;
}
