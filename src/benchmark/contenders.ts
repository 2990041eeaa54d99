/** @file What a benchmark of labels compares: prompts of text and learned ones, each as a classifier of rows. */
import type * as z from 'zod';
import type { SavedAdapter } from '../adapters/saved-adapter.js';
import { createClassifier } from '../evaluation/classifier.js';
import type { LanguageModel } from '../models/model.js';
import { createPromptClassifier, type PromptClassifierOptions } from '../prompting/prompt-classifier.js';
import { recordOf } from '../records/data.js';
import type { Fields } from '../records/record-formats.js';
import { trainFromConfig } from '../runs/train-adapter.js';
import { say } from '../say.js';
import { searchPrompt } from '../search/search-prompt.js';
import { textFields } from '../text/labeled.js';
import { textFor } from '../text/template.js';
import type { Tokenizer } from '../text/tokenizer.js';
import type { TrainingEvent } from '../training/events.js';
import type { settingsSchema } from './config.js';

export interface Contender {
  readonly name: string;
  /** A prompt of text, or tensors. */
  readonly kind: 'text' | 'learned';
  /** Learns or finds what it needs. */
  prepare(): Promise<ReadyContender>;
}

export interface ReadyContender extends AsyncDisposable {
  /** The label of each row, or the text that is generated for it. */
  answer(rows: readonly Fields[]): Promise<readonly string[]>;
  /** Tokens that the model reads for a row, virtual ones included, without the answer. */
  tokensOf(rows: readonly Fields[]): Promise<readonly number[]>;
  /** What it adds to the model on disk. */
  readonly bytes: number;
  /** See BenchmarkRow. */
  readonly text?: string;
}

export interface ContenderOptions extends z.output<typeof settingsSchema> {
  model: LanguageModel;
  tokenizer: Tokenizer;
  verbalizer: Record<string, string | string[]>;
  /** Rows with labels, to learn from and to take examples from. */
  rows: readonly Fields[];
  signal?: AbortSignal;
  onEvent?: (event: TrainingEvent) => void;
}

/** In the order of what they cost to make. */
export function contendersOf(options: ContenderOptions): Contender[] {
  const { prompts, shots, methods, searchSteps } = options;
  return [
    byText(say`no examples`, options, {}),
    ...prompts.map((template, i) => byText(say`prompt ${i + 1}`, options, { template })),
    ...(shots > 0
      ? [
          byText(say`${shots} example|examples`, options, { shots: shotsOf(options) }),
          byText(say`${shots} example|examples, calibrated`, options, {
            shots: shotsOf(options),
            calibrate: true,
          }),
        ]
      : []),
    ...(searchSteps > 0 ? [searched(options)] : []),
    ...methods.map((method) => learned(method, options)),
  ];
}

const shotsOf = ({ rows, shots, seed }: ContenderOptions) => ({ data: [...rows], count: shots, seed });

function byText(
  name: string,
  options: ContenderOptions,
  changes: Pick<PromptClassifierOptions, 'template' | 'shots' | 'calibrate'>,
): Contender {
  return { name, kind: 'text', prepare: async () => byWords(options, changes, 0) };
}

/** How contenders read rows and compute. */
const sharedBy = ({ template, layoutLanguage, labelField, ...options }: ContenderOptions) => {
  const { model, tokenizer, device, threads } = options;
  return { template, layoutLanguage, labelField, model, tokenizer, device, threads };
};

/** Labels rows by the probabilities of words, by the model alone or with an adapter. */
function byWords(
  options: ContenderOptions,
  changes: Partial<PromptClassifierOptions>,
  bytes: number,
): ReadyContender {
  const { verbalizer, completionTemplate, batchSize, signal } = options;
  const { template, prefix: text = typeof template === 'string' ? template : undefined } = changes;
  const shared = { ...sharedBy(options), verbalizer, completionTemplate, batchSize };
  const classifier = createPromptClassifier({ ...shared, ...changes });
  return {
    bytes,
    text,
    answer: async (rows) => (await classifier.classify(rows, { signal })).map(({ label }) => label),
    tokensOf: (rows) => classifier.countTokens(rows),
    [Symbol.asyncDispose]: () => classifier.dispose(),
  };
}

/** The text that a search finds (PEZ), before the template. */
function searched(options: ContenderOptions): Contender {
  const { rows, verbalizer, completionTemplate, searchSteps, seed, signal } = options;
  return {
    name: say`searched text`,
    kind: 'text',
    async prepare() {
      const { text } = await searchPrompt({
        ...sharedBy(options),
        ...{ verbalizer, completionTemplate, seed, signal },
        data: [...rows],
        method: 'pez',
        steps: searchSteps,
      });
      return byWords(options, { prefix: text }, new TextEncoder().encode(text).length);
    },
  };
}

function learned(method: string, options: ContenderOptions): Contender {
  const { rows, verbalizer, completionTemplate, maxSteps, batchSize, seed, signal, onEvent } = options;
  const isHead = method === 'head';
  const byLabels = { taskType: 'sequence-classification' } as const;
  return {
    name: method,
    kind: 'learned',
    async prepare() {
      const { adapter } = await trainFromConfig({
        ...sharedBy(options),
        ...{ maxSteps, batchSize, seed, signal, onEvent },
        data: [...rows],
        method: isHead ? 'lora' : method,
        ...(isHead ? byLabels : { verbalizer, completionTemplate }),
      });
      const bytes = await sizeOf(adapter);
      return isHead ? byHead(options, adapter, bytes) : byWords(options, { adapter }, bytes);
    },
  };
}

/** Bytes of an adapter's files. */
export const sizeOf = async (adapter: SavedAdapter): Promise<number> =>
  [...(await adapter.files()).values()].reduce((sum, { length }) => sum + length, 0);

function byHead(options: ContenderOptions, adapter: SavedAdapter, bytes: number): ReadyContender {
  const { model, tokenizer, batchSize, device, threads } = options;
  const template = options.template ?? adapter.usage?.promptTemplate;
  const classifier = createClassifier({ model, tokenizer, adapter, template, batchSize, device, threads });
  const textsOf = (rows: readonly Fields[]) => {
    if (template !== undefined) return rows;
    const records = rows.map(recordOf);
    const { render } = textFor(records[0]!, undefined, textFields);
    return records.map(render);
  };
  return {
    bytes,
    answer: async (rows) => (await classifier.classify(textsOf(rows))).map(({ label }) => label),
    tokensOf: (rows) => classifier.countTokens(textsOf(rows)),
    [Symbol.asyncDispose]: () => classifier.dispose(),
  };
}
