/** @file The options for converting data to examples. */
import * as z from 'zod';
import { type Data, isData } from '../records/data.js';
import { encodingExpected, isEncoding } from '../records/text-encoding.js';
import { parseOptions } from '../schema-problems.js';
import { truncations } from './encode.js';
import { layoutLanguages } from './layout-words.js';

/** One or more data files: .jsonl, .json, .csv, .tsv or .txt. */
export const filesSchema = z.union([z.string(), z.array(z.string()).min(1)]);

/** Data as values, which configuration files cannot contain. */
export const valuesSchema = z.custom<Data>(isData, 'expected rows, a path, or several of these');

/** Held-out data, or a fraction (below 1) or number of the examples. */
export const heldOutSchema = z.union([valuesSchema, z.number().nonnegative()]);

/** How files of text are read. */
export const fileShape = {
  encoding: z
    .string()
    .refine(isEncoding, encodingExpected)
    .optional()
    .meta({
      description:
        'the encoding of text files without a byte order mark, such as latin1, gbk or shift_jis ' +
        '(default: UTF-8, or UTF-16 where the bytes show it)',
      format: 'name',
    }),
  columns: z.array(z.string().min(1)).min(1).optional().meta({
    description:
      'names of the columns of .csv and .tsv files without a header, in order (default: the first row names them)',
    format: 'names',
  }),
  // Not a default, which settings noted by earlier versions would lack.
  header: z.boolean().optional().meta({
    description: 'take the first row of .csv and .tsv files as the names of the columns',
    isOnByDefault: true,
  }),
};

/** The keys of `fileShape` as a mask. */
export const fileKeys = { encoding: true, columns: true, header: true } as const;

/**
 * How data becomes examples. The defaults are those of `openDataset`. A description ends with the default unless that
 * is a constant.
 */
export const dataSchema = z.strictObject({
  ...fileShape,
  template: z
    .string()
    .optional()
    .describe(
      'the prompt, with fields in braces, such as "{question}\\n", or in Jinja, "{{ question }}\\n" ' +
        '(default: by the layout of the data)',
    ),
  completionTemplate: z
    .string()
    .optional()
    .describe('the completion, such as " {answer}" (default: by the layout of the data)'),
  layoutLanguage: z
    .enum(layoutLanguages)
    .optional()
    .describe(
      'language of the words that the layout of the data adds, such as "Label:" ' +
        '(default: that of the labels or answers, or else of the texts)',
    ),
  maxLength: z
    .int()
    .positive()
    .optional()
    .describe(
      "maximum number of tokens of an example (default: the model's context minus the virtual tokens)",
    ),
  truncation: z
    .enum(truncations)
    .default('prompt')
    .describe('how longer examples are truncated: at the beginning of the prompt, at the end, or dropped'),
  trainOn: z.enum(['completion', 'all']).default('completion').describe('which tokens count in the loss'),
  appendEos: z
    .boolean()
    .default(true)
    .describe('append the end-of-text token to the completion and train on it'),
  chat: z
    .boolean()
    .optional()
    .describe(
      "read records as conversations (a list `messages`, or ShareGPT's), in the model's chat format; " +
        'trains on what the assistant says',
    ),
  verbalizer: z
    .record(z.string(), z.union([z.string(), z.array(z.string()).min(1)]))
    .optional()
    .describe(
      'words of a label, such as 1=great,good: the first is trained on in its place, ' +
        'or, in a task with a head, a vector that starts from all of them',
    ),
  labelField: z.string().min(1).optional().meta({
    description:
      'the field of the label, with a head or a verbalizer, or of the tags of words (default: label, or tags)',
    format: 'name',
  }),
});
export type DataConfig = z.output<typeof dataSchema>;

/** Fills in the defaults of how data is read. Throws a UsageError that names every invalid key. */
export const resolveDataConfig = (config: Partial<DataConfig>): DataConfig =>
  parseOptions(dataSchema, config);
