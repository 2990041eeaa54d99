/** @file Devices by name, and ONNX Runtime's execution provider for each. */
import { builtInDevices, mapsFiles } from '#engine-thread';
import { host } from '#platform';
import { optionError, UsageError } from '../errors.js';
import { say } from '../say.js';

/** Devices for graphs. Whether a machine has one is known only when a session is created on it. */
export const deviceNames = ['cpu', 'webgpu', 'cuda', 'coreml', 'dml'] as const;
export type Device = (typeof deviceNames)[number];

/** Devices that this build of ONNX Runtime supports. */
export function supportedDevices(): Device[] {
  const builtIn = builtInDevices();
  return deviceNames.filter((name) => builtIn.includes(name));
}

/** How graphs are written for a device (see OnnxOptions): as for the CPU, whose kernels most have. Default: the CPU. */
export const onnxOptionsFor = (device?: string): { readonly device: 'cpu' | 'webgpu' } => ({
  device: device === 'webgpu' ? 'webgpu' : 'cpu',
});

/** Whether a batch's keys and values stay on a device between runs. Default: they are the CPU's. */
export const keepsCache = (device?: string): boolean => device === 'webgpu';

/**
 * Whether a device reads frozen weights where their file is mapped, so that a second tensor over the same bytes takes
 * no memory. Default: the CPU.
 */
export const mapsWeights = (device = 'cpu'): boolean => mapsFiles && device === 'cpu';

/** Throws a UsageError for an unknown device, or one that this platform's build does not support. */
export function checkDevice(name: string): Device {
  const device = deviceNames.find((known) => known === name);
  if (!device)
    throw new UsageError(say`device "${name}" is unknown; expected one of ${deviceNames.join(', ')}`, {
      code: 'unknown-name',
    });
  const supported = supportedDevices();
  if (!supported.includes(device)) {
    const advice =
      device === 'cuda'
        ? say`On Linux x64, run its install script with --onnxruntime-node-install=cuda12 first.`
        : say`Use one of those.`;
    throw new UsageError(
      say`device "${device}" is not supported by ONNX Runtime's build for ${host.system}
        ${host.architecture}, which has ${supported.join(', ')}.
        ${advice}`,
      { code: 'unsupported' },
    );
  }
  return device;
}

/** Starting more takes seconds, and no machine has as many cores. */
export const maxThreads = 1024;

/** @throws UsageError for a number of threads that is not from 1 to `maxThreads` */
export function checkThreads(threads: number): number {
  if (Number.isInteger(threads) && threads >= 1 && threads <= maxThreads) return threads;
  throw optionError('threads', say`expected a whole number from 1 to ${maxThreads}, got ${threads}`);
}
