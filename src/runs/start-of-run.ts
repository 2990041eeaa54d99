/** @file What a run's method started from, computed again: it follows from configuration and seed. */
import type { Learner } from '../attach/method.js';
import type { LanguageModel } from '../models/model.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { createMethodLearner } from './create-learner.js';
import { type RunOptions, resolveRunConfig } from './run-config.js';
import { resumedSettings } from './stored-settings.js';

/**
 * The learner of a run before its first step, without a head.
 * @param config as `readRun` has it
 * @throws UsageError for settings that are not in the folder, such as an adapter that was in memory
 */
export async function learnerAtStart(
  { model: _, output: __, dtype: ___, ...config }: Readonly<Record<string, unknown>>,
  { model, tokenizer, signal }: { model: LanguageModel; tokenizer: Tokenizer; signal?: AbortSignal },
): Promise<Learner> {
  // The data is not read: what the method starts from does not depend on it.
  const settings = { ...resumedSettings(config), data: 'unread', validation: 0 };
  return createMethodLearner(resolveRunConfig(settings as RunOptions), { model, tokenizer, signal });
}
