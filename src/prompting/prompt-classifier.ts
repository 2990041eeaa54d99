/**
 * @file Classification by prompting: the probability of a label is that of its words in a template. Supports several
 *   words per label, contextual calibration, examples before the input, and ensembles of templates.
 */

import type { Adapter } from '../attach/method.js';
import { notedWords, readingFor } from '../attach/with-usage.js';
import { optionError } from '../errors.js';
import { createAlternativesEvaluator, lossesOfAlternatives } from '../evaluation/alternatives.js';
import type { Classification } from '../evaluation/classifier.js';
import { calibrated, ensemble, labelScores, type WordProbability } from '../evaluation/label-scores.js';
import { onDemand } from '../evaluation/on-demand.js';
import { unfamiliarTexts } from '../loss/familiar-texts.js';
import { checkWrites } from '../models/causal-only.js';
import type { LanguageModel } from '../models/model.js';
import { recordOf } from '../records/data.js';
import { dataError } from '../records/data-error.js';
import type { Fields } from '../records/record-formats.js';
import type { DataRecord } from '../records/records.js';
import type { Device } from '../runtime/index.js';
import { say } from '../say.js';
import type { DataConfig } from '../text/data-config.js';
import { datasetOf } from '../text/dataset.js';
import { clozeEncoderFor, type EncodedRecord, encoderFor } from '../text/encode.js';
import type { LayoutLanguage } from '../text/layout-words.js';
import { joinText, type PromptPart, type PromptText } from '../text/prompt-text.js';
import { labelReadingOf, placesIn, promptTemplate } from '../text/template.js';
import { textWarnings } from '../text/text-warnings.js';
import type { Tokenizer } from '../text/tokenizer.js';
import {
  longWordWarnings,
  type Verbalizer,
  type VerbalizerOption,
  verbalizerOf,
} from '../text/verbalizer.js';
import { type ShotOptions, shotRecords, shotsBefore } from './shots.js';

export interface PromptClassifierOptions {
  model: LanguageModel;
  tokenizer: Tokenizer;
  adapter?: Adapter;
  /**
   * As in training (see TemplateOptions). Several form an ensemble. Default: what the adapter notes; without that, by
   * the layout of the records.
   */
  template?: string | readonly string[];
  /** Default: what the adapter notes; without that, ` {label}`, or `{label}` in Chinese. */
  completionTemplate?: string;
  /** Default: what the adapter notes; without that, as in training. */
  layoutLanguage?: LayoutLanguage;
  /** A text before everything, such as one that a search found. Default: none. */
  prefix?: string;
  /** Default: what the adapter notes. */
  verbalizer?: VerbalizerOption;
  /** Default `label`. */
  labelField?: string;
  /** Default `mean`. */
  wordProbability?: WordProbability;
  /** Contextual calibration with these texts in place of a record's texts; true uses the paper's. Default false. */
  calibrate?: boolean | readonly string[];
  shots?: ShotOptions;
  /** Texts per batch. Default 8. It only affects speed. */
  batchSize?: number;
  /** Where to compute. Default: the CPU. */
  device?: Device;
  /** Threads to compute with. Default: one per core. */
  threads?: number;
}

type ClassifierSettings = PromptClassifierOptions & { verbalizer: VerbalizerOption };

