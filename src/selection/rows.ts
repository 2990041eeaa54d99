/**
 * @file The rows that candidates are compared on: the bare input of each, and how each candidate's prompt reads for
 * it.
 */

import { optionError, UsageError } from '../errors.js';
import type { LanguageModel } from '../models/model.js';
import { type Data, openData } from '../records/data.js';
import type { Fields } from '../records/record-formats.js';
import { type DatasetOptions, openDataset, type TextDataset } from '../text/dataset.js';
import type { Tokenizer } from '../text/tokenizer.js';
import type { Candidate } from './candidates.js';

export interface RowOptions {
  model: LanguageModel;
  tokenizer: Tokenizer;
  /** The field that holds a row's input. */
  inputField: string;
  signal?: AbortSignal;
}

const usualInputs = ['input', 'text', 'prompt'];

/** The field of the first row that is the input by its name. Throws a UsageError if none is. */
export async function inputFieldOf(data: Data): Promise<string> {
  const fields = Object.keys(await firstFields(data));
  const found = usualInputs.find((name) => fields.includes(name));
  if (found !== undefined) return found;
  throw optionError(
    'inputField',
    `say which field is the input; the fields are ${fields.join(', ') || 'none'}, ` +
      `and none is called ${usualInputs.join(', ')}`,
  );
}

async function firstFields(data: Data): Promise<Fields> {
  const records = await openData(data);
  try {
    return (await records.get(0)).fields;
  } finally {
    await records.close();
  }
}

/** The template that is a row's input as it is. */
export const inputTemplate = (inputField: string) => `{${inputField}}`;

/** The inputs alone, as token ids: what a selector reads. One that is too long for the model loses its end. */
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

/**
 * The rows as a candidate has them: its prompt, and the answer that is wanted. Throws a UsageError if nothing says
 * what that is.
 */
export async function openRows(
  data: Data,
  { name, template, completionTemplate }: Candidate,
  options: RowOptions & { numVirtualTokens: number },
): Promise<TextDataset> {
  const fields = completionTemplate === undefined ? await firstFields(data) : {};
  if (completionTemplate === undefined && !('completion' in fields || 'output' in fields))
    throw new UsageError(
      `candidate ${JSON.stringify(name)} does not say what the model should answer: the rows have no field ` +
        'completion or output; give it a completionTemplate, such as " {label}"',
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

const sharedOptions = ({ model, tokenizer, signal }: RowOptions): DatasetOptions => ({
  tokenizer,
  vocabSize: model.config.vocabSize,
  signal,
});
