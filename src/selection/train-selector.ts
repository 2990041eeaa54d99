/** @file Trains a selector: losses of all candidates on all rows, the network, and its folder. */

import { requireDecoderOnly } from '../models/causal-only.js';
import type { LanguageModel } from '../models/model.js';
import { type Data, storedSources } from '../records/data.js';
import { checkDevice, type Device } from '../runtime/index.js';
import { say } from '../say.js';
import { type Dataset, subsetOf } from '../text/dataset.js';
import { splitIndices } from '../text/split.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { type Candidate, checkCandidates } from './candidates.js';
import { resolveSelectorConfig, type SelectorConfig } from './config.js';
import { type EpochEvent, fitSelector, type MeasuredRows } from './fit.js';
import { lossStore } from './loss-store.js';
import { type LossProgress, type MeasureOptions, measureCandidates, rowsOfTable } from './loss-table.js';
import { reportOf, type SelectionReport } from './report.js';
import { inputFieldOf, openInputs } from './rows.js';
import {
  checkSelectorFolder,
  describeModel,
  lossesFolder,
  sizesOf,
  writeSelectorFolder,
} from './selector-folder.js';

export type SelectionEvent =
  | ({ type: 'losses' } & LossProgress)
  | ({ type: 'epoch' } & EpochEvent)
  /** Fields that no candidate reads. */
  | { type: 'note'; message: string };

export interface TrainSelectorOptions extends SelectorConfig {
  model: LanguageModel;
  tokenizer: Tokenizer;
  /** Two or more prompts to choose from, as texts or adapters. */
  candidates: readonly Candidate[];
  /** Rows with an input and the expected answer, a path, or several of these. */
  data: Data;
  /** Rows to choose the best epoch by; or a fraction (below 1) or number of the rows of `data`. Default 0.2. */
  validation?: Data | number;
  /** Folder for selector.json, selector.safetensors and losses/, which an interrupted training continues from. */
  output: string;
  /** Replace the selector in `output`. Losses that are still valid are reused. */
  overwrite?: boolean;
  /** Where to compute. Default: the CPU. */
  device?: Device;
  /** Threads to compute with. Default: one per core. */
  threads?: number;
  /** Where losses are computed. Default: here. */
  createEvaluator?: MeasureOptions['createEvaluator'];
  /** Ends the training; losses that were computed stay in `output`. */
  signal?: AbortSignal;
  /** Called with progress, epochs and notes. */
  onEvent?: (event: SelectionEvent) => void;
}

export interface TrainSelectorResult {
  /** Results on the validation rows, which also chose the epoch. For other rows see `evaluateSelector`. */
  readonly validation: SelectionReport;
  readonly trainRows: number;
  readonly bestEpoch: number;
}

/**
 * Trains a network to predict, from the frozen model's hidden states of an input, which candidate is best for it.
 * @throws UsageError for invalid options, FileError for invalid files, PromptuneError if training diverges
 */
export async function trainSelector(options: TrainSelectorOptions): Promise<TrainSelectorResult> {
  const {
    model,
    tokenizer,
    candidates: given,
    data: givenData,
    validation = 0.2,
    output,
    overwrite,
    ...others
  } = options;
  const { device, threads, createEvaluator, signal, onEvent, ...rest } = others;
  const config = resolveSelectorConfig(rest);
  const candidates = checkCandidates(given).map((candidate) => ({
    completionTemplate: config.completionTemplate,
    ...candidate,
  }));
  requireDecoderOnly(model, say`the selection of prompts`);
  checkDevice(device ?? 'cpu');
  await checkSelectorFolder(output, { overwrite });
  const data = await storedSources(givenData, signal);
  const inputField = config.inputField ?? (await inputFieldOf(data, config));
  const opened: Dataset[] = [];
  try {
    const measure = async (source: Data): Promise<MeasuredRows> => {
      const rowOptions = { model, tokenizer, inputField, encoding: config.encoding, signal };
      const inputs = await openInputs(source, rowOptions);
      opened.push(inputs);
      const table = await measureCandidates(source, {
        ...rowOptions,
        candidates,
        store: lossStore(lossesFolder(output)),
        device,
        threads,
        createEvaluator,
        onProgress: (progress) => onEvent?.({ type: 'losses', ...progress }),
        onNote: (message) => onEvent?.({ type: 'note', message }),
      });
      return { inputs, table };
    };
    const all = await measure(data);
    const parts =
      typeof validation === 'number'
        ? splitRows(all, { validation, seed: config.seed })
        : { train: all, validation: await measure(await storedSources(validation, signal)) };

    const sizes = sizesOf({ ...config, candidates }, model);
    const onEpoch = (event: EpochEvent) => onEvent?.({ type: 'epoch', ...event });
    const fitted = await fitSelector({ model, sizes, config, ...parts, device, threads, signal, onEpoch });
    const description = {
      selector: config.selector,
      width: config.width,
      layers: config.layers,
      model: describeModel(model),
      inputField,
      temperature: config.temperature,
      seed: config.seed,
      bestEpoch: fitted.bestEpoch,
      candidates,
    };
    await writeSelectorFolder(output, description, fitted.network);
    return {
      validation: reportOf(candidates, parts.validation.table, fitted.chosen),
      trainRows: parts.train.inputs.length,
      bestEpoch: fitted.bestEpoch,
    };
  } finally {
    for (const dataset of opened) await dataset.dispose();
  }
}

function splitRows(rows: MeasuredRows, options: { validation: number; seed: number }) {
  const parts = splitIndices(rows.inputs.length, options);
  const part = (indices: readonly number[]): MeasuredRows => ({
    inputs: subsetOf(rows.inputs, indices),
    table: rowsOfTable(rows.table, indices),
  });
  return { train: part(parts.train), validation: part(parts.validation) };
}
