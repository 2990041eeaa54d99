/**
 * @file The engine's thread on Node.js, seen from the library, and the devices of its ONNX Runtime. Imported as
 *   `#engine-thread`.
 */
import './no-telemetry.js';
import { Worker } from 'node:worker_threads';
import { listSupportedBackends } from 'onnxruntime-node';
import type { ThreadPort } from '../port.js';
import type { WeightSource } from '../protocol.js';
import { NativeWork } from './native-work.js';

/** The names of the devices that this build of ONNX Runtime supports. */
export const builtInDevices = (): string[] => listSupportedBackends().map(({ name }) => name);

/** The weights as the thread reaches them: it maps the files itself. */
export const reachableWeights = (source: WeightSource): WeightSource =>
  'folder' in source ? { folder: source.folder } : source;

/** Threads that are alive. */
const working = new Set<NativeWork>();

// On an orderly exit, no thread is torn down inside a native call; waiting for that takes as long as a step. A signal
// must be able to end the wait at once, so its listeners, which can no longer run, are removed.
process.on('exit', () => {
  if (working.size === 0) return;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal);
  for (const native of working) native.close();
});

export function startEngineThread(): ThreadPort {
  const native = new NativeWork();
  const worker = startWorker(native.memory);
  working.add(native);
  for (const end of ['error', 'exit']) worker.on(end, () => working.delete(native));
  return {
    post: (message, moved) => worker.postMessage(message, moved),
    onMessage: (listener) => worker.on('message', listener),
    onEnd(listener) {
      worker.on('error', listener);
      worker.on('exit', () => listener());
    },
    async terminate() {
      if (working.has(native)) native.close();
      await worker.terminate();
    },
    ref: () => worker.ref(),
    unref: () => worker.unref(),
  };
}

/**
 * The package ships the worker as JavaScript; from source (tests, examples) it is TypeScript and needs tsx's loader.
 */
function startWorker(workerData: SharedArrayBuffer): Worker {
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL('./worker.js', import.meta.url), { workerData });
  const source = new URL('./worker.ts', import.meta.url);
  const load = `import('tsx/esm/api').then((tsx) => { tsx.register(); return import('${source}'); })`;
  return new Worker(load, { eval: true, workerData });
}
