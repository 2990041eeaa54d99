/** @file `promptune inspect --graph`: the graph of a training step or of generation, one node per line. */
import {
  defaultMethod,
  type GraphKind,
  graphText,
  loadAdapter,
  methodNamed,
  UsageError,
} from '../../index.js';
import { say } from '../../say.js';
import { baseModelOf, findAdapter } from '../../workspace/index.js';
import { type ModelFlags, openModel } from '../options/model-options.js';

export interface GraphFlags extends ModelFlags {
  graph?: GraphKind;
  method?: string;
}

/** Prints the graph of an adapter, or of a method with its default options. */
export async function printGraph(
  path: string | undefined,
  { graph = 'training', method, ...flags }: GraphFlags,
  signal: AbortSignal,
): Promise<void> {
  if (path !== undefined && method !== undefined)
    throw new UsageError(say`use either an adapter or --method, not both`);
  if (path !== undefined) {
    const folder = await findAdapter(path);
    const base = flags.model ?? (await baseModelOf(folder));
    const { model } = await openModel({ ...flags, model: base }, signal);
    return console.log(graphText(model, await loadAdapter(folder, model), graph));
  }
  const { model, tokenizer } = await openModel(flags, signal);
  const { createLearner } = methodNamed(method ?? defaultMethod);
  console.log(graphText(model, await createLearner({ model, tokenizer, config: {}, seed: 0 }), graph));
}
