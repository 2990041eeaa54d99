/** @file `promptune classify --verbalizer`: labels texts by the words that stand for each label. */

import {
  type Adapter,
  createPromptClassifier,
  type Fields,
  type LabelingConfig,
  type LanguageModel,
  labelingSchema,
  readRows,
  type Tokenizer,
} from '../../index.js';
import { fetchDatasets } from '../../workspace/index.js';
import { messages } from '../messages/index.js';
import { fieldsOrText } from '../options/arguments.js';
import type { DeviceFlags } from '../options/model-options.js';
import { flagsOf } from '../options/schema-flags.js';
import { jobProgress } from '../terminal/job-progress.js';
import { printLabeledRows } from '../terminal/labeled-rows.js';

/** The words of each label, and other options of labeling by words. */
export const byWordsOptions = () => flagsOf(labelingSchema);

export interface ByWordsRequest {
  readonly model: LanguageModel;
  readonly tokenizer: Tokenizer;
  readonly adapter?: Adapter;
  /** Used without a data file. */
  readonly texts?: readonly string[];
  readonly flags: LabelingConfig & DeviceFlags & { json?: boolean };
  readonly signal: AbortSignal;
}

/** Prints one line per text, and the accuracy if the records of a file have labels. */
export async function classifyByWords({ texts, flags, signal, ...parts }: ByWordsRequest): Promise<void> {
  const { json, device, threads } = flags;
  const keys = Object.keys(labelingSchema.shape) as (keyof LabelingConfig)[];
  const config = labelingSchema.parse(Object.fromEntries(keys.map((name) => [name, flags[name]])));
  const { data, encoding, columns, header, shots, numShots, shotsBy, seed, ...reading } = config;
  const file = { encoding, columns, header };
  const progress = jobProgress();
  await fetchDatasets([data, shots], { signal, onProgress: progress.download });
  progress.clear();
  const rows: (Fields | string)[] = [];
  if (texts) rows.push(...texts.map(fieldsOrText));
  else for await (const row of readRows(data!, { ...file, signal })) rows.push(row);
  const classifier = createPromptClassifier({
    ...parts,
    ...reading,
    ...{ device, threads },
    shots: shots === undefined ? undefined : { data: shots, ...file, count: numShots, choose: shotsBy, seed },
  });
  try {
    for (const warning of await classifier.warningsFor(rows, { signal }))
      console.error(messages().common.warning(warning));
    const isLabeled = (row: Fields | string): row is Fields =>
      typeof row === 'object' && Object.hasOwn(row, classifier.labelField);
    const isNamed = data !== undefined && reading.labelField !== undefined; // so it has to be there
    const hasLabels = isNamed || rows.every(isLabeled);
    const expected = hasLabels ? classifier.labelsOf(rows as Fields[]) : [];
    const results = await classifier.classify(rows, {
      signal,
      onProgress: (counts) => progress.show(messages().progress.labeling, counts),
    });
    progress.clear();
    printLabeledRows(rows, results, { labelField: classifier.labelField, expected, json });
  } finally {
    progress.clear();
    await classifier.dispose();
  }
}
