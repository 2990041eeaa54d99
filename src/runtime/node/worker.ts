/** @file The worker thread of Node.js that an engine runs in. */
import { parentPort } from 'node:worker_threads';
import * as ort from 'onnxruntime-node';
import { Engine } from '../engine.js';
import { serve } from '../serve.js';
import { sessionOptions } from './session-options.js';

ort.env.logLevel = 'fatal'; // errors come as exceptions, with the same text

serve(new Engine(ort, sessionOptions), {
  post: (reply, moved) => parentPort!.postMessage(reply, moved),
  onMessage: (listener) => parentPort!.on('message', listener),
});
