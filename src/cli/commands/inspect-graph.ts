/** @file `promptune inspect --graph`: the graph of a training step or of generation, one node per line. */
import { UsageError } from '../../errors.js';
import { type GraphKind, graphText } from '../../evaluation/graph-text.js';
import { baseModelOf, singlesIn } from '../../formats/adapter-content.js';
import { readAdapter } from '../../formats/adapter-folder.js';
import { loadAdapter } from '../../index.js';
import { methodNamed } from '../../methods/registry.js';
import { adapterFolder, type ModelFlags, openModel } from '../options/model-options.js';

export interface GraphFlags extends ModelFlags {
  graph?: GraphKind;
  method?: string;
}

/** Of an adapter, or of a method as it starts by its defaults. */
export async function printGraph(
  path: string | undefined,
  { graph = 'training', method, ...flags }: GraphFlags,
  signal: AbortSignal,
): Promise<void> {
  if (path !== undefined && method !== undefined)
    throw new UsageError('give an adapter or --method, not both');
  if (path !== undefined) {
    const content = await readAdapter(await adapterFolder(path));
    const base = flags.model ?? baseModelOf(singlesIn(content)[0]!);
    const { model } = await openModel({ ...flags, model: base }, signal);
    return console.log(graphText(model, await loadAdapter(content, model), graph));
  }
  const { model, tokenizer } = await openModel(flags, signal);
  const { createLearner } = methodNamed(method ?? 'prompt-tuning');
  console.log(graphText(model, await createLearner({ model, tokenizer, config: {}, seed: 0 }), graph));
}
