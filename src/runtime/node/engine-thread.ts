/**
 * @file The engine's thread on Node.js, seen from the library, and what its ONNX Runtime has. Chosen as
 * `#engine-thread`.
 */
import './no-telemetry.js';
import { Worker } from 'node:worker_threads';
import { listSupportedBackends } from 'onnxruntime-node';
import type { ThreadPort } from '../port.js';

/** The names of the devices that this build of ONNX Runtime has code for. */
export const builtInDevices = (): string[] => listSupportedBackends().map(({ name }) => name);

export function startEngineThread(): ThreadPort {
  const worker = startWorker();
  return {
    post: (message, moved) => worker.postMessage(message, moved),
    onMessage: (listener) => worker.on('message', listener),
    onEnd(listener) {
      worker.on('error', listener);
      worker.on('exit', () => listener());
    },
    async terminate() {
      await worker.terminate();
    },
    ref: () => worker.ref(),
    unref: () => worker.unref(),
  };
}

/**
 * The package ships the worker as JavaScript; from source (tests, examples) it is TypeScript and needs tsx's loader.
 */
function startWorker(): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./worker.js', import.meta.url));
  const source = new URL('./worker.ts', import.meta.url);
  const load = `import('tsx/esm/api').then((tsx) => { tsx.register(); return import('${source}'); })`;
  return new Worker(load, { eval: true });
}
