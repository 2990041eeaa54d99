/** @file What a run notes beside its adapter: its model, how the adapter is used, and how it was trained. */
import { basename, sha256 } from '#platform';
import { baseOf } from '../adapters/base.js';
import type { AdapterNotes, AdapterTraining, AdapterUsage } from '../formats/adapter-content.js';
import { isDatasetName } from '../formats/dataset-name.js';
import type { LanguageModel } from '../models/model.js';
import { dataSchema, fileKeys } from '../text/data-config.js';
import type { TextDataset } from '../text/dataset.js';
import { joinedLabels } from '../text/label-names.js';
import type { RunSummary } from '../training/events.js';
import type { TrainingState } from '../training/run-store.js';
import { notedRows, type StoredConfig } from './noted-config.js';

/** How far a run has come: the step of the adapter, and its validation. */
export type Progress = Pick<TrainingState, 'step' | 'best'>;

export interface NotedRun {
  readonly model: LanguageModel;
  readonly config: StoredConfig;
  /** The training data, one per source. */
  readonly read: readonly TextDataset[];
  readonly summary: Pick<RunSummary, 'examples' | 'validationExamples'>;
}

/** The notes on an adapter of the run. What they need of the data is read once. */
export function runNotes(
  run: NotedRun,
  digests: () => Promise<readonly (readonly string[])[]>,
): (progress: Progress) => Promise<Required<AdapterNotes>> {
  let constant: Promise<Pick<Required<AdapterNotes>, 'base'> & Pick<AdapterTraining, 'data'>> | undefined;
  return async ({ step, best }) => {
    constant ??= Promise.all([baseOf(run.model), digests()]).then(([base, ofData]) => ({
      base,
      data: notedSources(run, ofData),
    }));
    const { base, data } = await constant;
    const { config, summary } = run;
    const { examples, validationExamples } = summary;
    const { step: bestStep, ...figures } = best ?? { step };
    const validation = 'loss' in figures && { validation: { examples: validationExamples, ...figures } };
    const training = { method: config.method, data, examples, steps: bestStep, ...validation };
    return { base, usage: usageOf(run), training };
  };
}

/** Settings of how records are read by name, except those of a file. */
const readingDefaults = Object.entries(dataSchema.omit(fileKeys).parse({}));
const readingKeys = Object.keys(dataSchema.omit(fileKeys).shape) as (keyof typeof dataSchema.shape)[];

export function usageOf({ config, read }: Pick<NotedRun, 'config' | 'read'>): AdapterUsage {
  const byDefault = new Map(readingDefaults);
  const { prompts = {} } = read[0]!;
  const reading = readingKeys.flatMap((key) => {
    const value = key === 'chat' ? prompts.chat : config[key];
    return value === undefined || value === byDefault.get(key) ? [] : [[key, value] as const];
  });
  const labels = config.verbalizer ? undefined : joinedLabels(read.map((dataset) => dataset.labels));
  return { ...prompts, ...(labels && { labels }), reading: Object.fromEntries(reading) };
}

function notedSources({ config, read }: NotedRun, digests: readonly (readonly string[])[]) {
  return config.data.map((source, i) => {
    if (typeof source !== 'string') return { name: 'rows in memory', ...notedRows(source) };
    const { examples, dropped } = read[i]!.summary;
    const files = digests[i]!;
    return {
      name: isDatasetName(source) ? source : basename(source),
      rows: examples + dropped,
      sha256: files.length === 1 ? files[0]! : sha256().update(files.join('\n')).hex(),
    };
  });
}
