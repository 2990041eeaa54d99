/** @file Inspects the data of a run before training. */
import { datasetOptions } from '../loss/dataset-options.js';
import { headAlone } from '../methods/head-alone.js';
import { methodNamed } from '../methods/registry.js';
import type { LanguageModel } from '../models/model.js';
import { openData } from '../records/data.js';
import { type CheckOptions, checkData, type DataReport } from '../text/check.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { createLearner } from './create-learner.js';
import type { ResolvedRunConfig } from './run-config.js';

export interface RunDataReport extends DataReport {
  /** The names of the first row's fields. */
  readonly fields: readonly string[];
}

/**
 * Inspects the data of a run as the run would read it: with the positions that its method takes, its soft tokens in the
 * template, and the labels of its head.
 * @throws FileError if a file cannot be read, and what the run throws for its options; rows that training would refuse
 *   are in the report
 */
export async function checkRunData(
  config: ResolvedRunConfig,
  {
    model,
    tokenizer,
    ...rest
  }: { model: LanguageModel; tokenizer: Tokenizer } & Pick<CheckOptions, 'examples' | 'signal'>,
): Promise<RunDataReport> {
  // A whole model's learner copies its weights, of which the data needs the head alone.
  const { savesModel } = methodNamed(config.method);
  const isPlain = savesModel && config.taskType === 'causal-lm';
  const read = savesModel ? { ...config, method: headAlone.name, methodOptions: {} } : config;
  const adapter = isPlain ? undefined : await createLearner(read, { model, tokenizer, signal: rest.signal });
  const { data } = config;
  const report = await checkData({ ...datasetOptions(model, tokenizer, adapter, config), data, ...rest });
  return { ...report, fields: await fieldsOf(config) };
}

async function fieldsOf({ data, encoding }: ResolvedRunConfig): Promise<string[]> {
  const records = await openData(data, { encoding });
  try {
    return Object.keys((await records.get(0)).fields);
  } finally {
    await records.close();
  }
}
