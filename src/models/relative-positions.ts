/**
 * @file T5's relative positions (Raffel et al. 2020, arXiv:1910.10683): an attention score gets a bias by the distance
 *   between key and query. Short distances have their own bias, longer ones share buckets of growing width.
 */
import { add, constant, gather, less, scalar, transpose, type Value, where } from '../graph/index.js';
import { int64Tensor } from '../tensor.js';

export interface RelativePositions {
  readonly numBuckets: number;
  /** Distances from here on share the last bucket. */
  readonly maxDistance: number;
  /** Whether half of the buckets are for keys after the query; else those share the bucket of distance 0. */
  readonly bidirectional: boolean;
}

/** The bucket of each distance key - query from -maxDistance to maxDistance. */
export function relativeBuckets({ numBuckets, maxDistance, bidirectional }: RelativePositions): number[] {
  const buckets = bidirectional ? Math.floor(numBuckets / 2) : numBuckets;
  const exact = Math.floor(buckets / 2);
  // In float32 like PyTorch, so that a distance on the edge of two buckets falls to the same side.
  const { fround } = Math;
  const bucketOf = (distance: number) => {
    if (distance < exact) return distance;
    const share = fround(fround(Math.log(fround(distance / exact))) / fround(Math.log(maxDistance / exact)));
    return Math.min(buckets - 1, exact + Math.trunc(fround(share * (buckets - exact))));
  };
  return Array.from({ length: 2 * maxDistance + 1 }, (_, i) => {
    const distance = i - maxDistance;
    if (distance <= 0) return bucketOf(Math.abs(distance));
    return bidirectional ? buckets + bucketOf(distance) : 0;
  });
}

/**
 * The biases [n, heads, queries, keys] of the distances between keys and queries.
 * @param table [numBuckets, heads]
 * @param distances int64 [n, queries, keys]
 */
export function relativeBias(table: Value, distances: Value, positions: RelativePositions): Value {
  const buckets = relativeBuckets(positions);
  const byDistance = gather(table, constant(int64Tensor([buckets.length], buckets)));
  const farthest = scalar(positions.maxDistance, 'int64');
  const backmost = scalar(-positions.maxDistance, 'int64');
  const capped = where(less(farthest, distances), farthest, distances);
  const index = add(where(less(capped, backmost), backmost, capped), farthest);
  return transpose(gather(byDistance, index), [0, 3, 1, 2]);
}
