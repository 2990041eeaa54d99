/**
 * @file The engine: ONNX Runtime's sessions, and tensors held next to them between runs. Creating and running a session
 *   blocks its thread, so never the caller's. The engine knows neither threads nor the platform, and gets the
 *   platform's ONNX Runtime.
 */
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-common';
import { PromptuneError } from '../errors.js';
import { say } from '../say.js';
import { type DType, type Tensor, tensorOf } from '../tensor.js';
import { DeviceCache } from './device-cache.js';
import { KeyValueCache } from './key-value-cache.js';
import type { NamedTensors, Request, RunResult, SessionSettings } from './protocol.js';
import type { RowCache, RunTensors } from './row-cache.js';
import { SplitCache } from './split-cache.js';

/** What the packages of ONNX Runtime for Node.js and for browsers have in common. */
export type Ort = Pick<typeof import('onnxruntime-common'), 'InferenceSession' | 'Tensor'>;

/** A session, and the tensors held next to it between runs. */
interface Loaded {
  readonly session: InferenceSession;
  /** Inputs of every run: the held tensors, or their first lines. */
  readonly held: NamedTensors;
  /** The whole tensors behind those of which only the first lines are fed. */
  readonly whole: NamedTensors;
  readonly cache?: Cache;
  readonly ownsCache: boolean;
}

/** Shared by sessions that run the same rows. */
interface Cache {
  readonly rows: RowCache;
  readonly kept: Map<number, unknown>;
}

export class Engine {
  readonly #sessions = new Map<number, Loaded>();

  /** @param sessionOptions a session's settings as options of this ONNX Runtime; weights in bytes are added here */
  constructor(
    private readonly ort: Ort,
    private readonly sessionOptions: (settings: SessionSettings) => InferenceSession.SessionOptions,
  ) {}

  /** Handles a request. Requests must not overlap. Throws what ONNX Runtime throws. */
  async handle(request: Request): Promise<RunResult | undefined> {
    if (request.type === 'create') {
      this.#sessions.set(request.session, await this.#load(request.onnx, request.settings));
      return undefined;
    }
    const loaded = this.#sessions.get(request.session);
    if (!loaded) throw new PromptuneError(say`there is no session ${request.session}`);
    switch (request.type) {
      case 'run':
        return this.#run(loaded, request);
      case 'hold':
        Object.assign(loaded.held, request.tensors);
        for (const name of Object.keys(request.tensors)) delete loaded.whole[name];
        return undefined;
      case 'writeHeld':
        for (const { name, offset, data } of request.writes)
          ((loaded.whole[name] ?? loaded.held[name])!.data as Float32Array).set(data, offset);
        return undefined;
      case 'showHeld':
        for (const [name, lines] of Object.entries(request.lines)) showLines(loaded, name, lines);
        return undefined;
      case 'admitToCache':
        await loaded.cache?.rows.admit(
          request.rows.map((row) => (row && 'kept' in row ? loaded.cache!.kept.get(row.kept)! : row)),
        );
        return undefined;
      case 'keepRow':
        loaded.cache?.kept.set(request.as, await loaded.cache.rows.keep(request.row));
        return undefined;
      case 'forgetRow':
        if (loaded.cache) forget(loaded.cache, request.kept);
        return undefined;
      case 'shortenCache':
        loaded.cache?.rows.shorten(request.counts);
        return undefined;
      case 'reorderCache':
        await loaded.cache?.rows.reorder(request.parents, request.front);
        return undefined;
      case 'dispose':
        this.#sessions.delete(request.session);
        if (loaded.cache && loaded.ownsCache) {
          for (const kept of loaded.cache.kept.keys()) forget(loaded.cache, kept);
          await loaded.cache.rows.release?.();
        }
        await loaded.session.release();
        return undefined;
    }
  }

