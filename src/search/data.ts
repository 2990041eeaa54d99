/** @file The data of a search: examples to learn from, and held-out data to compare texts by. */

import { optionError, PromptuneError } from '../errors.js';
import { datasetOptions, type RunInputs } from '../loss/dataset-options.js';
import { type Data, storedSources } from '../records/data.js';
import { say } from '../say.js';
import { planEpoch } from '../text/batches.js';
import { type Dataset, joinDatasets, openDataset, type TextDataset } from '../text/dataset.js';
import type { EncodedExample } from '../text/encode.js';
import { splitDataset } from '../text/split.js';
import { softTokensIn } from '../text/template.js';
import type { ResolvedSearchConfig } from './config.js';

export interface SearchData {
  readonly train: Dataset;
  readonly validation: readonly EncodedExample[];
  readonly recognized?: string;
  /** What of the records is read past. */
  readonly notes: readonly string[];
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** @param numTokens positions of the model's context that the prompt takes */
export async function openSearchData(
  config: ResolvedSearchConfig,
  { model, tokenizer, signal, onDataProgress: onProgress }: RunInputs,
  numTokens: number,
): Promise<SearchData> {
  if (softTokensIn(config.template) > 0)
    throw optionError('template', say`a search finds text; remove {soft:…} from the template`);
  const options = datasetOptions(model, tokenizer, { numVirtualTokens: numTokens }, config);
  const opened: TextDataset[] = [];
  const dispose = async () => {
    for (const dataset of opened) await dataset.dispose();
  };
  let { layoutLanguage } = config;
  const open = async (data: Data) => {
    const parts: TextDataset[] = [];
    for (const source of await storedSources(data, signal)) {
      const dataset = await openDataset({ data: source, ...options, layoutLanguage, onProgress, signal });
      layoutLanguage ??= dataset.layoutLanguage;
      opened.push(dataset);
      parts.push(dataset);
    }
    return joinDatasets(parts);
  };
  try {
    const all = await open(config.data);
    const { validation, seed } = config;
    const parts =
      typeof validation === 'number'
        ? splitDataset(all, { validation, seed })
        : { train: all, validation: await open(validation) };
    return {
      train: parts.train,
      validation: await examplesOf(parts.validation),
      recognized: opened[0]!.shape,
      notes: [...new Set(opened.flatMap(({ notes }) => notes))],
      dispose,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Endless batches of examples: epoch after epoch, each in its own order. */
export async function* endlessBatches(
  dataset: Dataset,
  { batchSize, seed }: { batchSize: number; seed: number },
): AsyncGenerator<EncodedExample[], never> {
  for (let epoch = 0; ; epoch++) {
    let labels = 0;
    for (const batch of planEpoch({ ...dataset, batchSize, seed, epoch })) {
      const examples = await examplesOf(dataset, batch);
      const count = examples.reduce((sum, { lossMask }) => sum + lossMask.subarray(1).indexOf(1) + 1, 0);
      if (count > 0) yield examples;
      labels += count;
    }
    if (labels === 0)
      throw new PromptuneError(say`the data set has no label token to learn from`, { code: 'invalid-data' });
  }
}

function examplesOf(dataset: Dataset, indices?: readonly number[]): Promise<EncodedExample[]> {
  const chosen = indices ?? Array.from({ length: dataset.length }, (_, i) => i);
  return Promise.all(chosen.map((index) => dataset.get(index)));
}