export interface PromptClassifier {
  readonly labels: readonly string[];
  /** The field of the label. */
  readonly labelField: string;
  /**
   * What makes the labels of rows less sure, in words: long words of labels, rows that are cut, texts that the model
   * hardly knows. Looks at 100 of the rows.
   */
  warningsFor(rows: readonly (Fields | string)[], options?: { signal?: AbortSignal }): Promise<string[]>;
  /**
   * Labels each row by its fields, ignoring its own label. A bare text is the only field of the template. Requests may
   * overlap.
   */
  classify(
    rows: readonly (Fields | string)[],
    options?: { signal?: AbortSignal; onProgress?: (progress: { done: number; total: number }) => void },
  ): Promise<Classification[]>;
  /** How many tokens the model reads for each row, virtual ones included, by the first template, without a word. */
  countTokens(rows: readonly (Fields | string)[], options?: { signal?: AbortSignal }): Promise<number[]>;
  /** The labels of rows. Throws an error that names the row whose label is not in the verbalizer. */
  labelsOf(rows: readonly Fields[]): string[];
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Rows in which warnings are looked for. */
const lookedAt = 100;

/** Zhao et al.'s inputs without content. */
const contentFreeTexts = ['N/A', '', '[MASK]'];

/**
 * Creates a classifier. The model is loaded on the first request.
 * @throws UsageError for options that do not fit each other or the model
 */
export function createPromptClassifier(given: PromptClassifierOptions): PromptClassifier {
  const options = withNotedReading(given);
  const {
    model,
    adapter,
    batchSize = 8,
    labelField = 'label',
    wordProbability = 'mean',
    calibrate = false,
  } = options;
  if (adapter?.head)
    throw optionError('adapter', say`it has a head, which labels texts without words; use createClassifier`);
  const words = verbalizerOf(options.verbalizer, labelField);
  const templates = [options.template ?? adapter?.placement?.template].flat();
  for (const template of templates) checkTemplate(template, options);
  const [field = 'text'] = fieldsOf(templates[0]).filter((name) => name !== labelField);
  const asFields = (row: Fields | string) => (typeof row === 'string' ? { [field]: row } : row);
  const contentFree = calibrate === true ? contentFreeTexts : calibrate || [];
  if (contentFree.length > 0 && options.shots?.choose === 'similarity')
    throw optionError(
      'calibrate',
      say`calibration needs the same examples for every input; choose them by seed, or leave one of
        the two out`,
    );
  const evaluator = onDemand(() =>
    createAlternativesEvaluator(model, adapter, { ...options, isFrozen: true }),
  );

  /** log p of each label of each record, by one template. */
  async function scoresBy(
    ask: Questioner,
    records: readonly DataRecord[],
    onRow: () => void,
    signal?: AbortSignal,
  ) {
    const onBatch = (rows: number) => {
      for (let row = 0; row < rows; row++) onRow();
    };
    const losses = await evaluator.use((loaded) =>
      lossesOfAlternatives(loaded, records.map(ask), { batchSize, signal, onBatch }),
    );
    return losses.map((own) => {
      let next = 0;
      const ofWords = words.labels.map((label) => words.wordsOf(label).map(() => -own[next++]!));
      return labelScores(ofWords, wordProbability);
    });
  }

  return {
    labels: words.labels,
    labelField,
    labelsOf: (rows) => rows.map(recordOf).map(words.labelOf),
    async classify(rows, { signal, onProgress } = {}) {
      const records = rows.map(asFields).map(recordOf);
      const [first] = records;
      if (!first) return [];
      const total = records.length;
      let passed = 0;
      const onRow = () => onProgress?.({ done: Math.floor(++passed / templates.length), total });
      const shots = await shotRecords(options.shots, signal);
      const byTemplate: number[][][] = [];
      for (const template of templates) {
        const ask = questioner(first, { ...options, template }, words, shots);
        const free = await scoresBy(
          ask,
          contentFree.map((text) => withoutContent(first, text)),
          () => {},
          signal,
        );
        const scores = await scoresBy(ask, records, onRow, signal);
        byTemplate.push(free.length > 0 ? scores.map((row) => calibrated(row, free)) : scores);
      }
      return records.map((_, row) => {
        const scores = ensemble(byTemplate.map((ofTemplate) => ofTemplate[row]!));
        const best = scores.indexOf(Math.max(...scores));
        const probabilities = Object.fromEntries(
          words.labels.map((label, i) => [label, Math.exp(scores[i]!)]),
        );
        return { label: words.labels[best]!, probabilities };
      });
    },
    async warningsFor(rows, { signal } = {}) {
      const { tokenizer, device, threads } = options;
      const ofWords = longWordWarnings(words, tokenizer, { ...options, labelField });
      const records = spread(rows, lookedAt).map(asFields).map(recordOf);
      const [first] = records;
      if (!first) return ofWords;
      const ask = questioner(
        first,
        { ...options, template: templates[0] },
        words,
        await shotRecords(options.shots, signal),
      );
      const asked = records.map((record) => ask(record)[0]!);
      const cut = asked.filter(({ truncated }) => truncated).length;
      const dataset = datasetOf(asked);
      return [
        ...ofWords,
        ...(cut > 0 ? [cutWarning(cut, asked.length, model.config.maxPositions)] : []),
        ...(await textWarnings(dataset, tokenizer)),
        ...(await unfamiliarTexts(dataset, { model, tokenizer, device, threads, signal })),
      ];
    },
    async countTokens(rows, { signal } = {}) {
      const records = rows.map(asFields).map(recordOf);
      const [first] = records;
      if (!first) return [];
      const shots = await shotRecords(options.shots, signal);
      const ask = questioner(first, { ...options, template: templates[0] }, words, shots);
      return records.map((record) => {
        const { inputIds, lossMask, labels } = ask(record)[0]!;
        const read = labels ? inputIds.length : lossMask.indexOf(1);
        return (adapter?.numVirtualTokens ?? 0) + read;
      });
    },
    dispose: () => evaluator.release(),
    [Symbol.asyncDispose]() {
      return this.dispose();
    },
  };
}

/** At most `count` of the rows, from all over them. */
const spread = <Row>(rows: readonly Row[], count: number): Row[] =>
  rows.length <= count
    ? [...rows]
    : Array.from({ length: count }, (_, i) => rows[Math.floor((i * rows.length) / count)]!);

const cutWarning = (cut: number, count: number, positions: number) =>
  say`${cut} of ${count} rows that were looked at lose their beginning: the model reads at most
    ${positions} tokens`;

const fieldsOf = (template: string | undefined): string[] =>
  template === undefined ? [] : [...promptTemplate(template).fields];

/** What is not given is as the adapter notes it. */
function withNotedReading({ template, ...options }: PromptClassifierOptions): ClassifierSettings {
  const { completionTemplate, layoutLanguage, verbalizer, labelField } = options;
  const first = typeof template === 'object' ? template[0] : template;
  const reading = { template: first, completionTemplate, layoutLanguage, verbalizer, labelField };
  const noted = readingFor(options.model, options.adapter, reading as Partial<DataConfig>);
  const { verbalizer: words, labelField: field } =
    noted.verbalizer === undefined ? (notedWords(options.model, options.adapter) ?? noted) : noted;
  if (words === undefined)
    throw optionError('verbalizer', say`expected the words of each label; the adapter notes none`);
  return {
    ...options,
    template: template ?? noted.template,
    completionTemplate: noted.completionTemplate,
    layoutLanguage: noted.layoutLanguage,
    verbalizer: words,
    labelField: labelField ?? field,
  };
}

function checkTemplate(template: string | undefined, { model, adapter, shots }: ClassifierSettings): void {
  const { softTokens, masks } = placesIn(template);
  checkWrites(model, masks > 0);
  if (softTokens !== (adapter?.placement?.count ?? 0))
    throw optionError(
      'template',
      say`it has ${softTokens} soft tokens, but the adapter has ${adapter?.placement?.count ?? 0}
        for a template`,
    );
  if (softTokens > 0 && shots)
    throw optionError(
      'shots',
      say`examples cannot be combined with soft tokens in the template, which each example would
        repeat`,
    );
}

/** The record with every text of it replaced. */
const withoutContent = (record: DataRecord, text: string): DataRecord => ({
  ...record,
  fields: Object.fromEntries(
    Object.entries(record.fields).map(([name, value]) => [name, typeof value === 'string' ? text : value]),
  ),
});

/** Creates an example for every word of every label. */
type Questioner = (record: DataRecord) => EncodedRecord[];

function questioner(
  first: DataRecord,
  options: ClassifierSettings & { template: string | undefined },
  words: Verbalizer,
  shots: readonly DataRecord[],
): Questioner {
  const { model, tokenizer, adapter } = options;
  const { template, completionTemplate, layoutLanguage, verbalizer, labelField } = options;
  const { vocabSize, maxPositions } = model.config;
  const { textWith } = labelReadingOf(first, {
    ...{ template, completionTemplate, layoutLanguage, verbalizer, labelField },
  });
  const encoding = {
    vocabSize,
    maxLength: maxPositions - (adapter?.numVirtualTokens ?? 0),
    appendEos: false,
  };
  const isCloze = placesIn(template).masks > 0;
  const encode = (isCloze ? clozeEncoderFor : encoderFor)(tokenizer, encoding);
  const before = shotsBefore(options, shots, words, textWith);
  const start = options.prefix ? [options.prefix] : [];
  return (record) =>
    words.labels.flatMap((label) =>
      words.wordsOf(label).map((word) => {
        const { prompt = '', completion } = textWith(record, word);
        const whole = joinText([...start, ...before(record, prompt), ...partsOf(prompt)]);
        const encoded = encode({ prompt: whole, completion }, record)!; // the prompt gives way, so none is dropped
        const predictsFirst = adapter !== undefined && adapter.numVirtualTokens > 0;
        if (encoded.lossMask[0] && !encoded.labels && !predictsFirst)
          throw dataError(record, say`the prompt is empty, so there is nothing to predict a label from`);
        return encoded;
      }),
    );
}

const partsOf = (prompt: PromptText): readonly PromptPart[] =>
  typeof prompt === 'string' ? [prompt] : prompt;
