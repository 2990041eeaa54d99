/** @file How many validation rows get their own label after a run, where labels are written as completions. */

import {
  type CompletionAccuracy,
  type CompletionAccuracyOptions,
  completionAccuracy,
  distinctCompletions,
} from '../evaluation/completion-accuracy.js';
import type { RunInputs } from '../loss/dataset-options.js';
import { joinedLabels, mostLabels } from '../text/label-names.js';
import type { PreparedRun } from './prepare-run.js';
import { preferenceOf } from './run-config.js';

/** Undefined where completions are not labels, or there are no validation rows. */
export async function labelAccuracy(
  { config, learner, read, plainData: data, maxLength }: PreparedRun,
  {
    model,
    tokenizer,
    signal,
    onProgress,
  }: Pick<RunInputs, 'model' | 'tokenizer' | 'signal'> & Pick<CompletionAccuracyOptions, 'onProgress'>,
): Promise<CompletionAccuracy | undefined> {
  const { verbalizer, packing, trainOn, truncation, batchSize, device, threads } = config;
  const areLabels = verbalizer !== undefined || joinedLabels(read.map(({ labels }) => labels)) !== undefined;
  const areWhole = !packing && trainOn === 'completion' && truncation !== 'end';
  if (!data.validation || learner.head || preferenceOf(config) || !areLabels || !areWhole) return undefined;
  const completions = await distinctCompletions([data.dataset, data.validation], mostLabels);
  if (!completions || completions.length < 2) return undefined;
  const { startIds } = tokenizer;
  return completionAccuracy({
    ...{ model, adapter: learner, dataset: data.validation, completions, maxLength, startIds },
    ...{ batchSize, device, threads, signal, onProgress },
  });
}
