/** @file A tokenized data set: examples are encoded once, then read by index in any order. */
import { FileError, optionError, PromptuneError } from '../errors.js';
import { type Data, openData } from '../records/data.js';
import { numberList } from '../records/number-list.js';
import type { Fields } from '../records/record-formats.js';
import type { DataRecord } from '../records/records.js';
import type { ReadOptions } from '../records/text-encoding.js';
import { tokenStore } from '../records/token-store.js';
import { say } from '../say.js';
import { giveTurn } from '../turns.js';
import { chatNotes } from './chat-notes.js';
import { type ConversationForm, conversationForm, conversationOf } from './conversations.js';
import {
  chatEncoderFor,
  clozeEncoderFor,
  countTargets,
  type EncodedExample,
  type EncodeOptions,
  encoderFor,
  type PromptForm,
  type RecordEncoder,
} from './encode.js';
import { type LabelNames, labelNames } from './label-names.js';
import { type LabeledOptions, labeledEncoder } from './labeled.js';
import type { LayoutLanguage } from './layout-words.js';
import { layoutLanguageOf, placesIn, readingOf, type TemplateOptions } from './template.js';
import type { Tokenizer } from './tokenizer.js';

export interface Dataset {
  readonly length: number;
  /** Number of tokens of each example. */
  readonly tokenCounts: Int32Array;
  /** Number of label tokens of each example, including a first token (see EncodedExample). */
  readonly labelCounts: Int32Array;
  /** Throws a RangeError if there is no such example. */
  get(index: number): Promise<EncodedExample>;
  /** Frees memory and temporary files. */
  dispose(): Promise<void>;
}

/** A data set made from text, with statistics of the text. */
export interface TextDataset extends Dataset {
  /** The recognized layout of the records, in words; undefined if nothing had to be guessed. */
  readonly shape?: string;
  /** How prompts like those of the records are written, where not as they are. */
  readonly prompts?: PromptForm;
  /** The language of the words that the layout puts around fields, if it has any. */
  readonly layoutLanguage?: LayoutLanguage;
  /** The labels of the texts, if the layout says that completions are labels, and there are few. */
  readonly labels?: LabelNames;
  /** What is ignored in the records, in words: unused fields, and parts of conversations. */
  readonly notes: readonly string[];
  /** Fields of records that are not used. */
  readonly unread: readonly string[];
  readonly summary: {
    /** Number of examples in the data set: all records except dropped ones. */
    readonly examples: number;
    readonly truncated: number;
    readonly dropped: number;
    readonly tokens: number;
    readonly labelTokens: number;
  };
  [Symbol.asyncDispose](): Promise<void>;
}

export interface DatasetOptions extends TemplateOptions, EncodeOptions, ReadOptions {
  tokenizer: Tokenizer;
  /**
   * Whether records are conversations, in the field `messages` or ShareGPT's `conversations`, formatted by the model's
   * chat template; the loss counts the assistant's turns with the template's own end tokens. Default: true if the first
   * record has such a field, the model has a chat template, and there is no other template.
   */
  chat?: boolean;
  /** For a head: how records are labeled. Default: they are texts to predict. */
  labeling?: LabeledOptions;
  /** Bytes of token ids to keep in memory; the rest goes to a temporary file. Default 64 MiB. */
  memoryLimit?: number;
  /** Called periodically with the number of tokenized records. */
  onProgress?: (progress: { done: number; total: number }) => void;
  /** What changes each record before it is read. Default: nothing. */
  transform?: RecordTransform;
}

export interface RecordTransform {
  apply(record: DataRecord): DataRecord;
  /** Which of a record's fields it reads itself. */
  reads(fields: Fields): readonly string[];
}

const unchanged: RecordTransform = { apply: (record) => record, reads: () => [] };

/**
 * Reads and tokenizes a whole data set, which may be larger than memory.
 * @throws an error that names file, line and field for bad data; the signal's reason once aborted
 */
