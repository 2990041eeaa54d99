/** @file The rows that candidates are compared on: the bare input of each, and how each candidate's prompt reads for it. */

import { optionError, UsageError } from '../errors.js';
import type { LanguageModel } from '../models/model.js';
import type { Fields } from '../records/record-formats.js';
import { openRecords } from '../records/records.js';
import { type DatasetOptions, type DatasetSource, openDataset, type TextDataset } from '../text/dataset.js';
import type { Tokenizer } from '../text/tokenizer.js';
import type { Candidate } from './candidates.js';

/** A file of rows (see `openDataset`), or the rows themselves. */
export type RowSource = string | readonly Fields[];

export interface RowOptions {
  model: LanguageModel;
  tokenizer: Tokenizer;
  /** The field that holds a row's input. */
  inputField: string;
  signal?: AbortSignal;
}

const usualInputs = ['input', 'text', 'prompt'];

/** The field of the first row that is the input by its name. Throws a UsageError where none is. */
export async function inputFieldOf(source: RowSource): Promise<string> {
  const fields = Object.keys(await firstFields(source));
  const found = usualInputs.find((name) => fields.includes(name));
  if (found !== undefined) return found;
  throw optionError(
    'inputField',
    `say which field is the input; the fields are ${fields.join(', ') || 'none'}, ` +
      `and none is called ${usualInputs.join(', ')}`,
  );
}

async function firstFields(source: RowSource): Promise<Fields> {
  if (typeof source !== 'string') return source[0] ?? {};
  const records = await openRecords(source);
  try {
    return (await records.get(0)).fields;
  } finally {
    await records.close();
  }
}

/** The template that is a row's input as it is. */
export const inputTemplate = (inputField: string) => `{${inputField}}`;

/** The inputs alone, as token ids: what a selector reads. One that is too long for the model loses its end. */
export function openInputs(source: RowSource, options: RowOptions): Promise<TextDataset> {
  return openDataset({
    ...sourceOf(source),
    ...sharedOptions(options),
    maxLength: options.model.config.maxPositions,
    template: '',
    completionTemplate: inputTemplate(options.inputField),
    truncation: 'end',
    appendEos: false,
  });
}

/** The rows as a candidate has them: its prompt, and the answer that is wanted. Throws a UsageError where nothing says what that is. */
export async function openRows(
  source: RowSource,
  { name, template, completionTemplate }: Candidate,
  options: RowOptions & { numVirtualTokens: number },
): Promise<TextDataset> {
  const fields = completionTemplate === undefined ? await firstFields(source) : {};
  if (completionTemplate === undefined && !('completion' in fields || 'output' in fields))
    throw new UsageError(
      `candidate ${JSON.stringify(name)} does not say what the model should answer: the rows have no field ` +
        'completion or output; give it a completionTemplate, such as " {label}"',
    );
  const { model, inputField, numVirtualTokens } = options;
  return openDataset({
    ...sourceOf(source),
    ...sharedOptions(options),
    maxLength: Math.max(1, model.config.maxPositions - numVirtualTokens),
    template: template ?? inputTemplate(inputField),
    completionTemplate,
  });
}

const sourceOf = (source: RowSource): DatasetSource =>
  typeof source === 'string' ? { path: source } : { records: source };

const sharedOptions = ({ model, tokenizer, signal }: RowOptions): DatasetOptions => ({
  tokenizer,
  vocabSize: model.config.vocabSize,
  signal,
});
