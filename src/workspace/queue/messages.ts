/** @file What is in a job of the queue, and what workers tell of themselves. */
import { z } from 'zod';
import type { Work } from '../../distribution/work.js';
import type { MachineClass } from '../distribution/machine-class.js';
import type { JobProgress } from '../jobs/events.js';

/** Larger inputs go into the store as a blob. */
export const largestInput = 48_000;

const portableSchema = z.object({
  at: z.array(z.union([z.string(), z.number()])),
  isFolder: z.boolean(),
  files: z.array(z.object({ name: z.string(), sha256: z.string() })),
});

/** A work as JSON: its bytes are in the store. */
export const queuedWorkSchema = z.object({
  key: z.string().regex(/^[0-9a-f]{64}$/),
  kind: z.string(),
  label: z.string(),
  /** Undefined where it is a blob. */
  input: z.unknown(),
  inputBlob: z.string().optional(),
  files: z.array(portableSchema),
  /** SHA-256 of each. */
  blobs: z.array(z.string()),
});
export type QueuedWork = z.infer<typeof queuedWorkSchema>;

export const queuedWork = ({ key, kind, label, input, files = [], blobs }: Work): QueuedWork => ({
  key,
  kind,
  label,
  input,
  files: files.map(({ at, isFolder, files: own }) => ({ at: [...at], isFolder, files: [...own] })),
  blobs: [...(blobs?.keys() ?? [])],
});

/** BullMQ's id of a work's job: not of digits alone, and without colons. Jobs of the same id are not added twice. */
export const jobId = (key: string): string => `work-${key}`;
export const copyId = (key: string): string => `again-${key}`;
export const keyOfJob = (id: string): string => id.slice(id.indexOf('-') + 1);

/** What a worker says every few seconds, and what is forgotten when it no longer does. */
export interface WorkerRecord {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly machineClass: MachineClass;
  readonly purpose?: string;
  /** When it started, in milliseconds since 1970. */
  readonly since: number;
  readonly done: number;
  /** How long it took for these. Workers of earlier versions do not say it. */
  readonly busySeconds?: number;
  /** What it has at hand. */
  readonly job?: JobNote;
}

export interface JobNote {
  readonly key: string;
  readonly label: string;
  readonly progress?: WorkProgress;
  readonly since: number;
}

/** How far a cell is: its `JobProgress`, as of some seconds ago. */
export type WorkProgress = Pick<JobProgress, 'stage' | 'done' | 'total' | 'loss'>;

export const workerKey = (id: string): string => `promptune-worker:${id}`;
export const workerPattern = 'promptune-worker:*';
/** In seconds: between two signs of life, and after how many a worker counts as gone. */
export const signEvery = 3;
export const goneAfter = 12;