  async #load(onnx: Uint8Array, settings: SessionSettings): Promise<Loaded> {
    const cache = settings.cache && this.#cacheOf(settings.cache, settings);
    const staying = cache?.rows instanceof DeviceCache ? cache.rows.outputNames : [];
    return {
      session: await this.#create(onnx, settings, staying),
      held: {},
      whole: {},
      cache,
      ownsCache: settings.cache !== undefined && !('session' in settings.cache),
    };
  }

  /** @param staying outputs that stay on the device */
  #create(
    onnx: Uint8Array,
    settings: SessionSettings,
    staying: readonly string[],
  ): Promise<InferenceSession> {
    const { weights } = settings;
    const inBytes = weights && 'bytes' in weights ? [...weights.bytes] : [];
    return this.ort.InferenceSession.create(onnx, {
      ...this.sessionOptions(settings),
      ...(inBytes.length > 0 && {
        externalData: inBytes.map(([path, data]) => ({ path, data: data as Uint8Array })),
      }),
      ...(staying.length > 0 && {
        preferredOutputLocation: Object.fromEntries(staying.map((name) => [name, 'gpu-buffer'] as const)),
      }),
    });
  }

  #cacheOf(cache: NonNullable<SessionSettings['cache']>, settings: SessionSettings): Cache | undefined {
    if ('session' in cache) return this.#sessions.get(cache.session)?.cache;
    const { moves } = cache;
    if (!moves)
      return { rows: cache.splits ? new SplitCache(cache) : new KeyValueCache(cache), kept: new Map() };
    const moving = { ...settings, weights: undefined };
    const rows = new DeviceCache(
      { ...cache, moves },
      (onnx, outputs) => this.#create(onnx, moving, outputs),
      (tensor) => this.#toOrt(tensor),
    );
    return { rows, kept: new Map() };
  }

  async #run(
    { session, held, cache }: Loaded,
    {
      feeds,
      lent,
      outputs: requested = session.outputNames,
      appended,
      firstRow,
    }: Extract<Request, { type: 'run' }>,
  ): Promise<RunResult> {
    const cached = appended && cache ? await cache.rows.inputs(appended, firstRow) : {};
    const inputs = Object.entries({ ...feeds, ...lent, ...held, ...cached }).map(
      ([name, tensor]) => [name, this.#toOrt(tensor)] as const,
    );
    const names = appended && cache ? [...requested, ...cache.rows.outputNames] : requested;
    const results = await session.run(Object.fromEntries(inputs), names);
    const outputs: RunTensors = Object.fromEntries(
      Object.entries(results).map(([name, result]) => [name, fromOrt(result)] as const),
    );
    if (appended && cache) cache.rows.append(outputs, appended, firstRow);
    return { outputs: Object.fromEntries(requested.map((name) => [name, outputs[name] as Tensor])), lent };
  }

  #toOrt(tensor: Tensor | OrtTensor): OrtTensor {
    if (!('dtype' in tensor)) return tensor;
    const { dtype, shape, data } = tensor;
    return new this.ort.Tensor(dtype as 'float32', data as Float32Array, shape);
  }
}

/** A tensor in the memory of the thread; one on a device stays as it is. In Node.js, reading it ends the process. */
function fromOrt(result: OrtTensor): Tensor | OrtTensor {
  if (result.location !== 'cpu') return result;
  const { type, dims, data } = result;
  return { dtype: type as DType, shape: dims, data: data as Float32Array } as Tensor;
}

function forget({ rows, kept }: Cache, number: number): void {
  if (kept.has(number)) rows.forget?.(kept.get(number));
  kept.delete(number);
}

/** Feeds the first lines of a held tensor to later runs, without a copy. */
function showLines({ held, whole }: Loaded, name: string, lines: number): void {
  const tensor = (whole[name] ?? held[name]) as Tensor<'float32'>;
  whole[name] = tensor;
  const [all, ...one] = tensor.shape;
  const size = all === 0 ? 0 : tensor.data.length / all!;
  held[name] = tensorOf(tensor.dtype, [lines, ...one], tensor.data.subarray(0, lines * size));
}
