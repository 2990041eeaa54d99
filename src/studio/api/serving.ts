/** @file What the server is doing. */
import * as z from 'zod';
import { count, time } from './values.js';

export const servingSchema = z.object({
  /** When the server started. */
  since: time,
  running: count,
  waiting: count,
  /** Share of the cache that running texts may take, from 0 to 1. */
  cacheUse: z.number(),
  /** Counts since the start. */
  totals: z.object({
    requests: count,
    promptTokens: count,
    newTokens: count,
    finished: count,
    cancelled: count,
    failed: count,
    rejected: count,
  }),
  /** The last five minutes, the oldest first. */
  history: z.array(
    z.object({
      time,
      /** Length of the interval. */
      seconds: z.number(),
      requests: count,
      newTokens: count,
      promptTokens: count,
      /** Medians of the interval's requests; missing without one. */
      firstTokenMs: z.number().optional(),
      ms: z.number().optional(),
    }),
  ),
  /** By model that was asked for since the start. */
  models: z.array(
    z.object({
      id: z.string(),
      isRunning: z.boolean(),
      isWaiting: z.boolean(),
      requests: count,
      newTokens: count,
    }),
  ),
});
export type Serving = z.output<typeof servingSchema>;
