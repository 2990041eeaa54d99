/** @file A folder whose adapters are served: they come, change and go with their files. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import type { Adapter } from '../attach/method.js';
import { PromptuneError, UsageError } from '../errors.js';
import type { LanguageModel } from '../models/model.js';
import { adaptersBelow } from './adapters-below.js';
import { openAdapter } from './find-adapter.js';

/** What happened to an adapter: it can be named, it cannot any more, or its files cannot be served. */
export interface AdapterChange {
  readonly id: string;
  readonly change: 'loaded' | 'unloaded' | 'refused';
  /** Why it is refused. What had the id before goes on. */
  readonly error?: PromptuneError;
}

/** What serves adapters by their ids: an engine of `promptune/serving`. */
export interface AdapterServer {
  /** @throws UsageError for one that cannot be served; nothing has changed then */
  load(id: string, adapter: Adapter): Promise<unknown>;
  /** Resolves to false where there is no such adapter. */
  unload(id: string): Promise<boolean>;
}

export class AdapterFolder {
  readonly #folder: string;
  readonly #model: LanguageModel;
  readonly #onChange: (change: AdapterChange) => void;
  /** By id: the state of the files that are served, or were refused. */
  readonly #settled = new Map<string, string>();
  /** By id: the state of the files at the last look. */
  #seen = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(folder: string, model: LanguageModel, onChange: (change: AdapterChange) => void) {
    this.#folder = folder;
    this.#model = model;
    this.#onChange = onChange;
  }

  /**
   * The adapters that are there, by their ids.
   * @throws UsageError where there is no such folder
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

  /** Looks for changes now and then, until it is closed. */
  watch(engine: AdapterServer, everyMs: number): void {
    const look = async () => {
      await this.look(engine).catch(() => {}); // the folder is gone for now: what is served goes on
      if (this.#timer) this.#timer = setTimeout(look, everyMs).unref();
    };
    this.#timer = setTimeout(look, everyMs).unref();
  }

  /**
   * Has the engine serve what is in the folder now. Files that are still being written change between two looks: what
   * is new is served when it has been the same twice.
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
      if ((await stateOf(path)) !== state) continue; // what was read may be of two versions
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
   * @param path of the adapter or its run, in the folder
   * @throws UsageError (`not-found`) for a path that is not there or is outside; what loading the adapter throws
   */
  async load(engine: AdapterServer, id: string, path: string): Promise<void> {
    const root = await realpath(this.#folder);
    const found = await realpath(resolve(root, path)).catch(() => undefined);
    // Where it does not exist and where it is outside is the same answer: nobody learns what else there is.
    if (found === undefined || !(found === root || found.startsWith(root + sep)))
      throw new UsageError('there is no such adapter in the folder that the server has', {
        code: 'not-found',
      });
    await engine.load(id, (await openAdapter({ adapters: [found] }, this.#model))!);
    this.#onChange({ id, change: 'loaded' });
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
      return await openAdapter({ adapters: [path] }, this.#model);
    } catch (error) {
      this.#refuse(id, error);
      return undefined;
    }
  }

  #refuse(id: string, error: unknown): void {
    if (!(error instanceof PromptuneError)) throw error;
    this.#onChange({ id, change: 'refused', error });
  }
}

/** Names, sizes and times of all files below a folder: another one where any of them was written. */
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
