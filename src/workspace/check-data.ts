/** @file What is in a data file, before anybody trains on it. */

import { datasetOptions } from '../loss/dataset-options.js';
import type { Pretrained } from '../pretrained.js';
import { type CheckOptions, checkData, type DataReport } from '../text/check.js';
import { type DataConfig, resolveDataConfig } from '../text/data-config.js';

export interface CheckDataFileOptions
  extends Pretrained,
    Pick<CheckOptions, 'data' | 'against' | 'examples' | 'signal'> {
  /** How it is read, as in training. */
  reading?: Partial<DataConfig>;
}

/** @throws FileError if the file cannot be read; rows that training would refuse are counted in the report */
export async function checkDataFile(options: CheckDataFileOptions): Promise<DataReport> {
  const { model, tokenizer, reading = {}, ...rest } = options;
  return checkData({ ...datasetOptions(model, tokenizer, undefined, resolveDataConfig(reading)), ...rest });
}
