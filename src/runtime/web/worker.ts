/** @file The worker of a browser that an engine runs in. */
import { type WorkerScope, web } from '../../platform/web-apis.js';
import { Engine, type Ort } from '../engine.js';
import type { EnginePort } from '../port.js';
import type { Message } from '../protocol.js';
import { serve } from '../serve.js';
import type { EngineStart } from './engine-thread.js';
import { sessionOptions } from './session-options.js';

/** The environment of onnxruntime-web, as far as it is set here. */
interface OrtWeb extends Ort {
  readonly env: {
    logLevel: string;
    readonly wasm: { wasmPaths?: { mjs: string; wasm: string }; numThreads?: number };
  };
}

const scope = web as unknown as WorkerScope;

async function startEngine({ build, threads }: EngineStart): Promise<Engine> {
  const ort: OrtWeb = await import(build.api);
  ort.env.logLevel = 'fatal'; // errors come as exceptions, with the same text
  ort.env.wasm.wasmPaths = { mjs: build.mjs, wasm: build.wasm };
  ort.env.wasm.numThreads = threads;
  return new Engine(ort, sessionOptions);
}

let engine: Promise<Engine> | undefined;
const port: EnginePort = {
  post: (reply, moved) => scope.postMessage(reply, moved),
  onMessage: (listener) =>
    scope.addEventListener('message', ({ data }) => {
      if (engine) listener(data as Message);
      else engine = startEngine(data as EngineStart);
    }),
};

serve({ handle: async (request) => (await engine!).handle(request) }, port);
