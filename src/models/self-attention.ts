/**
 * @file Self-attention of one layer over a stream, for any projection to queries, keys and values. In the last layer
 *   with `outputs`, only their queries are computed.
 */
import {
  add,
  addDims,
  type Dim,
  gather,
  iota,
  multiplyDims,
  reshape,
  sizeOf,
  subtract,
  type Value,
} from '../graph/index.js';
import {
  attend,
  attendCached,
  cachedMask,
  causalMask,
  flatRows,
  type KeyValue,
  mergeHeads,
  type Scoring,
  type Sight,
  splitHeads,
  windowedCacheMask,
} from './attention.js';
import type { ModelConfig, Stream } from './model.js';
import { type Angles, anglesAt, anglesOf, type Rotary, rotated } from './rotary.js';
import { padded, vectorsAt, withoutPadding } from './unpadded.js';

/** How a kind of layer uses positions. Layers of one kind share masks and angles. */
export interface AttentionPattern {
  /** How many positions a query sees, itself included. Default: all. */
  readonly window?: number;
  /** Rotary embeddings of queries and keys, if any. */
  readonly rotary?: Rotary;
  /**
   * A bias of scores by distance: maps distances key - query, int64 [n, queries, keys], to biases
   * [n, heads, queries, keys].
   */
  readonly bias?: (distances: Value) => Value;
}

/** Masks and angles of some queries. */
interface View extends Sight {
  /** With a cache: the mask of its positions and of the new ones, see `cachedMask`. */
  readonly ofCache?: Value;
  readonly angles?: Angles;
  /** Those of queries, where they also scale them: then no layer multiplies its queries by the factor of scores. */
  readonly scaledAngles?: Angles;
}

/** Masks and angles of a stream for one kind of layer. */
export interface AttentionViews {
  readonly every: View;
  readonly outputs?: View;
}

/** @param scale the factor of scores, where all layers have the same */
export function viewsOf(
  stream: Stream,
  { window, rotary, bias }: AttentionPattern,
  { numAttentionHeads, numKeyValueHeads, headDim }: ModelConfig,
  scale?: number,
): AttentionViews {
  const { length, positions, outputs, cache } = stream;
  const group = numAttentionHeads / numKeyValueHeads;
  const past = stream.past?.[0]?.key.shape[2] ?? 0;
  const everyAngles = rotary && anglesOf(rotary, positions);
  const scales = cache !== undefined && scale !== undefined && rotary?.frequencies.length === headDim / 2;
  const scaledAngles = scales ? anglesOf({ ...rotary, factor: scale * rotary.factor }, positions) : undefined;
  /** Adds the bias of keys at positions 0 to `keys` - 1 for queries at positions [n, queries]. */
  const biased = (mask: Value, keys: Dim, queries: () => Value) =>
    bias ? add(mask, bias(distances(keys, queries()))) : mask;
  const maskOfCache = (own: Value, of: Value) => {
    if (!cache) return undefined;
    const inWindow = window === undefined ? cache.mask : windowedCacheMask(cache.mask, of, window);
    return cachedMask(
      biased(inWindow, cache.mask.shape[3]!, () => of),
      own,
      group,
    );
  };
  const ownMask = (of: Value) =>
    biased(causalMask(of, past, length, window), addDims(past, length), () =>
      past === 0 ? of : add(of, sizeOf(past)),
    );
  const mask = ownMask(reshape(iota(length), [1, length]));
  const every = {
    masks: [mask],
    sees: { past, window },
    ofCache: maskOfCache(mask, positions),
    angles: everyAngles,
    scaledAngles,
  };
  if (!outputs) return { every };
  const { queryPositions } = outputs;
  const outputMask = ownMask(queryPositions);
  return {
    every,
    outputs: {
      masks: [outputMask],
      ofCache: maskOfCache(outputMask, positionsAt(positions, queryPositions)),
      angles: everyAngles && anglesAt(everyAngles, positions, queryPositions),
      scaledAngles: scaledAngles && anglesAt(scaledAngles, positions, queryPositions),
    },
  };
}

