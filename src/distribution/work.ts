/** @file A piece of work, what becomes of it, and who does it. */

/** Work as plain values, which can be sent to another process or machine. */
export interface Work {
  /** SHA-256 of all that the result depends on (see `workKey`). Work with the same key is the same work. */
  readonly key: string;
  /** Who does it, such as `cell`: see the table of kinds. */
  readonly kind: string;
  /** For people: `lora-50-seed-1`. */
  readonly label: string;
  /** Plain JSON. It names larger inputs by their hashes, which `blobs` has. */
  readonly input: unknown;
  /** Inputs in bytes, by their SHA-256. Default: none. */
  readonly blobs?: ReadonlyMap<string, Uint8Array>;
  /** The files and folders that `input` names, for those who do not have them (see `PortableFiles`). */
  readonly files?: readonly PortableFiles[];
  /** How long it takes, compared with the other works: the longest go first. Default: all are alike. */
  readonly cost?: number;
}

/** A path in a work's input, and what is there, so that a machine without it can put its own copy in its place. */
export interface PortableFiles {
  /** The place of the path in the input. */
  readonly at: readonly (string | number)[];
  /** Whether the path is that of a folder with these files; else it is that of the only one. */
  readonly isFolder: boolean;
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
}

/** A result's files by name, such as `result.json` or `adapter/adapter_config.json`. */
export type ResultFiles = ReadonlyMap<string, Uint8Array>;

/** Whether a file of a result has the same bytes in each attempt. Others have times, memory or paths of the machine. */
export const isRepeated = (name: string): boolean =>
  !/^(measured\.json|run\/(config\.yaml|metrics\.jsonl|events\.out\.tfevents\..*))$/.test(name);

/**
 * What work is doing: `waiting` for a worker, `running`, `done`, `failed` for good, or `lost` with the process or the
 * machine that was doing it, and about to be done again.
 */
export type WorkState = 'waiting' | 'running' | 'done' | 'failed' | 'lost';

export interface RunWorkOptions {
  readonly signal?: AbortSignal;
  /** Events of the work itself. */
  readonly onEvent?: (event: unknown) => void;
  /** Called when its state changes, with what is known: the worker, or why it was lost. */
  readonly onState?: (state: WorkState, note?: string) => void;
}

/** Who does works: this process, processes of this machine, or workers elsewhere. */
export interface Engine {
  /** How many works it can have at hand at once. */
  readonly atOnce: number;
  /** Threads that a work computes with, unless it says otherwise. Default: all of the machine's. */
  readonly threads?: number;
  /** Whether works go to other machines, which have their own models and get files with the works. Default false. */
  readonly isElsewhere?: boolean;
  /** The class of those who do works elsewhere. */
  readonly machineClass?: string;
  /** Says what works are about to need, as their input has it in `of`, so that it is ready when they come. */
  prepare?(of: unknown): void;
  /**
   * Does a work, again if whoever does it dies.
   * @throws what the work throws; PromptuneError where it is given up; the signal's reason if that stops it
   */
  run(work: Work, options?: RunWorkOptions): Promise<ResultFiles>;
  close(): Promise<void>;
}