export async function openDataset(options: { data: Data } & DatasetOptions): Promise<TextDataset> {
  const { onProgress, signal, memoryLimit = 64 * 1024 * 1024, transform = unchanged } = options;
  const encoderOf = recordEncoder(options);
  const source = await openData(options.data, options);
  const store = tokenStore(memoryLimit);
  const starts = numberList();
  const tokenCounts = numberList();
  const labelCounts = numberList();
  let shape: string | undefined;
  let prompts: PromptForm | undefined;
  let layoutLanguage: LayoutLanguage | undefined;
  let labels: LabelNames | undefined;
  let notes: readonly string[] = [];
  const unread: string[] = [];
  let hasLabels = false;
  let stored = 0; // ids, each example followed by its labels if it has any
  const summary = { examples: 0, truncated: 0, dropped: 0, tokens: 0, labelTokens: 0 };
  try {
    const encoder = encoderOf(transform.apply(await source.get(0)), await layoutLanguageOf(source, options));
    const { encode } = encoder;
    ({ shape, prompts, layoutLanguage } = encoder);
    const ownFields = transform.reads((await source.get(0)).fields);
    const names = encoder.labelField === undefined ? undefined : labelNames(encoder.labelField);
    const watch = unusedFields(new Set([...encoder.fields, ...ownFields]));
    let done = 0;
    for await (const original of source) {
      const record = transform.apply(original);
      const encoded = encode(record);
      watch.see(record.fields);
      names?.see(record);
      if (encoded) {
        const { inputIds, lossMask, labels, truncated } = encoded;
        const labelCount = countTargets(encoded);
        starts.push(stored);
        tokenCounts.push(inputIds.length);
        labelCounts.push(labelCount);
        hasLabels ||= labels !== undefined;
        const tokens = inputIds.map((id, i) => asStored(id, lossMask[i]!));
        await store.append(labels ? [...tokens, ...labels] : tokens);
        stored += inputIds.length + (labels?.length ?? 0);
        summary.examples++;
        summary.tokens += inputIds.length;
        summary.labelTokens += labelCount;
        if (truncated) summary.truncated++;
      } else {
        summary.dropped++;
      }
      done++;
      if (done % 64 === 0 || done === source.length) onProgress?.({ done, total: source.length });
      await giveTurn(signal); // tokenizing is long
    }
    labels = names?.found();
    unread.push(...watch.names());
    notes = [...watch.notes(), ...(encoder.notes?.() ?? [])];
    if (summary.examples === 0) {
      const problem = say`every example was dropped, because all are longer than maxLength ${options.maxLength};
        raise it`;
      throw typeof options.data === 'string'
        ? new FileError(options.data, undefined, problem)
        : new PromptuneError(problem);
    }
  } catch (error) {
    await store.close();
    throw error;
  } finally {
    await source.close();
  }

  let disposed = false;
  const dispose = async () => {
    disposed = true;
    await store.close();
  };
  return {
    length: summary.examples,
    tokenCounts: tokenCounts.toInt32Array(),
    labelCounts: labelCounts.toInt32Array(),
    summary,
    shape,
    prompts,
    layoutLanguage,
    labels,
    notes,
    unread,
    async get(index) {
      if (disposed) throw new PromptuneError(say`this data set was disposed of; open it again`);
      checkIndex(index, summary.examples);
      const count = tokenCounts.at(index);
      const read = await store.read(starts.at(index), hasLabels ? 2 * count : count);
      const tokens = read.subarray(0, count);
      return {
        inputIds: tokens.map(storedId),
        lossMask: Uint8Array.from(tokens, storedFlag),
        ...(hasLabels && { labels: read.subarray(count) }),
      };
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

/** A token in the store: its id, and in the lowest bit whether it is a label. */
const asStored = (id: number, isTarget: number) => 2 * id + isTarget;
const storedId = (stored: number) => stored >> 1;
const storedFlag = (stored: number) => stored & 1;

/** Creates the encoder of records like `first`. */
type EncoderLike = (first: DataRecord, layoutLanguage?: LayoutLanguage) => RecordEncoder;

/** Returns a function that creates the encoder from the first record. Throws a UsageError for invalid options. */
export function recordEncoder(options: DatasetOptions): EncoderLike {
  const { labeling, chat, tokenizer, template, completionTemplate } = options;
  if (labeling) {
    if (chat) throw optionError('chat', say`a head labels texts or words, not conversations; leave it out`);
    return (first) => labeledEncoder(first, { ...options, ...labeling });
  }
  const hasTemplate = template !== undefined || completionTemplate !== undefined;
  if (chat) {
    if (hasTemplate)
      throw optionError(
        'chat',
        say`the model's own template writes the text, so there can be no other template`,
      );
    const encoderFor = chatEncoder(options);
    return (first) => encoderFor(conversationForm(first.fields));
  }
  const encode =
    placesIn(template).masks > 0 ? clozeEncoderFor(tokenizer, options) : encoderFor(tokenizer, options);
  return (first, layoutLanguage) => {
    const form = conversationForm(first.fields);
    if (form && !hasTemplate && chat === undefined && tokenizer.chatTemplate !== undefined) {
      const shape = say`conversations (${form.fields[0]}), by the model's chat template: what the assistant says`;
      return { ...chatEncoder(options)(form), shape };
    }
    const { textOf, promptTemplate, ...reading } = readingOf(first, { ...options, layoutLanguage });
    const prompts = promptTemplate === undefined ? undefined : { promptTemplate };
    return { encode: (record) => encode(textOf(record), record), prompts, ...reading };
  };
}

function chatEncoder(options: DatasetOptions): (form: ConversationForm | undefined) => RecordEncoder {
  const encode = chatEncoderFor(options.tokenizer, options);
  return (form) => {
    const notes = chatNotes(options.tokenizer);
    return {
      fields: new Set(form?.fields),
      prompts: { chat: true },
      notes: notes.lines,
      encode(record) {
        const conversation = conversationOf(record, form);
        notes.see(conversation);
        return encode(conversation, record);
      },
    };
  };
}

/** Watches for fields of records that are not used. */
export function unusedFields(read: ReadonlySet<string>) {
  const unread = new Set<string>();
  return {
    see(fields: Fields): void {
      for (const name in fields) if (!read.has(name) && name !== '') unread.add(name);
    },
    names: () => [...unread],
    notes: () => unusedNote([...unread]),
  };
}

/** A note about unused fields, or none; and one about answers that only preferences learn from. */
export function unusedNote(names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const more = names.length > 10 ? ` and ${names.length - 10} more` : '';
  const isPair = names.some((name) => name.toLowerCase() === 'rejected');
  return [
    say`unused fields: ${names.slice(0, 10).join(', ')}${more}`,
    ...(isPair ? [say`rejected answers teach something with the loss dpo or orpo alone`] : []),
  ];
}

/** A data set of examples that are already encoded. It holds `examples` themselves, not copies. */
export function datasetOf(examples: readonly EncodedExample[]): Dataset {
  return {
    length: examples.length,
    tokenCounts: Int32Array.from(examples, ({ inputIds }) => inputIds.length),
    labelCounts: Int32Array.from(examples, countTargets),
    async get(index) {
      checkIndex(index, examples.length);
      return examples[index]!;
    },
    async dispose() {},
  };
}

/** Joins several data sets without a copy: disposing of the whole does nothing. */
export function joinDatasets(datasets: readonly Dataset[]): Dataset {
  if (datasets.length === 1) return datasets[0]!;
  const ends: number[] = [];
  for (const { length } of datasets) ends.push((ends.at(-1) ?? 0) + length);
  const length = ends.at(-1) ?? 0;
  const joined = (counts: (dataset: Dataset) => Int32Array) =>
    Int32Array.from(datasets.flatMap((dataset) => [...counts(dataset)]));
  return {
    length,
    tokenCounts: joined(({ tokenCounts }) => tokenCounts),
    labelCounts: joined(({ labelCounts }) => labelCounts),
    async get(index) {
      checkIndex(index, length);
      const which = ends.findIndex((end) => index < end);
      return datasets[which]!.get(index - (ends[which - 1] ?? 0));
    },
    async dispose() {},
  };
}

/** A view of `dataset` with all examples assigned to one task, without a copy: disposing of it does nothing. */
export function withTask(dataset: Dataset, taskId: number): Dataset {
  return {
    ...dataset,
    get: async (index) => ({ ...(await dataset.get(index)), taskId }),
    async dispose() {},
  };
}

/** A view of the examples of `dataset` at `indices`, in that order, without a copy: disposing of it does nothing. */
export function subsetOf(dataset: Dataset, indices: ArrayLike<number>): Dataset {
  const chosen = Int32Array.from(indices);
  return {
    length: chosen.length,
    tokenCounts: chosen.map((index) => dataset.tokenCounts[index]!),
    labelCounts: chosen.map((index) => dataset.labelCounts[index]!),
    async get(index) {
      checkIndex(index, chosen.length);
      return dataset.get(chosen[index]!);
    },
    async dispose() {},
  };
}

function checkIndex(index: number, length: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= length) {
    throw new RangeError(`example ${index} does not exist, expected 0 to ${length - 1}`);
  }
}
