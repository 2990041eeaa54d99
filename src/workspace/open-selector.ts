/** @file A selector with the model whose states it reads. */
import { fromPretrained, type Pretrained, type PretrainedOptions } from '../pretrained.js';
import type { Device } from '../runtime/index.js';
import { loadSelector, type Selector } from '../selection/selector.js';
import { readSelectorDescription } from '../selection/selector-folder.js';

export interface OpenSelectorOptions extends PretrainedOptions {
  /** Default: the model that the selector names. */
  model?: string;
  device?: Device;
  threads?: number;
}

export interface OpenedSelector extends Pretrained {
  /** To be disposed of. */
  readonly selector: Selector;
}

/** @throws FileError if the folder holds no selector, or the model is another one; what `fromPretrained` throws */
export async function openSelector(
  folder: string,
  { model: name, device, threads, ...options }: OpenSelectorOptions = {},
): Promise<OpenedSelector> {
  const { model: trainedWith } = await readSelectorDescription(folder);
  const pretrained = await fromPretrained(name ?? trainedWith.name, options);
  return { ...pretrained, selector: await loadSelector(folder, { ...pretrained, device, threads }) };
}
