/** @file Attention shared by all families: masks, and softmax(qkᵀ·scale + mask)·v over own and past positions. */
import {
  type AttentionOptions,
  add,
  addDims,
  and,
  attention,
  concat,
  constant,
  type Dim,
  expand,
  iota,
  less,
  lessOrEqual,
  matmul,
  multiply,
  multiplyDims,
  reshape,
  scalar,
  sizeOf,
  slice,
  softmax,
  transpose,
  type Value,
  where,
} from '../graph/index.js';
import { float32Tensor } from '../tensor.js';
import { capped } from './head.js';

/** One layer's keys and values, each [batch or 1, heads, length, headDim]. */
export interface KeyValue {
  readonly key: Value;
  readonly value: Value;
}

/** One layer's key-value cache, in buffers of fixed capacity, so that no step copies it. */
export interface LayerCache {
  /** Of shape [batch, heads, headDim, capacity], transposed so that the product with a query runs along memory. */
  readonly keyTransposed: Value;
  /** [batch, heads, capacity, headDim] */
  readonly value: Value;
}

/**
 * The additive mask of causal attention, [1 or batch, 1, queries, past + length]: a query at position p of its row sees
 * the whole past and the row's own positions up to p.
 * @param queryPositions int64 [1 or batch, queries], counted from the row's own first position
 * @param window how many positions a query sees, itself included. Default: all
 */
export function causalMask(queryPositions: Value, past: Dim, length: Dim, window?: number): Value {
  const [batch, queries] = queryPositions.shape;
  const limits = reshape(queryPositions, [batch!, 1, queries!, 1]);
  const before = lessOrEqual(iota(length), limits);
  const own = hiddenUnless(
    window === undefined ? before : and(before, less(limits, add(iota(length), scalar(window, 'int64')))),
  );
  if (past === 0) return own;
  const shape = [batch!, 1, queries!, past];
  // The past's last position is one before the row's own first.
  const early =
    window === undefined
      ? reshape(visible(), [1, 1, 1, 1])
      : hiddenUnless(less(add(limits, sizeOf(past)), add(iota(past), scalar(window, 'int64'))));
  return concat([expand(early, shape), own], -1);
}

/**
 * The mask of a cache [batch, 1, 1, capacity], restricted to the last `window` positions before each of `positions`
 * [batch, queries].
 */
export function windowedCacheMask(mask: Value, positions: Value, window: number): Value {
  const [batch, queries] = positions.shape;
  const inWindow = less(
    reshape(positions, [batch!, 1, queries!, 1]),
    add(iota(mask.shape[3]!), scalar(window, 'int64')),
  );
  return add(mask, hiddenUnless(inWindow));
}

/** A cache's mask [batch, 1, 1, capacity] that also hides the first `counts` [batch or 1, 1, 1, 1] positions. */
export const withoutFirst = (mask: Value, counts: Value): Value =>
  add(mask, hiddenUnless(lessOrEqual(counts, iota(mask.shape[3]!))));

const visible = () => scalar(0, 'float32');
const hiddenUnless = (condition: Value) =>
  where(condition, visible(), scalar(Number.NEGATIVE_INFINITY, 'float32'));

/** How scores follow from the products of queries and keys. */
export interface Scoring {
  /** Factor of the products. */
  readonly scale: number;
  /** If set, scores s become cap·tanh(s/cap) before the mask is added. */
  readonly cap?: number;
}

/**
 * How many queries of a row have their scores in memory at once, in a graph for rows of up to `longest` tokens;
 * undefined for all. From 256 tokens on, pieces are no slower than the whole (they leave out keys that are hidden from
 * all of their queries), and the scores of all layers would be most of a step's memory (bench/parts/row-lengths.ts).
 */
export const queriesAtOnceFor = (longest: number): number | undefined => (longest < 256 ? undefined : 64);

/** Which keys queries see. */
export interface Sight {
  /** Added to the scores: [1 or batch, 1 or heads, 1 or queries, keys] each. */
  readonly masks: readonly Value[];
  /** See AttentionOptions. */
  readonly sees?: AttentionOptions['sees'];
}

/**
 * Attention of queries [batch, heads, queries, headDim] over keys and values [batch, heads, length, headDim], preceded
 * by those of `past`. With fewer key-value heads than query heads, each serves a group of consecutive query heads.
 * @param stream its options `queriesAtOnce` and, for this layer, `onAttention` (see Stream)
 */
