/**
 * @file The engine: ONNX Runtime's sessions, and what stays beside them between runs. Creating and running one blocks
 *   its thread, so never the caller's. It knows neither threads nor the platform, and is given the ONNX Runtime of
 *   either.
 */
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-common';
import { PromptuneError } from '../errors.js';
import type { DType, Tensor } from '../tensor.js';
import { KeyValueCache } from './key-value-cache.js';
import type { NamedTensors, Request, RunResult, SessionSettings } from './protocol.js';

/** What the packages of ONNX Runtime for Node.js and for browsers have in common. */
export type Ort = Pick<typeof import('onnxruntime-common'), 'InferenceSession' | 'Tensor'>;

/** A session, and what stays beside it between runs. */
interface Loaded {
  readonly session: InferenceSession;
  /** Inputs of every run. */
  readonly held: NamedTensors;
  readonly cache?: KeyValueCache;
}

export class Engine {
  readonly #sessions = new Map<number, Loaded>();

  /**
   * @param sessionOptions a session's settings in the words of this ONNX Runtime; its weights as bytes are added here
   */
  constructor(
    private readonly ort: Ort,
    private readonly sessionOptions: (settings: SessionSettings) => InferenceSession.SessionOptions,
  ) {}

  /** Does what is asked; requests must not overlap. Throws what ONNX Runtime throws. */
  async handle(request: Request): Promise<RunResult | undefined> {
    if (request.type === 'create') {
      this.#sessions.set(request.session, await this.#load(request.onnx, request.settings));
      return undefined;
    }
    const loaded = this.#sessions.get(request.session);
    if (!loaded) throw new PromptuneError(`there is no session ${request.session}`);
    switch (request.type) {
      case 'run':
        return this.#run(loaded, request);
      case 'hold':
        Object.assign(loaded.held, request.tensors);
        return undefined;
      case 'admitToCache':
        loaded.cache?.admit(request.rows);
        return undefined;
      case 'reorderCache':
        loaded.cache?.reorder(request.parents);
        return undefined;
      case 'dispose':
        this.#sessions.delete(request.session);
        await loaded.session.release();
        return undefined;
    }
  }

  async #load(onnx: Uint8Array, settings: SessionSettings): Promise<Loaded> {
    const { weights, cache } = settings;
    const inBytes = weights && 'bytes' in weights ? [...weights.bytes] : [];
    const session = await this.ort.InferenceSession.create(onnx, {
      ...this.sessionOptions(settings),
      ...(inBytes.length > 0 && { externalData: inBytes.map(([path, data]) => ({ path, data })) }),
    });
    return { session, held: {}, cache: cache && new KeyValueCache(cache) };
  }

  async #run(
    { session, held, cache }: Loaded,
    { feeds, lent, outputs: wanted = session.outputNames, appended }: Extract<Request, { type: 'run' }>,
  ): Promise<RunResult> {
    const cached: NamedTensors = appended && cache ? cache.inputs(appended) : {};
    const inputs = Object.entries({ ...feeds, ...lent, ...held, ...cached }).map(
      ([name, tensor]) => [name, this.#toOrt(tensor)] as const,
    );
    const names = appended && cache ? [...wanted, ...cache.newNames] : wanted;
    const results = await session.run(Object.fromEntries(inputs), names);
    const outputs: NamedTensors = Object.fromEntries(
      Object.entries(results).map(([name, { type, dims, data }]) => {
        return [name, { dtype: type as DType, shape: dims, data: data as Float32Array } as Tensor] as const;
      }),
    );
    if (!appended || !cache) return { outputs, lent };
    cache.append(outputs, appended);
    return { outputs: Object.fromEntries(wanted.map((name) => [name, outputs[name]!])), lent };
  }

  #toOrt({ dtype, shape, data }: Tensor): OrtTensor {
    return new this.ort.Tensor(dtype as 'float32', data as Float32Array, shape);
  }
}
