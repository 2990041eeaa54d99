/** @file Devices by name, and the execution provider of ONNX Runtime that serves each. */
import { builtInDevices } from '#engine-thread';
import { host } from '#platform';
import { UsageError } from '../errors.js';

/** Where graphs run. What a machine really has is known only when a session is created there. */
export const deviceNames = ['cpu', 'webgpu', 'cuda', 'coreml', 'dml'] as const;
export type Device = (typeof deviceNames)[number];

/** Devices that this build of ONNX Runtime has code for. */
export function supportedDevices(): Device[] {
  const builtIn = builtInDevices();
  return deviceNames.filter((name) => builtIn.includes(name));
}

/** Throws a UsageError for a name that is no device, or one that this platform's build lacks. */
export function checkDevice(name: string): Device {
  const device = deviceNames.find((known) => known === name);
  if (!device)
    throw new UsageError(`device "${name}" is unknown; choose one of ${deviceNames.join(', ')}`, {
      code: 'unknown-name',
    });
  const supported = supportedDevices();
  if (!supported.includes(device)) {
    throw new UsageError(
      `device "${device}" is not in ONNX Runtime's build for ${host.system} ${host.architecture}, which has ${supported.join(', ')}. ` +
        (device === 'cuda'
          ? 'On Linux x64, run its install script with --onnxruntime-node-install=cuda12 first.'
          : `Use one of those.`),
      { code: 'unsupported' },
    );
  }
  return device;
}
