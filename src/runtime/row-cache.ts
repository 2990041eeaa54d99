/** @file The seam between an engine and the keys and values of its running rows, wherever those lie. */
import type { Tensor as OrtTensor } from 'onnxruntime-common';
import { int64Tensor, tensorOf } from '../tensor.js';
import { cacheMaskName, cachePositionsName } from './cache-names.js';
import type { NamedTensors } from './protocol.js';

/** Inputs and outputs of a run: tensors of the thread, and those that stay on a device, as ONNX Runtime has them. */
export type RunTensors = Record<string, NamedTensors[string] | OrtTensor>;

/** A learned prompt's keys and values: one row of a layer's new ones, [rows, heads, P, headDim] each. */
export interface RowPrompt {
  readonly tensors: NamedTensors;
  readonly row: number;
}

/**
 * The cache of a batch. Rows have lengths of their own, and a run takes consecutive ones.
 * @typeParam Kept a copy of a row, from which new rows can start
 */
export interface RowCache<Kept = unknown> {
  /** The number of filled positions of each row. */
  readonly lengths: readonly number[];
  /** The outputs of a graph that `append` takes. */
  readonly outputNames: readonly string[];

  /**
   * The cache's inputs for a run of the rows from `first` (default: the last `counts.length`) with `counts[i]` new
   * tokens each.
   */
  inputs(counts: readonly number[], first?: number): RunTensors | Promise<RunTensors>;

  /** Appends the first `counts[i]` new positions of a run's outputs to its rows: see `inputs`. */
  append(outputs: RunTensors, counts: readonly number[], first?: number): void;

  /** Adds rows behind the existing ones, each starting from a learned prompt, from a kept row, or empty. */
  admit(starts: readonly (RowPrompt | Kept | undefined)[]): void | Promise<void>;

  /** Copies a row's keys and values. */
  keep(row: number): Kept | Promise<Kept>;

  /** Frees what was kept, where that is not the garbage collector's. */
  forget?(kept: Kept): void;

  /** Removes the last `counts[i]` positions of each row. */
  shorten(counts: readonly number[]): void;

  /**
   * Row r becomes what row `parents[r]` was; rows that are not anyone's parent are dropped.
   * @param front of a cache whose rows join in pieces, how many of the rows have been read
   */
  reorder(parents: readonly number[], front?: number): void | Promise<void>;

  /** Frees what the garbage collector does not. */
  release?(): Promise<void>;
}

/**
 * The additive mask [rows, 1, 1, capacity] that hides what lies beyond the rows' lengths, and the positions [rows,
 * max(counts)] of `counts[i]` new tokens each. Padding repeats a row's last position: it is never seen, and the model
 * has no positions beyond its context.
 */
export function maskAndPositions(
  lengths: readonly number[],
  counts: readonly number[],
  capacity: number,
): NamedTensors {
  const rows = counts.length;
  const mask = new Float32Array(rows * capacity).fill(Number.NEGATIVE_INFINITY);
  for (const [row, length] of lengths.entries()) mask.fill(0, row * capacity, row * capacity + length);
  const width = Math.max(1, ...counts);
  const positions = lengths.flatMap((length, row) =>
    Array.from({ length: width }, (_, i) => length + Math.max(0, Math.min(i, counts[row]! - 1))),
  );
  return {
    [cacheMaskName]: tensorOf('float32', [rows, 1, 1, capacity], mask),
    [cachePositionsName]: int64Tensor([rows, width], positions),
  };
}

/** Columns that buffers grow by: a trade-off between products over unfilled columns and copies at each growth. */
const columnsPerGrowth = 128;
export const wholeSteps = (columns: number): number =>
  Math.ceil(columns / columnsPerGrowth) * columnsPerGrowth;
