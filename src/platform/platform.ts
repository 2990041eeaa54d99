/**
 * @file What the library needs of its platform, implemented by `node.ts` and `web.ts`. The `imports` field of
 *   package.json maps `#platform` to one of them; nothing outside of this folder knows which.
 */

export interface Platform {
  readonly fileSystem: FileSystem;
  readonly host: Host;
  /** Between the names of a path: `/`, or `\` on Windows. */
  readonly sep: string;
  join(...parts: string[]): string;
  dirname(path: string): string;
  basename(path: string): string;
  extname(path: string): string;
  relative(from: string, to: string): string;
  resolve(...parts: string[]): string;
  /** Resolves once events that wait (timers, messages, input) have had their turn. */
  yieldToEvents(): Promise<void>;
  sha256(): Hash;
  /** Unpacks gzip as it comes. Throws an Error for what is not gzip or ends too early, and what `packed` throws. */
  gunzip(packed: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
}

/**
 * Files and folders. What cannot be done is an error with `code`, ENOENT and the like, as Node has them, and
 * `syscall`. Pipes, sockets and devices are not read (ENOTREG), nor are texts of more than 256 MiB and bytes of more
 * than 1 GiB at once (ETOOLARGE).
 */
export interface FileSystem {
  /**
   * `read` an existing file, `append` to one that is made where there is none, or `create` one that must not be there
   * yet.
   */
  open(path: string, mode: 'read' | 'append' | 'create'): Promise<OpenFile>;
  /**
   * A file without a name, to write and to read, of which nothing is left once it is closed or the process has ended.
   */
  openTemporary(): Promise<OpenFile>;
  readBytes(path: string): Promise<Uint8Array>;
  /** As UTF-8. */
  readText(path: string): Promise<string>;
  /** What is at the path, links followed; undefined where there is nothing. */
  stat(path: string): Promise<FileStat | undefined>;
  /** The names in a folder. */
  list(folder: string): Promise<string[]>;
  /** Makes a folder with those above it. Returns whether any of them was missing. */
  makeFolder(path: string): Promise<boolean>;
  copy(from: string, to: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Gives a file a second name, where there is nothing yet. An error where the file system has no such thing. */
  link(from: string, to: string): Promise<void>;
  /** Removes a file, or a folder with all in it. Does nothing where there is neither. */
  remove(path: string): Promise<void>;
  /** Removes a folder that nothing is in. */
  removeEmptyFolder(path: string): Promise<void>;
  /** Makes a file's content durable; of a folder, that files were made and renamed in it. */
  flush(path: string): Promise<void>;
  /** The path with links followed. */
  realpath(path: string): Promise<string>;
}

export interface OpenFile {
  /**
   * Fills `target` from byte `position` on. Returns how many bytes there were, fewer than `target` takes only at the
   * file's end.
   */
  read(target: Uint8Array, position: number): Promise<number>;
  size(): Promise<number>;
  append(content: string | Uint8Array): Promise<void>;
  truncate(size: number): Promise<void>;
  /** Makes the content durable. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface FileStat {
  readonly kind: 'file' | 'folder' | 'other';
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** The machine and the process. */
export interface Host {
  /** `linux`, `darwin`, `win32` and so on, or `browser`. */
  readonly system: string;
  readonly architecture: string;
  /** By which other machines know it. */
  readonly name: string;
  readonly process: ProcessIdentity;
  /** Threads that run at once. */
  readonly threads: number;
  /** Where `openTemporary` has its files. */
  readonly temporaryFolder: string;
  /** Whether a process is alive; undefined where it cannot be known, because it is of another machine or container. */
  isRunning(process: ProcessIdentity): Promise<boolean | undefined>;
  memoryUsage(): MemoryUsage;
  /** The folder of what Promptune itself makes of models, and can make again. */
  cacheFolder(): string;
}

/** Tells a process from every other one, those before and after it included. Its parts are letters and digits. */
export interface ProcessIdentity {
  readonly pid: number;
  /** In the system's own measure. Undefined where it is not known, which stands for any process with this number. */
  readonly started?: string;
  /** Within what the number is given out: one start of a machine, or a container there. */
  readonly space: string;
}

/** Memory usage of the process. Both are 0 in browsers, which do not report it. */
export interface MemoryUsage {
  /** Bytes that belong to this process alone. Mapped weight files are not among them. */
  readonly privateBytes: number;
  /** Largest resident size so far, mapped files included, in bytes. */
  readonly peakBytes: number;
}

/** A hash of what is put in, text as UTF-8. */
export interface Hash {
  update(data: string | Uint8Array): Hash;
  /** The hash of all of it. The last call. */
  hex(): string;
}
