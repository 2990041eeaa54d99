/** @file Evaluates a selector on rows that it was not trained on. */

import type { LanguageModel } from '../models/model.js';
import { type Data, storedSources } from '../records/data.js';
import type { ReadOptions } from '../records/text-encoding.js';
import type { Device } from '../runtime/index.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { type LossProgress, measureCandidates } from './loss-table.js';
import { reportOf, type SelectionReport } from './report.js';
import { openInputs } from './rows.js';
import type { Selector } from './selector.js';

export interface EvaluateSelectorOptions extends ReadOptions {
  selector: Selector;
  model: LanguageModel;
  tokenizer: Tokenizer;
  /** Rows as in training, a path, or several of these. */
  data: Data;
  /** Where to compute. Default: the CPU. */
  device?: Device;
  /** Threads to compute with. Default: one per core. */
  threads?: number;
  onProgress?: (progress: LossProgress) => void;
}

/** Computes every candidate's loss on every row, and compares the selector's choices with the best single candidate. */
export async function evaluateSelector(options: EvaluateSelectorOptions): Promise<SelectionReport> {
  const { selector, signal } = options;
  const data = await storedSources(options.data, signal);
  const { candidates, inputField } = selector;
  const rowOptions = { ...options, inputField };
  const inputs = await openInputs(data, rowOptions);
  try {
    const choices = await selector.selectEncoded(inputs, { signal });
    const table = await measureCandidates(data, { ...rowOptions, candidates });
    return reportOf(
      candidates,
      table,
      choices.map(({ index }) => index),
    );
  } finally {
    await inputs.dispose();
  }
}
