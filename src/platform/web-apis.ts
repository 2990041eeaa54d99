/**
 * @file What pages and workers have and the declarations of Node.js do not. TypeScript's own declarations of the DOM
 *   would declare it for the whole package, which mostly runs in Node.js.
 */

/** A file of the browser's own file system (https://fs.spec.whatwg.org). */
export interface FileHandle {
  readonly kind: 'file';
  readonly name: string;
  getFile(): Promise<File>;
  /** In dedicated workers. The file is locked until it is closed. */
  createSyncAccessHandle(): Promise<SyncAccessHandle>;
  /** Chromium, Firefox and Safari have it for files. */
  move?(folder: FolderHandle, name: string): Promise<void>;
}

export interface FolderHandle {
  readonly kind: 'directory';
  readonly name: string;
  getFileHandle(name: string, options?: { create?: boolean }): Promise<FileHandle>;
  getDirectoryHandle(name: string, options?: { create?: boolean }): Promise<FolderHandle>;
  removeEntry(name: string, options?: { recursive?: boolean }): Promise<void>;
  values(): AsyncIterable<FileHandle | FolderHandle>;
}

export interface SyncAccessHandle {
  read(target: Uint8Array, options: { at: number }): number;
  write(content: Uint8Array, options: { at: number }): number;
  truncate(size: number): void;
  getSize(): number;
  flush(): void;
  close(): void;
}

interface LockManager {
  request<T>(name: string, hold: () => Promise<T>): Promise<T>;
  request<T>(name: string, options: { signal?: AbortSignal }, hold: () => Promise<T>): Promise<T>;
  query(): Promise<{ held?: { name?: string }[] }>;
}

interface WebNavigator {
  readonly hardwareConcurrency?: number;
  /** Gigabytes, at most 8. Chromium alone tells. */
  readonly deviceMemory?: number;
  readonly locks?: LockManager;
  readonly storage?: {
    getDirectory?(): Promise<FolderHandle>;
    estimate?(): Promise<{ quota?: number; usage?: number }>;
    persist?(): Promise<boolean>;
  };
  readonly gpu?: {
    requestAdapter(): Promise<{ isFallbackAdapter?: boolean; info?: { isFallbackAdapter?: boolean } } | null>;
  };
}

/** A worker as its owner sees it. */
export interface WebWorker {
  postMessage(message: unknown, moved?: readonly ArrayBuffer[]): void;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onerror: ((event: { readonly message?: string }) => void) | null;
  terminate(): void;
}

/** A worker as it sees itself. */
export interface WorkerScope {
  postMessage(message: unknown, moved?: readonly ArrayBuffer[]): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
}

interface WebGlobals {
  readonly navigator?: WebNavigator;
  readonly crossOriginIsolated?: boolean;
  /** Where it has `Suspending`, WebAssembly may wait for promises (JSPI). */
  readonly WebAssembly?: { readonly Suspending?: unknown };
  readonly Worker: new (url: string | URL, options: { type: 'module'; name?: string }) => WebWorker;
}

/** The global object of a page or a worker; of Node.js, where tests run, it has a part. */
export const web = globalThis as unknown as WebGlobals;
