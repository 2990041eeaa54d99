/** @file `promptune classify --verbalizer`: labels texts by the words that stand for each label. */
import { Option } from 'commander';
import {
  type Adapter,
  createPromptClassifier,
  type Fields,
  type LanguageModel,
  readRows,
  type ShotChoice,
  shotChoices,
  type Tokenizer,
  type VerbalizerOption,
  type WordProbability,
  wordProbabilities,
  writeJson,
} from '../../index.js';
import { fetchDatasets } from '../../workspace/index.js';
import { countingNumber, labelWords, text, texts, wholeNumber } from '../options/arguments.js';
import type { DeviceFlags } from '../options/model-options.js';
import { jobProgress } from '../terminal/job-progress.js';

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

/** Prints one line per text, and the accuracy where the records of a file have labels. */
export async function classifyByWords({ texts, flags, signal, ...parts }: ByWordsRequest): Promise<void> {
  const { data, shots, numShots = 4, shotsBy, seed, verbalizer, json, labelField = 'label' } = flags;
  const progress = jobProgress();
  await fetchDatasets([data, shots], { signal, onProgress: progress.download });
  progress.clear();
  const rows: Fields[] = [];
  if (texts) rows.push(...texts.map((given) => ({ text: given })));
  else for await (const row of readRows(data!, { signal })) rows.push(row);
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
    shots: shots === undefined ? undefined : { data: shots, count: numShots, choose: shotsBy, seed },
  });
  try {
    const hasLabels = rows.every((row) => Object.hasOwn(row, labelField));
    const wanted = hasLabels ? classifier.labelsOf(rows) : [];
    const results = await classifier.classify(rows, {
      signal,
      onProgress: (counts) => progress.show('Labeling', counts),
    });
    progress.clear();
    for (const [i, { label, probabilities }] of results.entries()) {
      const fields = rows[i]!;
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
    progress.clear();
    await classifier.dispose();
  }
}
