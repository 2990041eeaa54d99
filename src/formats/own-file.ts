/**
 * @file promptune.json, Promptune's own file in the folder of an adapter or of a whole model, which other libraries
 *   leave alone: the parts of a composed adapter, which are subfolders with one adapter each, the model that the
 *   adapter was learned on, how it is used, and how it was trained.
 */
import * as z from 'zod';
import { say } from '../say.js';
import { fileFields } from '../schema-problems.js';
import type { JsonObject } from './json.js';

export const ownName = 'promptune.json';

/**
 * Whether a folder with files of these names has an adapter: its configuration, or that of its parts. A whole model's
 * folder may have promptune.json too.
 */
export const areOfAdapter = (names: { has(name: string): boolean }): boolean =>
  names.has('adapter_config.json') || (names.has(ownName) && !names.has('config.json'));

/**
 * How an adapter, or a whole model that was trained, is used: what commands and calls take where they are not given it.
 */
export interface AdapterUsage {
  /** Whether a text to answer is a user's message, to which it writes the assistant's turn. Default: false. */
  readonly chat?: boolean;
  /** What a text to continue or to label is put into, with fields in braces or in Jinja. Default: nothing. */
  readonly promptTemplate?: string;
  /** The labels of the texts that it was trained on and the field that had them, if its completions are labels. */
  readonly labels?: { readonly field: string; readonly names: readonly string[] };
  /** The settings by which records of data are read (see `dataSchema`), where they are not the default. */
  readonly reading: Readonly<Record<string, unknown>>;
}

/** How an adapter was trained. */
export interface AdapterTraining {
  /** The method or methods, joined by +. */
  readonly method: string;
  /** Files without their folders, data sets of the Hub, or rows in memory, and SHA-256 digests of them. */
  readonly data: readonly { readonly name: string; readonly rows: number; readonly sha256: string }[];
  /** Number of examples that it was trained on. */
  readonly examples: number;
  /** Number of updates. */
  readonly steps: number;
  /** Mean loss per label of the examples that were held out and, with a head, the accuracy. */
  readonly validation?: { readonly examples: number; readonly loss: number; readonly accuracy?: number };
}

/** The model that an adapter was learned on. */
export interface AdapterBase {
  /** As it was given: a name or a path. Undefined in files of earlier versions. */
  readonly name?: string;
  /** `weightsDigest` of the model's folder. Undefined for a GGUF file. */
  readonly sha256?: string;
}

const usageSchema = z.object({
  chat: z.boolean().optional(),
  promptTemplate: z.string().optional(),
  labels: z.object({ field: z.string(), names: z.array(z.string()).min(2) }).optional(),
  reading: z.record(z.string(), z.unknown()).default({}),
});

const trainingSchema = z.object({
  method: z.string(),
  data: z.array(z.object({ name: z.string(), rows: z.number(), sha256: z.string() })),
  examples: z.number(),
  steps: z.number(),
  validation: z
    .object({ examples: z.number(), loss: z.number(), accuracy: z.number().optional() })
    .optional(),
});

/** Each is a folder that is read, and a part of every graph. */
const mostParts = 100;

const schema = z
  .object({
    /** Subfolders of the file's folder, in the order of composition. */
    parts: z
      .array(
        z
          .string()
          .regex(/^[\w-][\w.-]*$/, { error: () => say`expected the name of a folder next to this file` }),
      )
      .min(1)
      .max(mostParts)
      .refine((parts) => new Set(parts).size === parts.length, {
        error: () => say`expected each part once`,
      })
      .optional(),
    base: z.object({ name: z.string().optional(), sha256: z.string().optional() }).optional(),
    usage: usageSchema.optional(),
    training: trainingSchema.optional(),
  })
  .refine(({ parts, base, usage, training }) => parts || base || usage || training, {
    path: ['parts'],
    error: () => say`expected the parts of the adapter`,
  });

/** What promptune.json says. */
export interface OwnFile {
  readonly parts?: readonly string[];
  readonly base?: AdapterBase;
  readonly usage?: AdapterUsage;
  readonly training?: AdapterTraining;
}

/**
 * @param path path of promptune.json, for error messages
 * @throws FileError if its content is not valid
 */
export function parseOwnFile(file: Readonly<JsonObject>, path: string): OwnFile {
  return fileFields(schema, file, path);
}
