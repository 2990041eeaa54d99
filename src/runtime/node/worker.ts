/** @file The Node.js worker thread in which an engine runs. */
import { parentPort, workerData } from 'node:worker_threads';
import * as ort from 'onnxruntime-node';
import { Engine } from '../engine.js';
import { serve } from '../serve.js';
import { NativeWork } from './native-work.js';
import { sessionOptions } from './session-options.js';

ort.env.logLevel = 'fatal'; // errors are thrown as exceptions with the same text

const engine = new Engine(ort, sessionOptions);
const native = new NativeWork(workerData as SharedArrayBuffer);
native.leave(); // ONNX Runtime is loaded

serve(
  { handle: (request) => native.do(() => engine.handle(request)) },
  {
    post: (reply, moved) => parentPort!.postMessage(reply, moved),
    onMessage: (listener) => parentPort!.on('message', listener),
  },
);
