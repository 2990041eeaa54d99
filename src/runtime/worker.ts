/** @file The worker thread that owns ONNX Runtime's sessions: creating and running one blocks its thread, so never the caller's. */
import { parentPort } from 'node:worker_threads';
import { env, InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { DType, Tensor } from '../tensor.js';
import { KeyValueCache } from './key-value-cache.js';
import {
  buffersOf,
  type NamedTensors,
  type Reply,
  type Request,
  type RunResult,
  type SessionSettings,
} from './protocol.js';

env.logLevel = 'fatal'; // errors come as exceptions, with the same text

/** A session, and what stays beside it between runs. */
interface Loaded {
  readonly session: InferenceSession;
  /** Inputs of every run. */
  readonly held: NamedTensors;
  readonly cache?: KeyValueCache;
}

const sessions = new Map<number, Loaded>();

async function load(onnx: Uint8Array, settings: SessionSettings): Promise<Loaded> {
  const session = await create(onnx, settings);
  return { session, held: {}, cache: settings.cache && new KeyValueCache(settings.cache) };
}

function create(onnx: Uint8Array, settings: SessionSettings): Promise<InferenceSession> {
  // Below `extra` an option's name is divided at its first point.
  const session: Record<string, string> = {};
  const optimization: Record<string, string> = {};
  if (settings.folder) session.model_external_initializers_file_folder_path = settings.folder;
  // Unpacked weights stay memory-mapped from their file, shared by every session and process.
  if (!settings.prepacking) session.disable_prepacking = '1';
  if (!settings.folding) {
    // Two unpackings of one weight, forward and backward, are not to become one whose result is kept in between.
    optimization.disable_specified_optimizers = 'ConstantFolding;CommonSubexpressionElimination';
    session.disable_quant_qdq = '1';
  }
  return InferenceSession.create(onnx, {
    executionProviders: [settings.provider],
    intraOpNumThreads: settings.threads,
    graphOptimizationLevel: 'all',
    // Patterns of memory, kept a shape each, would double what a step with gradients holds.
    enableMemPattern: false,
    logSeverityLevel: 4, // as above
    ...(settings.profilePrefix && { enableProfiling: true, profileFilePrefix: settings.profilePrefix }),
    extra: { session, optimization },
  });
}

function toOrt({ dtype, shape, data }: Tensor): OrtTensor {
  return new OrtTensor(dtype as 'float32', data as Float32Array, shape);
}

async function run(
  { session, held, cache }: Loaded,
  { feeds, lent, outputs: wanted = session.outputNames, appended }: Extract<Request, { type: 'run' }>,
): Promise<RunResult> {
  const cached: NamedTensors = appended && cache ? cache.inputs(appended) : {};
  const inputs = Object.entries({ ...feeds, ...lent, ...held, ...cached }).map(
    ([name, tensor]) => [name, toOrt(tensor)] as const,
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

async function handle(request: Request): Promise<RunResult | undefined> {
  if (request.type === 'create') {
    sessions.set(request.session, await load(request.onnx, request.settings));
    return undefined;
  }
  const loaded = sessions.get(request.session)!;
  switch (request.type) {
    case 'run':
      return run(loaded, request);
    case 'hold':
      Object.assign(loaded.held, request.tensors);
      return undefined;
    case 'admitToCache':
      loaded.cache?.admit(request.rows);
      return undefined;
    case 'selectCache':
      loaded.cache?.select(request.parents);
      return undefined;
    case 'dispose':
      sessions.delete(request.session);
      await loaded.session.release();
      return undefined;
  }
}

parentPort?.on('message', async ({ id, request }: { id: number; request: Request }) => {
  try {
    const result = await handle(request);
    const reply: Reply = { id, result };
    parentPort?.postMessage(reply, result ? [...buffersOf(result.outputs), ...buffersOf(result.lent)] : []);
  } catch (error) {
    const lent = request.type === 'run' ? request.lent : {};
    const reply: Reply = { id, error: error instanceof Error ? error.message : String(error), lent };
    parentPort?.postMessage(reply, buffersOf(lent));
  }
});
