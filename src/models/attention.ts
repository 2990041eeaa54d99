/** @file Attention as every family uses it: causal masks, and softmax(qkᵀ·scale + mask)·v over own and earlier positions. */
import {
  add,
  addDims,
  concat,
  type Dim,
  expand,
  iota,
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

/** One layer's keys and values, each [batch or 1, heads, length, headDim]. */
export interface KeyValue {
  readonly key: Value;
  readonly value: Value;
}

/** One layer's part of a key-value cache that lives in buffers of fixed capacity, so that no step copies it. */
export interface LayerCache {
  /** [batch, heads, headDim, capacity]: transposed, so that the product with a query runs along memory. */
  readonly keyTransposed: Value;
  /** [batch, heads, capacity, headDim] */
  readonly value: Value;
}

/**
 * The additive mask of causal attention, [1 or batch, 1, queries, past + length]: a query at position p of its row sees
 * all of the past and the row's own positions up to p.
 * @param queryPositions int64 [1 or batch, queries], counted from the row's own first position
 */
export function causalMask(queryPositions: Value, past: Dim, length: Dim): Value {
  const [batch, queries] = queryPositions.shape;
  const limits = reshape(queryPositions, [batch!, 1, queries!, 1]);
  const visible = scalar(0, 'float32');
  const own = where(lessOrEqual(iota(length), limits), visible, scalar(Number.NEGATIVE_INFINITY, 'float32'));
  if (past === 0) return own;
  return concat([expand(reshape(visible, [1, 1, 1, 1]), [batch!, 1, queries!, past]), own], -1);
}

/**
 * Attention of queries [batch, heads, queries, headDim] over keys and values [batch, heads, length, headDim] and, before
 * them, over those of `past`. The mask is added to the scores, which are multiplied by `scale` first.
 */
export function attend(
  query: Value,
  own: KeyValue,
  past: KeyValue | undefined,
  mask: Value,
  scale: number,
): Value {
  const [key, value] = (['key', 'value'] as const).map((part) => {
    if (!past) return own[part];
    const batch = own[part].shape[0]!;
    return concat([expand(past[part], [batch, ...past[part].shape.slice(1)]), own[part]], 2);
  });
  const scores = add(matmul(query, key!, { transposeB: true, alpha: scale }), mask);
  return matmul(softmax(scores), value!);
}

/**
 * The same over a cache of fixed capacity, whose `cacheMask` [batch, 1, 1, capacity] hides what is not filled. Scores and
 * values of the cache and of the new positions are computed apart, so that the cache is never copied.
 */
export function attendCached(
  query: Value,
  own: KeyValue,
  cache: LayerCache,
  masks: { readonly cache: Value; readonly own: Value },
  scale: number,
): Value {
  const capacity = cache.value.shape[2]!;
  // ONNX Runtime's fast product of a single row knows no factor, so the query is scaled and not the scores.
  const scaled = multiply(query, scale);
  const before = add(matmul(scaled, cache.keyTransposed), masks.cache);
  const now = add(matmul(scaled, own.key, { transposeB: true }), masks.own);
  const probabilities = softmax(concat([before, now], -1));
  const end = addDims(capacity, own.key.shape[2]!);
  const fromCache = matmul(slice(probabilities, -1, 0, capacity), cache.value);
  return add(fromCache, matmul(slice(probabilities, -1, capacity, end), own.value));
}

/** Rows [batch·length, heads·headDim] as [batch, heads, length, headDim]. */
export function splitHeads(rows: Value, batch: Dim, length: Dim, headDim: number): Value {
  const heads = (rows.shape[1] as number) / headDim;
  return transpose(reshape(rows, [batch, length, heads, headDim]), [0, 2, 1, 3]);
}

/** [batch, heads, length, headDim] as rows [batch·length, heads·headDim]. */
export function mergeHeads(x: Value): Value {
  const [batch, heads, length, headDim] = x.shape;
  return reshape(transpose(x, [0, 2, 1, 3]), [multiplyDims(batch!, length!), multiplyDims(heads!, headDim!)]);
}

/** Positions [batch, queries] inside rows of `length` as indices [batch·queries] into the flattened rows. */
export function flatRows(positions: Value, length: Dim): Value {
  const [batch, queries] = positions.shape;
  const rowStarts = multiply(reshape(iota(batch!), [batch!, 1]), sizeOf(length));
  return reshape(add(rowStarts, positions), [multiplyDims(batch!, queries!)]);
}
