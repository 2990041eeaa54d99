/** @file An adapter's folder in whichever form it has: PEFT's or AdapterHub's. Both keep an adapter_config.json. */
import { join } from '#platform';
import { type AdapterHubAdapter, readAdapterHubAdapter } from './adapterhub.js';
import { isJsonObject, readJsonObjectIfPresent } from './json.js';
import { type PeftAdapter, readPeftAdapter } from './peft.js';

export type AdapterFiles = PeftAdapter | AdapterHubAdapter;

export function isAdapterHub(files: AdapterFiles): files is AdapterHubAdapter {
  return 'architecture' in files.config;
}

/** @throws FileError where the folder is no adapter, or one of its files is damaged or in a format that is not read */
export async function readAdapterFiles(folder: string): Promise<AdapterFiles> {
  const config = await readJsonObjectIfPresent(join(folder, 'adapter_config.json'));
  const ofAdapterHub = config && config.peft_type === undefined && isJsonObject(config.config);
  return ofAdapterHub ? readAdapterHubAdapter(folder) : readPeftAdapter(folder);
}