/** Distances of keys at positions 0 to `keys` - 1 from queries at [n, queries]: int64 [n, queries, keys]. */
export function distances(keys: Dim, queries: Value): Value {
  return subtract(iota(keys), reshape(queries, [...queries.shape, 1]));
}

/** The absolute positions [batch, queries] at `queryPositions` in rows of `positions` [1 or batch, length]. */
function positionsAt(positions: Value, queryPositions: Value): Value {
  const [rows, length] = positions.shape as [Dim, Dim];
  if (rows === 1) return gather(reshape(positions, [length]), queryPositions);
  const flat = reshape(positions, [multiplyDims(rows, length)]);
  return reshape(gather(flat, flatRows(queryPositions, length)), queryPositions.shape);
}

export interface SelfAttention {
  readonly stream: Stream;
  readonly config: ModelConfig;
  /** Index of the layer, from 0. */
  readonly layer: number;
  readonly views: AttentionViews;
  readonly scoring: Scoring;
  /** Rows [n, heads·headDim] of keys, values and queries, of which only `queryRows` [m] if given. */
  queriesKeysValues(queryRows?: Value): { readonly query: Value; readonly key: Value; readonly value: Value };
  /** Applied to heads of queries and keys before rotation. */
  normalize?(heads: Value, part: 'query' | 'key'): Value;
}

/** A stream's options for the attention of one layer. */
export const inLayer = ({ queriesAtOnce, onAttention }: Stream, layer: number) => ({
  queriesAtOnce,
  onWeights: onAttention && ((weights: Value) => onAttention(layer, weights)),
});

export interface Attended {
  /** The output of the needed queries, rows [n, heads·headDim]. */
  readonly rows: Value;
  readonly keyValue: KeyValue;
  /** Picks the rows that continue after this layer: all, or in the last layer the needed ones. */
  outputRows(rows: Value): Value;
}

export function selfAttention(options: SelfAttention): Attended {
  const { stream, config, layer, views, scoring, queriesKeysValues, normalize = (heads) => heads } = options;
  const { batch, length, layers: [first] = [0] } = stream;
  const outputs = layer === config.numLayers - 1 ? stream.outputs : undefined;
  const view = outputs ? views.outputs! : views.every;
  const queryRows = outputs && vectorsAt(outputs.queryPositions, stream);
  const projected = queriesKeysValues(queryRows);
  const headsOf = (part: 'query' | 'key', rowLength: Dim, angles: Angles | undefined) => {
    const rows = part === 'query' && outputs ? projected.query : padded(projected[part], stream);
    const heads = normalize(splitHeads(rows, batch, rowLength, config.headDim), part);
    return angles ? rotated(heads, angles) : heads;
  };
  const query = headsOf(
    'query',
    outputs ? outputs.queryPositions.shape[1]! : length,
    view.scaledAngles ?? view.angles,
  );
  const keyValue = {
    key: headsOf('key', length, views.every.angles),
    value: splitHeads(padded(projected.value, stream), batch, length, config.headDim),
  };
  const scoringOfCache = view.scaledAngles ? { ...scoring, scale: 1 } : scoring;
  const attended = mergeHeads(
    stream.cache
      ? attendCached(query, keyValue, stream.cache.layers[layer - first]!, view.ofCache!, scoringOfCache)
      : attend(query, keyValue, stream.past?.[layer - first], view, scoring, inLayer(stream, layer)),
  );
  if (!outputs) return { rows: withoutPadding(attended, stream), keyValue, outputRows: (rows) => rows };
  const chosen = gather(queryRows!, outputs.rows);
  return { rows: gather(attended, outputs.rows), keyValue, outputRows: (rows) => gather(rows, chosen) };
}
