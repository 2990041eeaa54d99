/**
 * @file The engine's thread on Node.js, seen from the library, and the devices of its ONNX Runtime. Imported as
 *   `#engine-thread`.
 */
import './no-telemetry.js';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { listSupportedBackends } from 'onnxruntime-node';
import type { ThreadPort } from '../port.js';
import type { WeightSource } from '../protocol.js';
import { NativeWork } from './native-work.js';

/** The names of the devices that this build of ONNX Runtime supports. */
export const builtInDevices = (): string[] => listSupportedBackends().map(({ name }) => name);

/** Whether the thread maps files of weights, instead of reading them. */
export const mapsFiles = true;

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

/** The package ships the worker as JavaScript. From source (tests, examples) it is bundled when first needed. */
function startWorker(workerData: SharedArrayBuffer): Worker {
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL('./worker.js', import.meta.url), { workerData });
  bundled ??= bundleWorker();
  return new Worker(bundled, { eval: true, workerData });
}

let bundled: string | undefined;

function bundleWorker(): string {
  const { buildSync } = createRequire(import.meta.url)('esbuild') as typeof import('esbuild');
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL('./worker.ts', import.meta.url))],
    bundle: true,
    packages: 'external',
    platform: 'node',
    write: false,
    // Packages are found from here, wherever the process runs.
    banner: { js: `require = require('node:module').createRequire('${import.meta.url}');` },
  });
  return outputFiles[0]!.text;
}
