/** @file Operations on a set of gradients: add, norm, clip, find non-finite values. */
import { inChunks } from './chunks.js';

export type Gradients = ReadonlyMap<string, Float32Array>;

/** Adds `addend` to `sum` in place. Both have the same names and lengths. */
export async function addGradients(sum: Gradients, addend: Gradients): Promise<void> {
  for (const [name, a] of sum) {
    const b = addend.get(name)!;
    await inChunks(a.length, (from, to) => {
      for (let i = from; i < to; i++) a[i] = a[i]! + b[i]!;
    });
  }
}

/**
 * Scales gradients in place so that their global Euclidean norm is at most `maxNorm`, like
 * torch.nn.utils.clip_grad_norm_.
 *
 * @param maxNorm 0 leaves the gradients unchanged
 * @returns the norm before clipping. If it is not finite, nothing was scaled
 */
export async function clipGradients(gradients: Gradients, maxNorm: number): Promise<number> {
  let squares = 0;
  for (const gradient of gradients.values()) squares += await sumOfSquares(gradient);
  const norm = Math.sqrt(squares);
  const factor = maxNorm / (norm + 1e-6);
  if (maxNorm === 0 || factor >= 1 || !Number.isFinite(norm)) return norm;
  for (const gradient of gradients.values()) {
    await inChunks(gradient.length, (from, to) => {
      for (let i = from; i < to; i++) gradient[i] = gradient[i]! * factor;
    });
  }
  return norm;
}

/** In float64, which cannot overflow: float32's largest value squared is 1e77. */
export async function sumOfSquares(data: Float32Array): Promise<number> {
  let squares = 0;
  await inChunks(data.length, (from, to) => {
    let sum = 0;
    for (let i = from; i < to; i++) sum += data[i]! * data[i]!;
    squares += sum;
  });
  return squares;
}

/** The name of the first tensor that holds NaN or Infinity, if any. */
export async function firstNonFinite(
  tensors: Iterable<readonly [string, Float32Array]>,
): Promise<string | undefined> {
  for (const [name, data] of tensors) {
    let finite = true;
    await inChunks(data.length, (from, to) => {
      for (let i = from; i < to && finite; i++) finite = Number.isFinite(data[i]);
    });
    if (!finite) return name;
  }
  return undefined;
}
