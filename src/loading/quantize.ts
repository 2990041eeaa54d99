/**
 * @file Quantizes rows of numbers to 8 or 4 bits, in blocks with a scale and a zero (see graph/operators/packed.ts).
 */
import { blockSize } from '../graph/index.js';

/** Rows in blocks, as bytes. */
export interface QuantizedRows {
  readonly scales: Float32Array;
  readonly values: Uint8Array;
  readonly zeros: Uint8Array;
}

/** The bytes of a row of `columns` numbers. */
export function bytesPerRow(columns: number, bits: 4 | 8): Readonly<Record<keyof QuantizedRows, number>> {
  const blocks = columns / blockSize;
  return { scales: 4 * blocks, values: (columns * bits) / 8, zeros: (blocks * bits) / 8 };
}

/** Allocates `rows` rows. */
export function quantizedRows(rows: number, columns: number, bits: 4 | 8): QuantizedRows {
  const { scales, values, zeros } = bytesPerRow(columns, bits);
  return {
    scales: new Float32Array((rows * scales) / 4),
    values: new Uint8Array(rows * values),
    zeros: new Uint8Array(rows * zeros),
  };
}

/** Fractions of a block's range that are tried at 4 bits: clipping the extremes reduces the rounding of the others. */
const shares = [1, 0.93, 0.86, 0.79];

/**
 * Quantizes the rows of `numbers` (complete rows of `columns` numbers, a multiple of 64) into `target`, starting at row
 * `firstRow`. Of several ranges of levels, the one with the smallest squared error is chosen. Zero is always a level.
 */
export function quantizeRows(
  numbers: Float32Array,
  columns: number,
  bits: 4 | 8,
  target: QuantizedRows,
  firstRow = 0,
): void {
  const top = 2 ** bits - 1;
  const firstBlock = (firstRow * columns) / blockSize;
  const levels = new Uint8Array(blockSize);
  for (let block = 0; block < numbers.length / blockSize; block++) {
    const own = numbers.subarray(block * blockSize, (block + 1) * blockSize);
    const { scale, zero } = bits === 8 ? rangeOf(own, 1, top) : bestRange(own, top);
    for (let i = 0; i < blockSize; i++) levels[i] = levelOf(own[i]!, scale, zero, top);
    const at = firstBlock + block;
    target.scales[at] = scale;
    if (bits === 8) {
      target.zeros[at] = zero;
      target.values.set(levels, at * blockSize);
    } else {
      target.zeros[at >> 1]! |= zero << (4 * (at & 1));
      for (let i = 0; i < blockSize; i += 2)
        target.values[(at * blockSize + i) / 2] = levels[i]! | (levels[i + 1]! << 4);
    }
  }
}

interface Range {
  readonly scale: number;
  readonly zero: number;
}

/** Levels from the smallest to the largest number, or over a fraction of that range. */
function rangeOf(numbers: Float32Array, share: number, top: number): Range {
  let least = 0;
  let greatest = 0;
  for (const x of numbers) {
    if (x < least) least = x;
    if (x > greatest) greatest = x;
  }
  const scale = Math.fround((share * (greatest - least)) / top);
  return scale > 0 ? { scale, zero: Math.round((-share * least) / scale) } : { scale: 1, zero: 0 };
}

function bestRange(numbers: Float32Array, top: number): Range {
  let best: Range | undefined;
  let leastError = Number.POSITIVE_INFINITY;
  for (const share of shares) {
    const range = rangeOf(numbers, share, top);
    const { scale, zero } = range;
    let error = 0;
    for (const x of numbers) error += (x - scale * (levelOf(x, scale, zero, top) - zero)) ** 2;
    if (best && error >= leastError) continue;
    best = range;
    leastError = error;
  }
  return best!;
}

function levelOf(x: number, scale: number, zero: number, top: number): number {
  return Math.max(0, Math.min(top, Math.round(x / scale) + zero));
}
