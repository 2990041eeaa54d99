/** @file Inspects a data file before training. */

import { datasetOptions } from '../loss/dataset-options.js';
import { headAlone } from '../methods/head-alone.js';
import { methodNamed } from '../methods/registry.js';
import type { Pretrained } from '../open-pretrained.js';
import { createLearner } from '../runs/create-learner.js';
import type { ResolvedRunConfig } from '../runs/run-config.js';
import { type CheckOptions, checkData, type DataReport } from '../text/check.js';
import { type DataConfig, resolveDataConfig } from '../text/data-config.js';

export interface CheckDataFileOptions
  extends Pretrained,
    Pick<CheckOptions, 'data' | 'against' | 'examples' | 'signal'> {
  /** How to read it, as in training. */
  reading?: Partial<DataConfig>;
}

/** @throws FileError if the file cannot be read; rows that training would refuse are in the report */
export async function checkDataFile(options: CheckDataFileOptions): Promise<DataReport> {
  const { model, tokenizer, reading = {}, ...rest } = options;
  return checkData({ ...datasetOptions(model, tokenizer, undefined, resolveDataConfig(reading)), ...rest });
}

/**
 * Inspects the data of a run as the run would read it: with the positions that its method takes, its soft tokens in the
 * template, and the labels of its head.
 * @throws as `checkDataFile`, and what the run throws for its options
 */
export async function checkRunData(
  config: ResolvedRunConfig,
  { model, tokenizer, ...rest }: Pretrained & Pick<CheckOptions, 'examples' | 'signal'>,
): Promise<DataReport> {
  // A whole model's learner copies its weights, of which the data needs the head alone.
  const { savesModel } = methodNamed(config.method);
  const isPlain = savesModel && config.taskType === 'causal-lm';
  const read = savesModel ? { ...config, method: headAlone.name, methodOptions: {} } : config;
  const adapter = isPlain ? undefined : await createLearner(read, { model, tokenizer, signal: rest.signal });
  return checkData({ ...datasetOptions(model, tokenizer, adapter, config), data: config.data, ...rest });
}
