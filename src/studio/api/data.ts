/** @file Files of rows: stored, read and checked. */
import * as z from 'zod';
import { count, jsonValues } from './values.js';

/** A file's content, dropped or pasted, to be kept in the studio's folder. */
export const newDataSchema = z.strictObject({
  /** The file's name, whose ending says its format, such as `cats.csv`; pasted JSON lines are `pasted.jsonl`. */
  name: z.string().min(1).max(200),
  /** Its text; or with `base64`, its bytes. */
  content: z.string(),
  base64: z.boolean().optional(),
});
export type NewData = z.input<typeof newDataSchema>;

export const storedDataSchema = z.object({
  /** What `config.data` calls it: a path in the studio's folder. The same content has the same path. */
  path: z.string(),
  bytes: count,
});
export type StoredData = z.output<typeof storedDataSchema>;

export const dataCheckSchema = z.strictObject({
  /** Default: the served model. */
  model: z.string().optional(),
  /** As in `NewJob`: `data`, and whatever else is set. What matters is how data is read, the method and the task. */
  config: jsonValues,
  /** How many examples to show, from the whole file. */
  examples: z.int().min(0).max(50).default(5),
});
export type DataCheck = z.input<typeof dataCheckSchema>;

const lengthsSchema = z.object({
  min: count,
  median: count,
  p90: count,
  p99: count,
  max: count,
  /** Examples by their number of tokens: each bar up to and including `upTo`. */
  histogram: z.array(z.object({ upTo: count, count })),
});

export const tokenSchema = z.object({
  /** Undefined for a learned vector within the text. */
  id: count.optional(),
  /** Its part of the text. Empty where a character has several tokens, except at the last of them. */
  text: z.string(),
  /** Whether it is trained on. */
  isTarget: z.boolean(),
  /** What is learned at it, where that is not itself: the word at a mask. */
  target: z.string().optional(),
});

export const dataReportSchema = z.object({
  rows: count,
  /** The layout of the records, if it was recognized by their fields. */
  recognized: z.string().optional(),
  /** What is ignored in the records, such as fields that no template reads, in words. */
  notes: z.array(z.string()),
  /** The names of the fields of the first row, for a template. */
  fields: z.array(z.string()),
  /** Numbers of tokens, before truncation. Missing without an example. */
  lengths: lengthsSchema.optional(),
  /** Tokens that are trained on, in all. */
  targetTokens: count,
  /** Most tokens of an example. */
  maxLength: count,
  truncated: count,
  /** Too long and skipped. */
  dropped: count,
  duplicates: count,
  /** How often each label occurs, most frequent first. */
  labels: z.array(z.object({ label: z.string(), count })).optional(),
  /** Fields that are empty in some rows, with the number of those rows. */
  emptyFields: z.array(z.object({ field: z.string(), count })),
  /** Rows that training would refuse: how many, and what is wrong with the first of them. */
  faults: z.object({ count, messages: z.array(z.string()) }),
  examples: z.array(
    z.object({
      /** From 1. */
      row: count,
      tokens: z.array(tokenSchema),
      /** Its tokens before truncation. */
      length: count,
      isTruncated: z.boolean(),
      /** What a user would give the adapter to get what the row has: a text, or a JSON object of fields. */
      input: z.string().optional(),
    }),
  ),
});
export type DataReport = z.output<typeof dataReportSchema>;
export type Token = z.output<typeof tokenSchema>;
