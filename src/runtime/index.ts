/** @file `promptune/runtime`: running graphs on ONNX Runtime. */
export { checkDevice, type Device, deviceNames, maxThreads, supportedDevices } from './device.js';
export type { CacheMoves } from './device-cache.js';
export { ThreadEndedError } from './engine-connection.js';
export type { CacheSizes } from './key-value-cache.js';
export type { CacheSettings, HeldWrite, NamedTensors, RowStart, WeightSource } from './protocol.js';
export type { RowPrompt } from './row-cache.js';
export { float32Output, Session, type SessionOptions } from './session.js';
