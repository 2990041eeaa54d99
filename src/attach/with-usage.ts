/** @file An adapter that knows how it is used. */

import type { AdapterUsage } from '../formats/adapter-content.js';
import type { LanguageModel } from '../models/model.js';
import type { DataConfig } from '../text/data-config.js';
import { type LabelWords, labelWords, notedReading } from '../text/noted-reading.js';
import type { Adapter } from './method.js';

/** The adapter, and that of each of its tasks, with how it is used. */
export function withUsage<A extends Adapter>(adapter: A, usage: AdapterUsage | undefined): A {
  const { tasks } = adapter;
  if (!usage) return adapter;
  if (!tasks) return { ...adapter, usage };
  const adapterFor = (task: number) => withUsage(tasks.adapterFor(task), usage);
  return { ...adapter, usage, tasks: { ...tasks, adapterFor } };
}

/** How a model is used with an adapter, or alone: a whole model that was trained, or merged, has its own notes. */
export const usageFor = (
  model: Pick<LanguageModel, 'source'>,
  adapter: Pick<Adapter, 'usage'> | undefined,
): AdapterUsage | undefined => (adapter ? adapter.usage : model.source.usage);

/**
 * The words by which a model labels texts with an adapter, or alone: those that are noted, or noted labels as they are.
 * Undefined without any, and for an adapter with a head.
 */
export const notedWords = (
  model: Pick<LanguageModel, 'source'>,
  adapter: Pick<Adapter, 'usage' | 'head'> | undefined,
): LabelWords | undefined => (adapter?.head ? undefined : labelWords(usageFor(model, adapter)));

/** How records are read for a model with an adapter, or alone: as `notedReading`, also of an adapter without notes. */
export const readingFor = (
  model: Pick<LanguageModel, 'source'>,
  adapter: Pick<Adapter, 'usage'> | undefined,
  given?: Partial<DataConfig>,
): Partial<DataConfig> => notedReading(usageFor(model, adapter) ?? (adapter && { reading: {} }), given);
