/** @file How data becomes examples, as configurations say it. */
import { z } from 'zod';
import { truncations } from './encode.js';

/** A file of data, or several: .jsonl, .json, .csv, .tsv or .txt. */
export const filesSchema = z.union([z.string(), z.array(z.string()).min(1)]);

/** How data becomes examples. The defaults are those of `openDataset`. */
export const dataSchema = z.strictObject({
  /** See TemplateOptions. */
  template: z.string().optional(),
  completionTemplate: z.string().optional(),
  /** Most tokens of an example. Default: the model's context less the virtual tokens. */
  maxLength: z.int().positive().optional(),
  truncation: z.enum(truncations).default('prompt'),
  trainOn: z.enum(['completion', 'all']).default('completion'),
  appendEos: z.boolean().default(true),
  /** See DatasetOptions. */
  chat: z.boolean().optional(),
  /** The word, or several, of each label, in the place of a head (see TemplateOptions), or from which a head starts. */
  verbalizer: z.record(z.string(), z.union([z.string(), z.array(z.string()).min(1)])).optional(),
  /** The field of a record's label, for a verbalizer or a head, or of its words' tags. Default: `label`, or `tags`. */
  labelField: z.string().min(1).optional(),
});
export type DataConfig = z.output<typeof dataSchema>;
