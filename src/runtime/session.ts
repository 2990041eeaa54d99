/** @file A loaded ONNX graph that runs on a device, off the main thread. */
import { reachableWeights } from '#engine-thread';
import { host } from '#platform';
import { PromptuneError } from '../errors.js';
import { say } from '../say.js';
import type { Tensor } from '../tensor.js';
import { isNewName } from './cache-names.js';
import { checkDevice, checkThreads, type Device } from './device.js';
import { type EngineConnection, engineConnection, RunError } from './engine-connection.js';
import type { CacheSettings, HeldWrite, NamedTensors, RowStart, WeightSource } from './protocol.js';

export interface SessionOptions {
  /** Place of the graph's weights: the `{ folder }` of their files, or their `{ bytes }`. Default: no weights. */
  weights?: WeightSource;
  /** Default 'cpu'. */
  device?: Device;
  /** Threads per operator. Default: one per core. */
  threads?: number;
  /**
   * Lets ONNX Runtime repack weights into its own layout: a private copy of every matrix, for slightly faster steps and
   * slower creation. Default false: weights stay memory-mapped.
   */
  prepacking?: boolean;
  /**
   * Computes once, at creation, what depends only on weights, and keeps it: 16-bit weights become a private float32
   * copy. False unpacks weights in each run instead. Default true.
   */
  folding?: boolean;
  /** Prefix of a file that gets ONNX Runtime's profile of every node when the session is disposed of. */
  profilePrefix?: string;
  /** Keeps a batch's keys and values with the session (see `admitToCache`), or shares those of another session. */
  cache?: CacheSettings | Session;
}

let nextSession = 0;

/**
 * A graph loaded into ONNX Runtime. Runs of all sessions in a process take turns in one worker thread; within a run,
 * the device works in parallel.
 */
export class Session {
  readonly #id: number;
  readonly #engine: EngineConnection;
  #disposed = false;

  private constructor(id: number, engine: EngineConnection) {
    this.#id = id;
    this.#engine = engine;
  }

