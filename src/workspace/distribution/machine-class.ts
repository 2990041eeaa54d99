/**
 * @file The class of a machine: within one, the same work gives the same bits. ONNX Runtime does not promise that
 *   between processors (microsoft/onnxruntime#5667), since it chooses kernels by instruction set and divides sums by
 *   threads. So the class names what is known to matter, and holds the hash of what a small graph gives, which shows
 *   what names do not.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, cpus, platform } from 'node:os';
import { digestOf, numericsEpoch } from '../../distribution/work-key.js';
import { input, matmul, reduceSum, softmax, tanh, toOnnx } from '../../graph/index.js';
import { type Device, Session } from '../../runtime/index.js';
import { float32Tensor } from '../../tensor.js';

export interface MachineClass {
  /** Twelve hexadecimal digits, of all below. */
  readonly id: string;
  readonly numericsEpoch: number;
  readonly onnxruntime: string;
  /** Such as `linux-x64`. */
  readonly platform: string;
  /** The widest vectors that the processor adds: `avx512`, `avx2`, `sse`, `neon`, or else the processor's name. */
  readonly instructions: string;
  readonly device: Device;
  readonly threads: number;
  /** Of the numbers that a small graph gives. */
  readonly probe: string;
}

/** Runs the probe, which takes a fraction of a second. */
export async function machineClass({
  threads,
  device = 'cpu',
}: {
  threads: number;
  device?: Device;
}): Promise<MachineClass> {
  const named = {
    numericsEpoch,
    onnxruntime: runtimeVersion(),
    platform: `${platform()}-${arch()}`,
    instructions: instructions(),
    device,
    threads,
    probe: await probe({ threads, device }),
  };
  return { id: digestOf(JSON.stringify(named)).slice(0, 12), ...named };
}

function runtimeVersion(): string {
  const { version }: { version: string } = createRequire(import.meta.url)('onnxruntime-node/package.json');
  return version;
}

function instructions(): string {
  if (arch() === 'arm64') return 'neon';
  const flags = flagsOfProcessor();
  const level = ['avx512f', 'avx2'].find((name) => flags.includes(name));
  if (level !== undefined) return level.replace(/f$/, '');
  return flags.length > 0 ? 'sse' : (cpus()[0]?.model ?? 'unknown');
}

/** Linux alone tells. */
function flagsOfProcessor(): string[] {
  try {
    return /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.trim().split(' ') ?? [];
  } catch {
    return [];
  }
}

/** Products and sums long enough to be divided among threads, of numbers that add up to others in another order. */
async function probe(options: { threads: number; device: Device }): Promise<string> {
  const [a, b] = [input('a', 'float32', [96, 320]), input('b', 'float32', [320, 192])];
  const product = softmax(tanh(matmul(a, b)));
  const session = await Session.create(
    toOnnx({ product, total: reduceSum(matmul(a, b), { axes: [0] }) }).bytes,
    options,
  );
  try {
    const numbers = (count: number, step: number) =>
      Float32Array.from({ length: count }, (_, i) => (((i * step) % 10007) / 10007 - 0.5) / 3);
    const outputs = await session.run({
      a: float32Tensor([96, 320], numbers(96 * 320, 7919)),
      b: float32Tensor([320, 192], numbers(320 * 192, 6007)),
    });
    const bytes = ['product', 'total'].map((name) => {
      const { buffer, byteOffset, byteLength } = outputs[name]!.data;
      return digestOf(new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength));
    });
    return digestOf(bytes.join(' ')).slice(0, 16);
  } finally {
    await session.dispose();
  }
}
