/** @file Reads an adapter's folder for a model, whichever form it has. */
import { composeAdapters } from '../attach/compose.js';
import { withHead } from '../attach/head.js';
import { splitHead } from '../attach/head-files.js';
import type { Adapter } from '../attach/method.js';
import { placeAsSaved } from '../attach/placed-prompt.js';
import { FileError } from '../errors.js';
import { isAdapterHub, readAdapterFiles } from '../formats/adapter.js';
import { readComposition } from '../formats/composition.js';
import { headAlone } from '../methods/head-alone.js';
import { methods } from '../methods/registry.js';
import type { LanguageModel } from '../models/model.js';

/**
 * Reads an adapter folder (PEFT's form, AdapterHub's, or several such folders as one run had them) for a model.
 * @throws FileError where the files are broken, of a kind not known here, or made for another model
 */
export async function loadAdapter(folder: string, model: LanguageModel): Promise<Adapter> {
  const parts = await readComposition(folder);
  if (!parts) return placeAsSaved(await loadSingle(folder, model), folder);
  const adapters: Adapter[] = [];
  for (const part of parts) adapters.push(await loadAdapter(part.folder, model));
  // A head of several adapters is a part of its own.
  const { head } = adapters.find(({ method }) => method === headAlone.name) ?? {};
  const composed = composeAdapters(adapters.filter(({ method }) => method !== headAlone.name));
  return placeAsSaved(head ? withHead(composed, head) : composed, folder);
}

async function loadSingle(folder: string, model: LanguageModel): Promise<Adapter> {
  const read = await readAdapterFiles(folder);
  if (isAdapterHub(read)) {
    const { architecture } = read.config;
    const method = methods.find(({ adapterHubArchitecture }) => adapterHubArchitecture === architecture);
    if (method?.loadAdapterHub) return method.loadAdapterHub(read, model);
    const readable = methods.flatMap(({ adapterHubArchitecture }) => adapterHubArchitecture ?? []);
    throw new FileError(
      folder,
      'config.architecture',
      `AdapterHub's adapters of type ${architecture} cannot be read here, only ${readable.join(', ')}`,
    );
  }
  const { files, head } = splitHead(read, model);
  const method = methods.find(({ peftType }) => peftType === files.config.peftType);
  if (method?.load) {
    const adapter = method.load(files, model);
    return head ? withHead(adapter, head) : adapter;
  }
  const readable = methods.flatMap(({ peftType }) => peftType ?? []).join(', ');
  throw new FileError(
    folder,
    'peft_type',
    `adapters of type ${files.config.peftType} cannot be read here, only ${readable}`,
  );
}
