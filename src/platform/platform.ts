/**
 * @file What the library needs from its platform, implemented by `node.ts` and `web.ts`. The `imports` field of
 *   package.json maps `#platform` to one of them; nothing outside this folder knows which.
 */

export interface Platform {
  readonly fileSystem: FileSystem;
  readonly host: Host;
  /** The separator of paths: `/`, or `\` on Windows. */
  readonly sep: string;
  join(...parts: string[]): string;
  dirname(path: string): string;
  basename(path: string): string;
  extname(path: string): string;
  relative(from: string, to: string): string;
  resolve(...parts: string[]): string;
  /** Resolves once waiting events (timers, messages, input) have been handled. */
  yieldToEvents(): Promise<void>;
  sha256(): Hash;
  /** Decompresses a gzip stream. Throws an Error if it is not gzip or ends early, and passes on errors of `packed`. */
  gunzip(packed: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
}

/**
 * Files and folders. Failures are errors with Node's `code` (such as ENOENT) and `syscall`. Pipes, sockets and devices
 * are not read (ENOTREG), nor texts of more than 256 MiB and bytes of more than 1 GiB at once (ETOOLARGE).
 */
export interface FileSystem {
  /**
   * Opens a file: `read` an existing one, `append` to one that is created if missing, or `create` one that must not
   * exist.
   */
  open(path: string, mode: 'read' | 'append' | 'create'): Promise<OpenFile>;
  /** A file without a name, to write and read, which disappears when it is closed or the process ends. */
  openTemporary(): Promise<OpenFile>;
  readBytes(path: string): Promise<Uint8Array>;
  /** The file's content, decoded as UTF-8. */
  readText(path: string): Promise<string>;
  /** What is at the path, following links; undefined if there is nothing. */
  stat(path: string): Promise<FileStat | undefined>;
  /** The names in a folder. */
  list(folder: string): Promise<string[]>;
  /** Creates a folder and its missing parents. Returns whether any of them was missing. */
  makeFolder(path: string): Promise<boolean>;
  copy(from: string, to: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Gives a file a second name, at which nothing may exist. Fails if the file system does not support it. */
  link(from: string, to: string): Promise<void>;
  /** Removes a file, or a folder with its content. Does nothing if there is neither. */
  remove(path: string): Promise<void>;
  /** Removes an empty folder. */
  removeEmptyFolder(path: string): Promise<void>;
  /** Makes a file's content durable; for a folder, the creation and renaming of files in it. */
  flush(path: string): Promise<void>;
  /** The path with all links resolved. */
  realpath(path: string): Promise<string>;
}

export interface OpenFile {
  /**
   * Fills `target` from byte `position`. Returns the number of bytes read, which is less than its length only at the
   * end of the file.
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
  /** The name by which other machines know it. */
  readonly name: string;
  readonly process: ProcessIdentity;
  /** The number of threads that can run at once. */
  readonly threads: number;
  /** The folder that `openTemporary` uses. */
  readonly temporaryFolder: string;
  /**
   * Whether a process is alive; undefined if that cannot be known because it is on another machine or in another
   * container.
   */
  isRunning(process: ProcessIdentity): Promise<boolean | undefined>;
  memoryUsage(): MemoryUsage;
  /** The folder for files that Promptune derives from models and can derive again. */
  cacheFolder(): string;
}

/** Distinguishes a process from every other, including earlier and later ones. Its parts are letters and digits. */
export interface ProcessIdentity {
  readonly pid: number;
  /** The start time in the system's own units. Undefined if unknown, which matches any process with this number. */
  readonly started?: string;
  /** The scope of process numbers: one boot of a machine, or a container there. */
  readonly space: string;
}

/** Memory usage of the process. Both are 0 in browsers, which do not report it. */
export interface MemoryUsage {
  /** Bytes that belong to this process alone. Mapped weight files are not among them. */
  readonly privateBytes: number;
  /** Largest resident size so far, mapped files included, in bytes. */
  readonly peakBytes: number;
}

/** An incremental hash; text counts as UTF-8. */
export interface Hash {
  update(data: string | Uint8Array): Hash;
  /** The hash of everything so far. Must be the last call. */
  hex(): string;
}
