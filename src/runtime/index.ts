/** @file `promptune/runtime`: running graphs on ONNX Runtime. */
export { checkDevice, type Device, deviceNames, maxThreads, supportedDevices } from './device.js';
export { ThreadEndedError } from './engine-connection.js';
export type { CacheSizes, RowPrompt } from './key-value-cache.js';
export type { CacheSettings, HeldWrite, NamedTensors, RowStart, WeightSource } from './protocol.js';
export { float32Output, Session, type SessionOptions } from './session.js';
