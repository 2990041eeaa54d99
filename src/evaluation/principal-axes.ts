/** @file The two directions in which rows of numbers differ most. */
import { seededRandom } from '../random.js';

export interface PrincipalAxes {
  /** A row's place on the two axes, from the mean of the rows. */
  project(row: Float32Array): [number, number];
  /** The share of the variance that each axis has. */
  readonly explained: [number, number];
}

/** Power iterations of an axis. Axes of nearly equal variance may come out turned, which is as good. */
const iterations = 60;

/** The first two principal components of `rows`, by power iteration. The same rows give the same axes. */
export function principalAxes(rows: readonly Float32Array[]): PrincipalAxes {
  const size = rows[0]!.length;
  const mean = new Float64Array(size);
  for (const row of rows) for (let i = 0; i < size; i++) mean[i]! += row[i]! / rows.length;
  const centered = rows.map((row) => Float64Array.from(row, (x, i) => x - mean[i]!));
  const total = centered.reduce((sum, row) => sum + dot(row, row), 0);
  const axes: Float64Array[] = [];
  const explained = [0, 1].map(() => {
    const axis = nextAxis(centered, axes);
    axes.push(axis);
    return total === 0 ? 0 : centered.reduce((sum, row) => sum + dot(row, axis) ** 2, 0) / total;
  });
  return {
    project(row) {
      const own = Float64Array.from(row, (x, i) => x - mean[i]!);
      return [dot(own, axes[0]!), dot(own, axes[1]!)];
    },
    explained: explained as [number, number],
  };
}

/** v ← XᵀXv, orthogonal to the axes so far, at unit length. */
function nextAxis(rows: readonly Float64Array[], axes: readonly Float64Array[]): Float64Array {
  const size = rows[0]!.length;
  const random = seededRandom(axes.length);
  let axis = normalized(
    Float64Array.from({ length: size }, () => random.normal()),
    axes,
  );
  for (let round = 0; round < iterations; round++) {
    const next = new Float64Array(size);
    for (const row of rows) {
      const along = dot(row, axis);
      for (let i = 0; i < size; i++) next[i]! += along * row[i]!;
    }
    if (dot(next, next) < 1e-24) break; // the rows differ in no further direction
    axis = normalized(next, axes);
  }
  return axis;
}

function normalized(vector: Float64Array, axes: readonly Float64Array[]): Float64Array {
  for (const axis of axes) {
    const along = dot(vector, axis);
    for (let i = 0; i < vector.length; i++) vector[i]! -= along * axis[i]!;
  }
  const length = Math.sqrt(dot(vector, vector)) || 1;
  return vector.map((x) => x / length);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
