/** @file What the server is, and what it can do. */
import * as z from 'zod';
import { count } from './values.js';

export const aboutSchema = z.object({
  version: z.string(),
  /** The model that is served, and that is learned on unless a job names another. */
  model: z.object({
    id: z.string(),
    family: z.string(),
    parameters: count,
    layers: count,
    hiddenSize: count,
    /** Positions of its context. */
    maxLength: count,
    vocabSize: count,
    hasChatTemplate: z.boolean(),
    /** Whether it writes texts. If not, it labels them with a head. */
    writes: z.boolean(),
  }),
  /** The studio's folder, whose runs and adapters it shows, as it was given. */
  folder: z.string(),
  device: z.string(),
  /** Where the API of OpenAI is, such as `http://127.0.0.1:8080/v1`. */
  address: z.string(),
  /** Whether requests need a key. */
  needsKey: z.boolean(),
  /** Whether there is a queue of works to show. */
  hasQueue: z.boolean(),
});
export type About = z.output<typeof aboutSchema>;
