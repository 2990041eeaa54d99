/** @file The messages between a session's handle and the engine that runs it. */
import type { Tensor } from '../tensor.js';
import type { CacheMoves } from './device-cache.js';
import type { CacheSizes } from './key-value-cache.js';
import type { RowPrompt } from './row-cache.js';

/** Tensors by name, as they cross the thread boundary. */
export type NamedTensors = Record<string, Tensor>;

/**
 * Where the weights are that a graph refers to by location, offset and length: in the files of a folder, which are
 * mapped, or in bytes by location. `paths` are the files of the folder that hold weights: a browser, which cannot map
 * files, reads those.
 */
export type WeightSource =
  | { readonly folder: string; readonly paths?: readonly string[] }
  | { readonly bytes: ReadonlyMap<string, Uint8Array | Blob> };

export interface CacheSettings extends CacheSizes {
  /** Whether rows that are still being read have buffers of their own (see `SplitCache`). Default false. */
  readonly splits?: boolean;
  /** What rearranges a cache that stays on the session's device. Default: it is in the memory of the thread. */
  readonly moves?: CacheMoves;
}

export interface SessionSettings {
  readonly weights?: WeightSource;
  /** ONNX Runtime's name of the execution provider. */
  readonly provider: string;
  readonly threads: number;
  readonly prepacking: boolean;
  readonly folding: boolean;
  readonly profilePrefix?: string;
  /** The cache of keys and values that the session keeps between runs, or the session whose cache it shares. */
  readonly cache?: CacheSettings | { readonly session: number };
}

/** Numbers to write into a held tensor, starting at an element. */
export interface HeldWrite {
  readonly name: string;
  readonly offset: number;
  readonly data: Float32Array;
}

/** What a row of the cache starts from: a learned prompt, a row that was kept under a number, or nothing. */
export type RowStart = RowPrompt | { readonly kept: number } | undefined;

export type Request =
  | {
      readonly type: 'create';
      readonly session: number;
      readonly onnx: Uint8Array;
      readonly settings: SessionSettings;
    }
  | {
      readonly type: 'run';
      readonly session: number;
      readonly feeds: NamedTensors;
      readonly lent: NamedTensors;
      readonly outputs?: readonly string[];
      /** The number of new positions of each row that is run. Without it, the run does not use the cache. */
      readonly appended?: readonly number[];
      /** The first of the rows that are run. Default: they are the last ones. */
      readonly firstRow?: number;
    }
  | { readonly type: 'hold'; readonly session: number; readonly tensors: NamedTensors }
  | { readonly type: 'writeHeld'; readonly session: number; readonly writes: readonly HeldWrite[] }
  | {
      readonly type: 'showHeld';
      readonly session: number;
      /** The number of lines to feed, by names of held tensors. */
      readonly lines: Readonly<Record<string, number>>;
    }
  | { readonly type: 'admitToCache'; readonly session: number; readonly rows: readonly RowStart[] }
  | { readonly type: 'keepRow'; readonly session: number; readonly row: number; readonly as: number }
  | { readonly type: 'forgetRow'; readonly session: number; readonly kept: number }
  | { readonly type: 'shortenCache'; readonly session: number; readonly counts: readonly number[] }
  | {
      readonly type: 'reorderCache';
      readonly session: number;
      readonly parents: readonly number[];
      readonly front?: number;
    }
  | { readonly type: 'dispose'; readonly session: number };

export interface Message {
  readonly id: number;
  readonly request: Request;
}

export interface RunResult {
  readonly outputs: NamedTensors;
  /** The buffers that the run borrowed, returned even if the run fails. */
  readonly lent: NamedTensors;
}

export type Reply =
  | { readonly id: number; readonly result?: RunResult }
  | { readonly id: number; readonly error: string; readonly lent: NamedTensors };

/** The buffers behind tensors, each once, to be transferred instead of copied. */
export function buffersOf(tensors: NamedTensors): ArrayBuffer[] {
  return [...new Set(Object.values(tensors).map(({ data }) => data.buffer as ArrayBuffer))];
}
