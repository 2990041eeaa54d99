/**
 * @file The engine's worker in a browser, seen from the library, and what its ONNX Runtime has. Chosen as
 *   `#engine-thread`.
 */
import { blobOf, relative } from '../../platform/web.js';
import { type WebWorker, web } from '../../platform/web-apis.js';
import type { ThreadPort } from '../port.js';
import type { Message, Reply, WeightSource } from '../protocol.js';

/** The addresses of a build of onnxruntime-web. */
export interface RuntimeBuild {
  /** The module that makes sessions. */
  readonly api: string;
  /** The module of the WebAssembly, and the WebAssembly. */
  readonly mjs: string;
  readonly wasm: string;
}

/** What is sent to the worker before all else. */
export interface EngineStart {
  readonly build: RuntimeBuild;
  /** All sessions of the worker have so many. */
  readonly threads: number;
}

export interface EngineSettings extends EngineStart {
  /** The address of the worker's script. */
  readonly worker: string;
  readonly devices: readonly string[];
}

let settings: EngineSettings | undefined;

/** To be called before the first session. */
export function configureEngine(given: EngineSettings): void {
  settings = given;
}

/** The names of the devices that the build has code for, and the browser a device. */
export const builtInDevices = (): readonly string[] => settings?.devices ?? [];

/** Whether the worker maps files of weights, instead of reading them. */
export const mapsFiles = false;

/** The weights as the worker reaches them: it has no files, but reads blobs where they are. */
export async function reachableWeights(source: WeightSource): Promise<WeightSource> {
  if ('bytes' in source) return source;
  const { folder, paths = [] } = source;
  return {
    bytes: new Map(
      await Promise.all(paths.map(async (path) => [relative(folder, path), await blobOf(path)] as const)),
    ),
  };
}

/** Whoever needs an engine so soon after another let go of one gets the same; a new one begins by compiling. */
const spareMilliseconds = 500;

let spare: { readonly worker: WebWorker; readonly end: ReturnType<typeof setTimeout> } | undefined;

/** Memory that WebAssembly has grown by is given back by nothing but the end of the worker. */
export function startEngineThread(): ThreadPort {
  const worker = takeSpare() ?? startWorker();
  return {
    post: (message: Message, moved) => worker.postMessage(message, moved),
    onMessage(listener) {
      worker.onmessage = ({ data }) => listener(data as Reply);
    },
    onEnd(listener) {
      worker.onerror = ({ message }) => {
        worker.terminate();
        listener(new Error(message ?? `${settings?.worker} could not be started`));
      };
    },
    async terminate() {
      worker.onmessage = null;
      worker.onerror = null;
      takeSpare()?.terminate();
      spare = { worker, end: setTimeout(() => takeSpare()?.terminate(), spareMilliseconds) };
    },
    // A page does not wait for its workers.
    ref() {},
    unref() {},
  };
}

function takeSpare(): WebWorker | undefined {
  const { worker, end } = spare ?? {};
  clearTimeout(end);
  spare = undefined;
  return worker;
}

function startWorker(): WebWorker {
  if (!settings) throw new Error('the engine has not been configured');
  const { worker: script, build, threads } = settings;
  const worker = new web.Worker(script, { type: 'module', name: 'promptune engine' });
  worker.postMessage({ build, threads } satisfies EngineStart);
  return worker;
}
