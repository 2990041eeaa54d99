/** @file Rows that candidates are compared on: their bare inputs, and each candidate's prompt for them. */

import { optionError, UsageError } from '../errors.js';
import type { LanguageModel } from '../models/model.js';
import { type Data, openData } from '../records/data.js';
import type { Fields } from '../records/record-formats.js';
import { fileOptionsOf, type ReadOptions } from '../records/text-encoding.js';
import { say } from '../say.js';
import { type DatasetOptions, openDataset, type TextDataset } from '../text/dataset.js';
import type { Tokenizer } from '../text/tokenizer.js';
import type { Candidate } from './candidates.js';

export interface RowOptions extends ReadOptions {
  model: LanguageModel;
  tokenizer: Tokenizer;
  /** The field that holds a row's input. */
  inputField: string;
}

const usualInputs = ['input', 'text', 'prompt'];

/** The input field, by the names in the first row. Throws a UsageError if there is none. */
export async function inputFieldOf(data: Data, options: ReadOptions): Promise<string> {
  const fields = Object.keys(await firstFields(data, options));
  const found = usualInputs.find((name) => fields.includes(name));
  if (found !== undefined) return found;
  throw optionError(
    'inputField',
    say`expected the name of the input field; the fields are ${fields.join(', ') || 'none'}, and
      none is called ${usualInputs.join(', ')}`,
  );
}

async function firstFields(data: Data, options: ReadOptions): Promise<Fields> {
  const records = await openData(data, options);
  try {
    return (await records.get(0)).fields;
  } finally {
    await records.close();
  }
}

/** A template of just the row's input. */
export const inputTemplate = (inputField: string) => `{${inputField}}`;

/** The bare inputs as token ids, for a selector. Inputs that are too long for the model lose their end. */
export function openInputs(data: Data, options: RowOptions): Promise<TextDataset> {
  return openDataset({
    data,
    ...sharedOptions(options),
    maxLength: options.model.config.maxPositions,
    template: '',
    completionTemplate: inputTemplate(options.inputField),
    truncation: 'end',
    appendEos: false,
  });
}

/** The rows as a candidate's prompt and expected answer. Throws a UsageError if the answer is not known. */
export async function openRows(
  data: Data,
  { name, template, completionTemplate }: Candidate,
  options: RowOptions & { numVirtualTokens: number },
): Promise<TextDataset> {
  const fields = completionTemplate === undefined ? await firstFields(data, options) : {};
  if (completionTemplate === undefined && !('completion' in fields || 'output' in fields))
    throw new UsageError(
      say`candidate ${JSON.stringify(name)} has no answer: the rows have no field completion or
        output; set its completionTemplate, such as " {label}"`,
    );
  const { model, inputField, numVirtualTokens } = options;
  return openDataset({
    data,
    ...sharedOptions(options),
    maxLength: Math.max(1, model.config.maxPositions - numVirtualTokens),
    template: template ?? inputTemplate(inputField),
    completionTemplate,
  });
}

const sharedOptions = ({ model, tokenizer, signal, ...options }: RowOptions): DatasetOptions => ({
  tokenizer,
  ...fileOptionsOf(options),
  vocabSize: model.config.vocabSize,
  signal,
});
