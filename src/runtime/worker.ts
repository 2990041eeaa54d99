/** @file The worker thread that owns ONNX Runtime's sessions: creating and running one blocks its thread, so never the caller's. */
import { parentPort } from 'node:worker_threads';
import { env, InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { DType, Tensor } from '../tensor.js';
import { buffersOf, type Reply, type Request, type RunResult, type SessionSettings } from './protocol.js';

env.logLevel = 'fatal'; // errors come as exceptions, with the same text

const sessions = new Map<number, InferenceSession>();

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
  session: InferenceSession,
  { feeds, lent, outputs: wanted = session.outputNames }: Extract<Request, { type: 'run' }>,
): Promise<RunResult> {
  const inputs = Object.entries({ ...feeds, ...lent }).map(
    ([name, tensor]) => [name, toOrt(tensor)] as const,
  );
  const results = await session.run(Object.fromEntries(inputs), wanted);
  const outputs = Object.entries(results).map(([name, { type, dims, data }]) => {
    return [name, { dtype: type as DType, shape: dims, data: data as Float32Array } as Tensor] as const;
  });
  return { outputs: Object.fromEntries(outputs), lent };
}

async function handle(request: Request): Promise<RunResult | undefined> {
  if (request.type === 'create') {
    sessions.set(request.session, await create(request.onnx, request.settings));
    return undefined;
  }
  const session = sessions.get(request.session)!;
  if (request.type === 'run') return run(session, request);
  sessions.delete(request.session);
  await session.release();
  return undefined;
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
