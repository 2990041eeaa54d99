/** @file `promptune classify --verbalizer`: labels texts by the words that stand for each label. */

import { Option } from 'commander';
import type { Adapter } from '../../attach/method.js';
import { writeJson } from '../../formats/json-text.js';
import type { LanguageModel } from '../../models/model.js';
import { type WordProbability, wordProbabilities } from '../../prompting/label-scores.js';
import { createPromptClassifier } from '../../prompting/prompt-classifier.js';
import { type ShotChoice, shotChoices } from '../../prompting/shots.js';
import { type DataRecord, openRecords } from '../../records/records.js';
import type { Tokenizer } from '../../text/tokenizer.js';
import type { VerbalizerOption } from '../../text/verbalizer.js';
import { countingNumber, text, texts, wholeNumber } from '../options/arguments.js';
import { fetchDatasets } from '../options/fetch-datasets.js';
import type { DeviceFlags } from '../options/model-options.js';
import { labelWords } from '../options/train-flags.js';
import { counted, progressLine } from '../terminal/progress-line.js';

export interface ByWordsFlags {
  verbalizer?: VerbalizerOption;
  data?: string;
  template?: string[];
  completionTemplate?: string;
  labelField?: string;
  wordProbability?: WordProbability;
  calibrate?: boolean;
  shots?: string;
  numShots?: number;
  shotsBy?: ShotChoice;
  seed?: number;
}

export const byWordsOptions = () => [
  new Option(
    '--verbalizer <label=words>',
    'the words of a label, such as "1=great,good", each label with the flag again',
  ).argParser<unknown>(labelWords),
  new Option(
    '--data <file>',
    'records to label, in the place of --text; with labels the accuracy is printed too',
  ),
  new Option(
    '--template <text>',
    'the prompt; of several the log-probabilities are averaged (default: by the shape of the data)',
  ).argParser(texts),
  new Option('--completion-template <text>', 'what the word stands in (default: " {label}")').argParser(text),
  new Option('--label-field <name>', 'the field of the label (default: label)'),
  new Option(
    '--word-probability <rule>',
    `what a label has of the probabilities of its words: ${wordProbabilities.join(', ')} (default: mean)`,
  ).choices(wordProbabilities),
  new Option(
    '--calibrate',
    "divide each label's probability by the one that it has for inputs without content",
  ),
  new Option('--shots <file>', 'labeled examples to put before each input'),
  new Option('--num-shots <n>', 'how many of them (default: 4)').argParser(countingNumber),
  new Option('--shots-by <rule>', `how they are chosen: ${shotChoices.join(', ')} (default: seed)`).choices(
    shotChoices,
  ),
  new Option('--seed <n>', 'draws the examples (default: 42)').argParser(wholeNumber),
];

export interface ByWordsRequest {
  readonly model: LanguageModel;
  readonly tokenizer: Tokenizer;
  readonly adapter?: Adapter;
  /** Where there is no data file. */
  readonly texts?: readonly string[];
  readonly flags: ByWordsFlags & DeviceFlags & { json?: boolean };
  readonly signal: AbortSignal;
}

/** Prints a line a text, and the accuracy where the records of a file have labels. */
export async function classifyByWords({ texts, flags, signal, ...parts }: ByWordsRequest): Promise<void> {
  const { data, shots, numShots = 4, shotsBy, seed, verbalizer, json, labelField = 'label' } = flags;
  await fetchDatasets([data, shots], { signal });
  const records = texts
    ? texts.map((given, i) => ({ place: `text ${i + 1}`, fields: { text: given } }))
    : await readRecords(data!, signal);
  const classifier = createPromptClassifier({
    ...parts,
    verbalizer: verbalizer!,
    template: flags.template,
    completionTemplate: flags.completionTemplate,
    labelField,
    wordProbability: flags.wordProbability,
    calibrate: flags.calibrate,
    device: flags.device,
    threads: flags.threads,
    shots:
      shots === undefined
        ? undefined
        : { records: await readRecords(shots, signal), count: numShots, choose: shotsBy, seed },
  });
  const line = progressLine();
  try {
    const hasLabels = records.every(({ fields }) => Object.hasOwn(fields, labelField));
    const wanted = hasLabels ? records.map(classifier.labelOf) : [];
    const results = await classifier.classify(records, {
      signal,
      onProgress: (progress) => line.show(counted('Labeling', progress)),
    });
    line.clear();
    for (const [i, { label, probabilities }] of results.entries()) {
      const { fields } = records[i]!;
      if (json)
        console.log(
          writeJson({ ...fields, label, probabilities, ...(hasLabels && { expected: wanted[i] }) }),
        );
      else console.log(`${label} ${probabilities[label]!.toFixed(3)}  ${Object.values(fields)[0]}`);
    }
    const correct = results.filter(({ label }, i) => label === wanted[i]).length;
    if (hasLabels && !json)
      console.log(`accuracy ${(correct / results.length).toFixed(4)} (${correct} of ${results.length})`);
  } finally {
    line.clear();
    await classifier.dispose();
  }
}

async function readRecords(path: string, signal: AbortSignal): Promise<DataRecord[]> {
  const file = await openRecords(path, { signal });
  try {
    const records: DataRecord[] = [];
    for await (const record of file) records.push(record);
    return records;
  } finally {
    await file.close();
  }
}
