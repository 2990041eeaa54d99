/** @file A queue of works. */
import * as z from 'zod';
import { count } from './values.js';

/** Milliseconds since 1970. */
const moment = z.number();

export const queueSchema = z.object({
  queues: z.array(
    z.object({
      name: z.string(),
      waiting: count,
      running: count,
      /** By the workers that are there now. */
      done: count,
      /** Of works whose process died, which wait to be begun again. */
      lost: count,
      failed: count,
      workers: count,
      /** Estimated seconds until nothing waits or runs, if a worker has done something. */
      secondsLeft: z.number().optional(),
    }),
  ),
  /** Those that gave a sign of life in the last seconds. */
  workers: z.array(
    z.object({
      id: z.string(),
      host: z.string(),
      pid: count,
      /** The id of what its results' bits depend on: those of a class are the same. */
      machineClass: z.string(),
      /** When it started. */
      since: moment,
      done: count,
      /** What it has at hand, and how far that was some seconds ago. */
      job: z
        .object({
          label: z.string(),
          since: moment,
          stage: z.string().optional(),
          done: count.optional(),
          total: count.optional(),
          loss: z.number().optional(),
        })
        .optional(),
    }),
  ),
  failed: z.array(
    z.object({
      queue: z.string(),
      key: z.string(),
      label: z.string(),
      message: z.string(),
      at: moment.optional(),
    }),
  ),
});
export type Queue = z.output<typeof queueSchema>;

export const retriedSchema = z.object({ retried: count });
export type Retried = z.output<typeof retriedSchema>;
