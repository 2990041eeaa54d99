/** @file One thread of `read-rate.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { fill } from './read-rate.js';

const share: Uint8Array = workerData;
const bytes = Buffer.from(share.buffer, share.byteOffset, share.byteLength);
parentPort!.on('message', () => parentPort!.postMessage(bytes.indexOf(fill.absent)));
