/**
 * @file The self-attention of one layer over a stream, whatever makes its queries, keys and values: over all
 *   positions, or in the last layer with a selection for the queries that are wanted alone.
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
  causalMask,
  flatRows,
  type KeyValue,
  mergeHeads,
  type Scoring,
  splitHeads,
  windowedCacheMask,
} from './attention.js';
import type { ModelConfig, Stream } from './model.js';
import { type Angles, anglesAt, anglesOf, type Rotary, rotated } from './rotary.js';

/** What a kind of layer makes of positions. Layers of one kind share masks and angles. */
export interface AttentionPattern {
  /** How many of the last positions a query sees, its own included; all where it is not said. */
  readonly window?: number;
  /** By which angles positions turn queries and keys, where they do. */
  readonly rotary?: Rotary;
  /**
   * What is added to the scores of keys for how far they are from their queries: of distances key - query, int64
   * [n, queries, keys], the biases [n, heads, queries, keys].
   */
  readonly bias?: (distances: Value) => Value;
}

/** Masks and angles of some queries. */
interface View {
  readonly mask: Value;
  readonly cacheMask?: Value;
  readonly angles?: Angles;
}

/** Masks and angles of a stream for one kind of layer. */
export interface AttentionViews {
  readonly every: View;
  readonly selected?: View;
}

export function viewsOf(stream: Stream, { window, rotary, bias }: AttentionPattern): AttentionViews {
  const { length, positions, select, cache } = stream;
  const past = stream.past?.[0]?.key.shape[2] ?? 0;
  const everyAngles = rotary && anglesOf(rotary, positions);
  /** With the bias of `keys` keys that stand from 0 on, for queries at positions [n, queries] of the same count. */
  const biased = (mask: Value, keys: Dim, queries: () => Value) =>
    bias ? add(mask, bias(distances(keys, queries()))) : mask;
  const cacheMask = (of: Value) =>
    cache &&
    biased(
      window === undefined ? cache.mask : windowedCacheMask(cache.mask, of, window),
      cache.mask.shape[3]!,
      () => of,
    );
  const ownMask = (of: Value) =>
    biased(causalMask(of, past, length, window), addDims(past, length), () =>
      past === 0 ? of : add(of, sizeOf(past)),
    );
  const every = {
    mask: ownMask(reshape(iota(length), [1, length])),
    cacheMask: cacheMask(positions),
    angles: everyAngles,
  };
  if (!select) return { every };
  const { queryPositions } = select;
  return {
    every,
    selected: {
      mask: ownMask(queryPositions),
      cacheMask: cacheMask(positionsAt(positions, queryPositions)),
      angles: everyAngles && anglesAt(everyAngles, positions, queryPositions),
    },
  };
}

/** How far each of `keys` keys, which stand from 0 on, is from queries at [n, queries]: int64 [n, queries, keys]. */
export function distances(keys: Dim, queries: Value): Value {
  return subtract(iota(keys), reshape(queries, [...queries.shape, 1]));
}

/**
 * In the model's own count, [batch, queries], of what stands at `queryPositions` in rows of `positions` [1 or batch,
 * length].
 */
function positionsAt(positions: Value, queryPositions: Value): Value {
  const [rows, length] = positions.shape as [Dim, Dim];
  if (rows === 1) return gather(reshape(positions, [length]), queryPositions);
  const flat = reshape(positions, [multiplyDims(rows, length)]);
  return reshape(gather(flat, flatRows(queryPositions, length)), queryPositions.shape);
}

export interface SelfAttention {
  readonly stream: Stream;
  readonly config: ModelConfig;
  /** Which layer it is, from 0. */
  readonly layer: number;
  readonly views: AttentionViews;
  readonly scoring: Scoring;
  /** Rows [n, heads·headDim] of queries, of all positions or of `queryRows` [m] alone, and of all keys and values. */
  project(queryRows?: Value): { readonly query: Value; readonly key: Value; readonly value: Value };
  /** What is done to heads of queries and keys before they turn. */
  normalize?(heads: Value, part: 'query' | 'key'): Value;
}

export interface Attended {
  /** What the wanted queries made of the values, rows [n, heads·headDim]. */
  readonly rows: Value;
  readonly keyValue: KeyValue;
  /** Of rows of all positions, those that go on after this layer: all, or in the last layer the wanted ones. */
  wanted(rows: Value): Value;
}

export function selfAttention(options: SelfAttention): Attended {
  const { stream, config, layer, views, scoring, project, normalize = (heads) => heads } = options;
  const { batch, length } = stream;
  const select = layer === config.numLayers - 1 ? stream.select : undefined;
  const view = select ? views.selected! : views.every;
  const queryRows = select && flatRows(select.queryPositions, length);
  const projected = project(queryRows);
  const headsOf = (part: 'query' | 'key', rowLength: Dim, { angles }: View) => {
    const heads = normalize(splitHeads(projected[part], batch, rowLength, config.headDim), part);
    return angles ? rotated(heads, angles) : heads;
  };
  const query = headsOf('query', select ? select.queryPositions.shape[1]! : length, view);
  const keyValue = {
    key: headsOf('key', length, views.every),
    value: splitHeads(projected.value, batch, length, config.headDim),
  };
  const attended = mergeHeads(
    stream.cache
      ? attendCached(
          query,
          keyValue,
          stream.cache.layers[layer]!,
          { cache: view.cacheMask!, own: view.mask },
          scoring,
        )
      : attend(query, keyValue, stream.past?.[layer], view.mask, scoring),
  );
  if (!select) return { rows: attended, keyValue, wanted: (rows) => rows };
  const chosen = gather(queryRows!, select.rows);
  return { rows: gather(attended, select.rows), keyValue, wanted: (rows) => gather(rows, chosen) };
}