export function attend(
  query: Value,
  own: KeyValue,
  past: KeyValue | undefined,
  { masks, sees }: Sight,
  { scale, cap }: Scoring,
  { queriesAtOnce, onWeights }: { queriesAtOnce?: number; onWeights?: (weights: Value) => void } = {},
): Value {
  const [key, value] = (['key', 'value'] as const).map((part) => {
    if (!past) return own[part];
    const batch = own[part].shape[0]!;
    return concat([expand(past[part], [batch, ...past[part].shape.slice(1)]), own[part]], 2);
  });
  const queries = query.shape[2]!;
  if (queriesAtOnce !== undefined && !onWeights && (typeof queries === 'string' || queries > queriesAtOnce))
    return attention(query, key!, value!, masks, { scale, cap, queriesAtOnce, sees });
  const products = matmul(grouped(query, key!), key!, { transposeB: true, alpha: scale });
  const weights = softmax(masks.reduce(add, capped(ungrouped(products, query), cap)));
  onWeights?.(weights);
  return ungrouped(matmul(grouped(weights, key!), value!), query);
}

/**
 * The same over a cache of fixed capacity. The cache and the new positions are multiplied separately, so the cache is
 * never copied.
 * @param mask of the cache's positions and the new ones, as `cachedMask` returns it
 */
export function attendCached(
  query: Value,
  own: KeyValue,
  cache: LayerCache,
  mask: Value,
  { scale, cap }: Scoring,
): Value {
  const capacity = cache.value.shape[2]!;
  const scaled = grouped(scale === 1 ? query : multiply(query, perNumber(scale, query)), own.key);
  const before = matmul(scaled, cache.keyTransposed);
  const now = matmul(scaled, own.key, { transposeB: true });
  const probabilities = softmax(add(capped(concat([before, now], -1), cap), mask));
  const end = addDims(capacity, own.key.shape[2]!);
  const fromCache = matmul(slice(probabilities, -1, 0, capacity), cache.value);
  const fromOwn = matmul(slice(probabilities, -1, capacity, end), own.value);
  return ungrouped(add(fromCache, fromOwn), query);
}

/**
 * ONNX Runtime's fast single-row product takes no factor, so queries are scaled instead of scores. A scalar would be
 * fused with the product again: this is one factor per number of a head.
 */
const perNumber = (scale: number, { shape }: Value): Value => {
  const headDim = shape[3] as number;
  return constant(float32Tensor([headDim], new Float32Array(headDim).fill(scale)));
};

/** [batch, heads, queries, n] as [batch, key-value heads, queries of the whole group, n]. No element moves. */
function grouped(x: Value, key: Value): Value {
  const [batch, numHeads, queries, width] = x.shape;
  const keyHeads = key.shape[1] as number;
  return reshape(x, [batch!, keyHeads, multiplyDims((numHeads as number) / keyHeads, queries!), width!]);
}

/**
 * The mask of a cache's positions [batch, 1 or heads, 1 or queries, capacity] and that of the new ones [1 or batch, 1
 * or heads, queries, length] as one, for the scores of `grouped` queries, where `group` query heads share a key-value
 * head. It is made once for all layers, so that each adds one mask and regroups no scores.
 */
export function cachedMask(ofCache: Value, own: Value, group: number): Value {
  const [batch] = ofCache.shape as [Dim];
  const [, heads, queries] = own.shape as [Dim, number, Dim];
  const rows = (mask: Value, numHeads: number) => expand(mask, [batch, numHeads, queries, mask.shape[3]!]);
  const isRegrouped = group > 1 && (heads > 1 || queries !== 1);
  const numHeads = heads === 1 && isRegrouped ? group : heads;
  const mask = concat([rows(ofCache, numHeads), rows(own, numHeads)], -1);
  if (!isRegrouped) return mask;
  return reshape(mask, [batch, numHeads / group, multiplyDims(group, queries), mask.shape[3]!]);
}

/** The inverse of `grouped`, for the heads of `query`. */
function ungrouped(x: Value, query: Value): Value {
  return reshape(x, [x.shape[0]!, query.shape[1]!, query.shape[2]!, x.shape[3]!]);
}

/** Rows [batch·length, heads·headDim] as [batch, heads, length, headDim]. */
export function splitHeads(rows: Value, batch: Dim, length: Dim, headDim: number): Value {
  const numHeads = (rows.shape[1] as number) / headDim;
  return transpose(reshape(rows, [batch, length, numHeads, headDim]), [0, 2, 1, 3]);
}

/** [batch, heads, length, headDim] as rows [batch·length, heads·headDim]. */
export function mergeHeads(x: Value): Value {
  const [batch, numHeads, length, headDim] = x.shape;
  return reshape(transpose(x, [0, 2, 1, 3]), [
    multiplyDims(batch!, length!),
    multiplyDims(numHeads!, headDim!),
  ]);
}

/** Positions [batch, queries] inside rows of `length` as indices [batch·queries] into the flattened rows. */
export function flatRows(positions: Value, length: Dim): Value {
  const [batch, queries] = positions.shape;
  const rowStarts = multiply(reshape(iota(batch!), [batch!, 1]), sizeOf(length));
  return reshape(add(rowStarts, positions), [multiplyDims(batch!, queries!)]);
}