  /**
   * @throws UsageError if the device is not available, or for a number of threads that is not from 1 to `maxThreads`;
   *   PromptuneError if ONNX Runtime refuses the graph or its files
   */
  static async create(onnx: Uint8Array, options: SessionOptions = {}): Promise<Session> {
    const settings = {
      weights: options.weights && (await reachableWeights(referencesOf(options.weights))),
      provider: checkDevice(options.device ?? 'cpu'),
      threads: checkThreads(options.threads ?? host.threads),
      prepacking: options.prepacking ?? false,
      folding: options.folding ?? true,
      profilePrefix: options.profilePrefix,
      cache: options.cache instanceof Session ? { session: options.cache.#id } : options.cache,
    };
    const id = nextSession++;
    const engine = engineConnection();
    try {
      await engine.request({ type: 'create', session: id, onnx, settings });
    } catch (error) {
      await engine.release();
      if (settings.provider === 'cpu') throw error;
      throw new PromptuneError(
        say`device "${settings.provider}" could not be started: ${(error as Error).message}. Use the
          device "cpu", or check the driver.`,
        { code: 'unsupported' },
      );
    }
    return new Session(id, engine);
  }

  /**
   * Runs the graph once.
   * @param feeds tensors by input name; they are copied to the worker
   * @param lent further inputs that travel without a copy: during the run their `data` is empty, and afterwards the
   *   same tensor objects have their numbers again, in a new `data`
   * @param outputs the requested outputs; the others are not copied out of ONNX Runtime. Default: all
   * @param appended runs `appended.length` rows of the cache, which feed their keys, values, mask and positions, and
   *   appends `appended[i]` new positions to each. Default: the run does not use the cache
   * @param firstRow the first of these rows. Default: they are the last ones
   * @returns tensors by output name
   */
  async run(
    feeds: NamedTensors,
    lent: NamedTensors = {},
    outputs?: readonly string[],
    appended?: readonly number[],
    firstRow?: number,
  ): Promise<NamedTensors> {
    this.#checkUse();
    const giveBack = (returned: NamedTensors) => {
      for (const [name, { data }] of Object.entries(returned)) Object.assign(lent[name]!, { data });
    };
    try {
      const request = { type: 'run', session: this.#id, feeds, lent, outputs, appended, firstRow } as const;
      const result = await this.#engine.request(request);
      giveBack(result!.lent);
      return result!.outputs;
    } catch (error) {
      if (error instanceof RunError) giveBack(error.lent);
      throw error;
    }
  }

  /**
   * Keeps copies of tensors next to the session, as inputs of every later run. They replace earlier ones with the same
   * names.
   */
  async hold(tensors: NamedTensors): Promise<void> {
    this.#checkUse();
    await this.#engine.request({ type: 'hold', session: this.#id, tensors });
  }

  /** Writes numbers into held tensors, in place. */
  async writeHeld(writes: readonly HeldWrite[]): Promise<void> {
    this.#checkUse();
    await this.#engine.request({ type: 'writeHeld', session: this.#id, writes });
  }

  /** Feeds only the given number of first lines of held tensors, by name, to later runs, without a copy. */
  async showHeld(lines: Readonly<Record<string, number>>): Promise<void> {
    this.#checkUse();
    await this.#engine.request({ type: 'showHeld', session: this.#id, lines });
  }

  /** Keeps a copy of a row of the cache under a number, for rows that are to begin like it. */
  async keepRow(row: number, as: number): Promise<void> {
    this.#checkUse();
    await this.#engine.request({ type: 'keepRow', session: this.#id, row, as });
  }

  /** Frees what was kept under a number. */
  async forgetRow(kept: number): Promise<void> {
    this.#checkUse();
    await this.#engine.request({ type: 'forgetRow', session: this.#id, kept });
  }

  /**
   * New rows of the cache behind those that it has, each with the keys and values of a learned prompt, with those of a
   * row that was kept, or with nothing.
   */
  async admitToCache(rows: readonly RowStart[]): Promise<void> {
    this.#checkUse();
    await this.#engine.request({ type: 'admitToCache', session: this.#id, rows: keyValuesOf(rows) });
  }

  /** Removes the last `counts[r]` positions of each row of the cache. */
  async shortenCache(counts: readonly number[]): Promise<void> {
    this.#checkUse();
    await this.#engine.request({ type: 'shortenCache', session: this.#id, counts });
  }

  /**
   * Row r of the cache becomes what row `parents[r]` was; rows that are not anyone's parent are dropped.
   * @param front of a cache that splits, how many of the rows have been read
   */
  async reorderCache(parents: readonly number[], front?: number): Promise<void> {
    this.#checkUse();
    await this.#engine.request({ type: 'reorderCache', session: this.#id, parents, front });
  }

  #checkUse(): void {
    if (this.#disposed)
      throw new PromptuneError(say`this session has been disposed of`, { code: 'unavailable' });
  }

  /** The error of every request from now on, once the thread has ended, and the session with it. */
  get lost(): PromptuneError | undefined {
    return this.#engine.ended;
  }

  /** Frees the session. After a process's last session the memory of ONNX Runtime goes back to the system. */
  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#engine.dispose(this.#id);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

/** The source alone: a model's files have more beside it, which is not to be sent along. */
function referencesOf(weights: WeightSource): WeightSource {
  return 'folder' in weights ? { folder: weights.folder, paths: weights.paths } : { bytes: weights.bytes };
}

/** The rows with their keys and values alone, which tensors that rows share are copied for once. */
function keyValuesOf(rows: readonly RowStart[]): RowStart[] {
  const chosen = new Map<NamedTensors, NamedTensors>();
  return rows.map((prompt) => {
    if (!prompt || 'kept' in prompt) return prompt;
    const { tensors } = prompt;
    if (!chosen.has(tensors))
      chosen.set(tensors, Object.fromEntries(Object.entries(tensors).filter(([name]) => isNewName(name))));
    return { ...prompt, tensors: chosen.get(tensors)! };
  });
}

/** The float32 output `name` of a run. */
export function float32Output(outputs: NamedTensors, name: string): Float32Array {
  const output: Tensor | undefined = outputs[name];
  if (!(output?.data instanceof Float32Array))
    throw new PromptuneError(say`the graph has no float32 output "${name}"`);
  return output.data;
}
