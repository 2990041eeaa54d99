/** @file Inspects a data file before training. */

import { datasetOptions } from '../loss/dataset-options.js';
import type { Pretrained } from '../open-pretrained.js';
import { type CheckOptions, checkData, type DataReport } from '../text/check.js';
import { type DataConfig, resolveDataConfig } from '../text/data-config.js';

export interface CheckDataFileOptions
  extends Pretrained,
    Pick<CheckOptions, 'data' | 'against' | 'examples' | 'signal'> {
  /** How to read it, as in training. */
  reading?: Partial<DataConfig>;
}

/**
 * Reads a file as training would, and reports what is in it.
 * @throws FileError if the file cannot be read; rows that training would refuse are in the report
 */
export async function checkDataFile(options: CheckDataFileOptions): Promise<DataReport> {
  const { model, tokenizer, reading = {}, ...rest } = options;
  return checkData({ ...datasetOptions(model, tokenizer, undefined, resolveDataConfig(reading)), ...rest });
}
