/** @file The command that tries what a run has learned, with an input like those of its data. */

import type { AdapterUsage } from '../formats/adapter-content.js';
import { writeJson } from '../formats/json-text.js';
import { methodNamed } from '../methods/registry.js';
import { openData } from '../records/data.js';
import type { DataRecord } from '../records/records.js';
import { type FileOptions, fileOptionsOf } from '../records/text-encoding.js';
import type { ResolvedRunConfig } from '../runs/run-config.js';
import { conversationOf } from '../text/conversations.js';
import { scalarText } from '../text/fields.js';
import { textFields, wordsOf } from '../text/labeled.js';
import { labelWords, notedReading } from '../text/noted-reading.js';
import { promptTemplate, readingOf, textFor } from '../text/template.js';

/** A command line in parts: a command of `promptune`, and its options by their names in the API. */
export interface FirstUse {
  readonly command: 'generate' | 'classify';
  readonly options: Readonly<Record<string, string | true | Readonly<Record<string, readonly string[]>>>>;
}

export interface FinishedRun {
  readonly config: Pick<ResolvedRunConfig, 'data' | keyof FileOptions | 'method' | 'taskType'>;
  readonly usage: AdapterUsage;
  /** The run's folder, and that of what it learned. */
  readonly output: string;
  readonly adapterPath: string;
}

/** The adapter, or the whole model, says how it is used. */
export async function firstUse({ config, usage, output, adapterPath }: FinishedRun): Promise<FirstUse> {
  const record = await firstRecord(config);
  const isByWords = config.taskType === 'causal-lm' && labelWords(usage) !== undefined;
  const command = config.taskType !== 'causal-lm' || isByWords ? 'classify' : 'generate';
  const input = inputOf(record, config, usage, isByWords);
  const { savesModel } = methodNamed(config.method);
  return { command, options: { ...(savesModel ? { model: adapterPath } : { adapter: output }), ...input } };
}

async function firstRecord(config: FinishedRun['config']): Promise<DataRecord> {
  const records = await openData(config.data, fileOptionsOf(config));
  try {
    return await records.get(0);
  } finally {
    await records.close();
  }
}

/** An input like that of a record. */
function inputOf(
  record: DataRecord,
  { taskType }: FinishedRun['config'],
  usage: AdapterUsage,
  isByWords: boolean,
): Record<string, string> {
  const { chat, promptTemplate: template } = usage;
  const text = (name: string) => shortened(scalarText(record.fields[name]) ?? '');
  const value = (name: string) =>
    scalarText(record.fields[name]) === undefined ? record.fields[name] : text(name);
  if (taskType === 'question-answering') return { question: text('question'), context: text('context') };
  const name = taskType === 'causal-lm' && !isByWords ? 'prompt' : 'text';
  if (taskType === 'token-classification') return { text: shortened(wordsOf(record).join(' ')) };
  if (chat) {
    const { messages } = conversationOf(record);
    return { [name]: shortened(messages.find(({ role }) => role === 'user')?.content ?? '') };
  }
  const values = [...fieldsOf(template)].map((field) => [field, value(field)] as const);
  const [first] = values;
  if (values.length === 1 && typeof first![1] === 'string') return { [name]: first![1] };
  if (first) return { [name]: writeJson(Object.fromEntries(values)) };
  return { [name]: shortened(plainText(record, taskType, usage)) };
}

const fieldsOf = (template: string | undefined): ReadonlySet<string> =>
  template === undefined ? new Set() : promptTemplate(template).fields;

/** The prompt or, of a text that is learned as a whole, its beginning. */
function plainText(record: DataRecord, taskType: ResolvedRunConfig['taskType'], usage: AdapterUsage): string {
  if (taskType !== 'causal-lm') return `${textFor(record, undefined, textFields).render(record)}`;
  const { prompt, completion } = readingOf(record, {
    layoutLanguage: notedReading(usage).layoutLanguage,
  }).textOf(record);
  return typeof prompt === 'string' ? prompt : completion;
}

const longest = 60;

/** Whole words of it that fit into a line of a terminal. */
function shortened(text: string): string {
  if (text.trim() === '') return 'Hello';
  if (text.length <= longest) return text;
  const cut = Array.from(text).slice(0, longest).join('');
  const end = cut.search(/\s\S*$/);
  return end > 0 ? cut.slice(0, end) : cut;
}
