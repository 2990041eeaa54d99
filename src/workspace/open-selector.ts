/** @file Opens a selector with the model whose hidden states it reads. */
import type { PretrainedOptions } from '../pretrained.js';
import type { Device } from '../runtime/index.js';
import { loadSelector, type Selector } from '../selection/selector.js';
import { readSelectorDescription } from '../selection/selector-folder.js';
import { type OpenedForAdapters, openForAdapters } from './open-for-adapters.js';

export interface OpenSelectorOptions extends PretrainedOptions {
  /** Default: the model that the selector names. */
  model?: string;
  /** Where to compute. Default: the CPU. */
  device?: Device;
  /** Threads to compute with. Default: one per core. */
  threads?: number;
}

export interface OpenedSelector extends OpenedForAdapters {
  /** The caller disposes of it. */
  readonly selector: Selector;
}

/**
 * A selector with the model that it was trained on.
 * @throws FileError if the folder has no selector, or the model is a different one; what `fromPretrained` throws
 */
export async function openSelector(
  folder: string,
  { model: name, device, threads, ...options }: OpenSelectorOptions = {},
): Promise<OpenedSelector> {
  const { model: trainedWith, candidates } = await readSelectorDescription(folder);
  const adapters = candidates.flatMap(({ adapter }) => adapter ?? []);
  const pretrained = await openForAdapters(name ?? trainedWith.name, adapters, options);
  return { ...pretrained, selector: await loadSelector(folder, { ...pretrained, device, threads }) };
}
