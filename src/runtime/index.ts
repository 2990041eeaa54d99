/** @file `promptune/runtime`: running graphs on ONNX Runtime. The only folder that imports it. */
export { checkDevice, type Device, deviceNames, supportedDevices } from './device.js';
export {
  type CacheSizes,
  cacheMaskName,
  cacheNames,
  cachePositionsName,
  type RowPrompt,
} from './key-value-cache.js';
export type { NamedTensors } from './protocol.js';
export { float32Output, Session, type SessionOptions } from './session.js';
export { startRuntime } from './worker-thread.js';
