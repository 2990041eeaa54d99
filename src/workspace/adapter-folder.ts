/** @file A folder of adapters to serve: they are loaded, replaced and removed as their files change. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import type { Adapter } from '../attach/method.js';
import { PromptuneError, UsageError } from '../errors.js';
import type { LanguageModel } from '../models/model.js';
import { say } from '../say.js';
import { adaptersBelow } from './adapters-below.js';
import { openAdapter } from './find-adapter.js';
import { noteOfOtherBase } from './open-for-adapters.js';

/**
 * A change of an adapter: it has been loaded or unloaded, or its files cannot be served; or there is a note about one
 * that is served.
 */
export interface AdapterChange {
  readonly id: string;
  readonly change: 'loaded' | 'unloaded' | 'refused' | 'noted';
  /** Why it cannot be served. The adapter that had the id before stays. */
  readonly error?: PromptuneError;
  /** What is noted: that it was trained for another model. */
  readonly note?: string;
}

/** Serves adapters by id: an engine of `promptune/serving`. */
export interface AdapterServer {
  /** @throws UsageError for an adapter that cannot be served; nothing has changed then */
  load(id: string, adapter: Adapter): Promise<unknown>;
  /** Resolves to false if there is no such adapter. */
  unload(id: string): Promise<boolean>;
}

/** Has an engine serve the adapters in a folder, as they come, change and go. */
export class AdapterFolder {
  readonly #folder: string;
  readonly #model: LanguageModel;
  readonly #onChange: (change: AdapterChange) => void;
  /** By id: the state of the files that were last served or refused. */
  readonly #settled = new Map<string, string>();
  /** By id: the state of the files at the last scan. */
  #seen = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(folder: string, model: LanguageModel, onChange: (change: AdapterChange) => void) {
    this.#folder = folder;
    this.#model = model;
    this.#onChange = onChange;
  }

  /**
   * The adapters in the folder, by id.
   * @throws UsageError if the folder does not exist
   */
  async open(): Promise<Record<string, Adapter>> {
    const adapters: Record<string, Adapter> = {};
    for (const [id, path] of await adaptersBelow(this.#folder)) {
      this.#settled.set(id, await stateOf(path));
      const adapter = await this.#opened(id, path);
      if (adapter) adapters[id] = adapter;
    }
    this.#seen = new Map(this.#settled);
    return adapters;
  }

  /** Scans for changes periodically, until closed. */
  watch(engine: AdapterServer, everyMs: number): void {
    const look = async () => {
      await this.look(engine).catch(() => {}); // the folder is missing for now: keep serving
      if (this.#timer) this.#timer = setTimeout(look, everyMs).unref();
    };
    this.#timer = setTimeout(look, everyMs).unref();
  }

  /**
   * Makes the engine serve the current content of the folder. Files that are still being written differ between two
   * scans, so a change takes effect once two scans agree.
   */
  look(engine: AdapterServer): Promise<void> {
    this.#looking = this.#looking.then(
      () => this.#look(engine),
      () => this.#look(engine),
    );
    return this.#looking;
  }

  async #look(engine: AdapterServer): Promise<void> {
    const folders = await adaptersBelow(this.#folder);
    const before = this.#seen;
    this.#seen = new Map();
    for (const [id, path] of folders) {
      const state = await stateOf(path);
      this.#seen.set(id, state);
      if (this.#settled.get(id) === state || before.get(id) !== state) continue;
      const adapter = await this.#opened(id, path);
      if ((await stateOf(path)) !== state) continue; // the files changed while they were read
      this.#settled.set(id, state);
      if (adapter) await this.#serve(engine, id, adapter);
    }
    for (const id of this.#settled.keys()) {
      if (folders.has(id)) continue;
      this.#settled.delete(id);
      if (await engine.unload(id)) this.#onChange({ id, change: 'unloaded' });
    }
  }

  /**
   * Serves an adapter of the folder under an id.
   * @param path the adapter or its run, in the folder
   * @throws UsageError (`not-found`) for a path that does not exist or is outside; the errors of loading the adapter
   */
  async load(engine: AdapterServer, id: string, path: string): Promise<void> {
    const root = await realpath(this.#folder);
    const found = await realpath(resolve(root, path)).catch(() => undefined);
    // The same error for missing paths and paths outside the folder, so that it discloses nothing about other files.
    if (found === undefined || !(found === root || found.startsWith(root + sep)))
      throw new UsageError(say`there is no such adapter in the folder that the server has`, {
        code: 'not-found',
      });
    await engine.load(id, (await openAdapter({ adapters: [found] }, this.#model))!);
    this.#onChange({ id, change: 'loaded' });
    await this.#note(id, found);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#looking.catch(() => {});
  }

  async #serve(engine: AdapterServer, id: string, adapter: Adapter): Promise<void> {
    try {
      await engine.load(id, adapter);
      this.#onChange({ id, change: 'loaded' });
    } catch (error) {
      this.#refuse(id, error);
    }
  }

  async #opened(id: string, path: string): Promise<Adapter | undefined> {
    try {
      const adapter = await openAdapter({ adapters: [path] }, this.#model);
      await this.#note(id, path);
      return adapter;
    } catch (error) {
      this.#refuse(id, error);
      return undefined;
    }
  }

  async #note(id: string, path: string): Promise<void> {
    const note = await noteOfOtherBase(path, this.#model, id);
    if (note !== undefined) this.#onChange({ id, change: 'noted', note });
  }

  #refuse(id: string, error: unknown): void {
    if (!(error instanceof PromptuneError)) throw error;
    this.#onChange({ id, change: 'refused', error });
  }
}

/** Names, sizes and times of all files below a folder; changes whenever a file is written. */
async function stateOf(folder: string): Promise<string> {
  const parts: string[] = [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const found = await stat(path).catch(() => undefined);
    parts.push(`${path} ${found?.size} ${found?.mtimeMs} ${found?.ino}`);
  }
  return parts.sort().join('\n');
}
