import { describe, expect, it } from 'vitest';
import { relativeBuckets } from './relative-positions.js';

/** Where a bucket begins, counted from the query. */
const starts = (buckets: readonly number[]) =>
  buckets.flatMap((bucket, i) => (i > 0 && bucket !== buckets[i - 1] ? [i - (buckets.length - 1) / 2] : []));

// Numbers from transformers 5.18, T5Attention._relative_position_bucket.
describe('relativeBuckets', () => {
  it('has half of the buckets for keys behind the query where both sides are seen', () => {
    expect(relativeBuckets({ numBuckets: 8, maxDistance: 12, bidirectional: true })).toEqual([
      3, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 1, 0, 5, 6, 6, 6, 7, 7, 7, 7, 7, 7, 7, 7,
    ]);
  });

  it('has all buckets for keys before the query where the others are not seen', () => {
    expect(relativeBuckets({ numBuckets: 8, maxDistance: 12, bidirectional: false })).toEqual([
      7, 7, 7, 6, 6, 6, 5, 4, 4, 3, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ]);
  });

  it("puts T5's own edges on the side where single precision has them", () => {
    const sizes = { numBuckets: 32, maxDistance: 128 };
    expect(starts(relativeBuckets({ ...sizes, bidirectional: true }))).toEqual([
      -90, -63, -45, -31, -22, -15, -11, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 23,
      32, 46, 64, 91,
    ]);
    expect(starts(relativeBuckets({ ...sizes, bidirectional: false }))).toEqual([
      -112, -98, -86, -76, -66, -58, -51, -45, -39, -34, -30, -26, -23, -20, -18, -15, -14, -13, -12, -11,
      -10, -9, -8, -7, -6, -5, -4, -3, -2, -1, 0,
    ]);
  });
});
