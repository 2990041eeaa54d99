/**
 * @file Streams without padding: vectors of the texts' own positions alone, text after text, or one vector for what
 *   several texts begin with alike. Whatever acts on each position by itself, which is most of a layer's work, leaves
 *   out the padding and what is repeated; attention alone has them.
 */
import {
  add,
  type Dim,
  expand,
  gather,
  multiplyDims,
  pickRows,
  placeRows,
  reshape,
  type Value,
} from '../graph/index.js';
import { flatRows } from './attention.js';
import type { Stream } from './model.js';

/** Where the vectors of a stream without padding stand. */
export interface Unpadded {
  /** int64 [tokens]: their places among the batch·length positions, in order. */
  readonly places: Value;
  /** int64 [batch]: the index of each row's first vector. Streams with `outputs` need it, or `vectors`. */
  readonly starts?: Value;
  /**
   * int64 [batch, length]: the index of the vector at each position (at padding any), where rows that begin alike have
   * vectors in common. Default: each vector is at one position.
   */
  readonly vectors?: Value;
}

/** What a stream's vectors are the vectors of. */
export type Rows = Pick<Stream, 'batch' | 'length' | 'unpadded'>;

/** The stream's vectors [n, width] as [batch·length, width]; what stands at padding does not matter. */
export function padded(vectors: Value, { batch, length, unpadded }: Rows): Value {
  if (!unpadded) return vectors;
  const positions = multiplyDims(batch, length);
  if (unpadded.vectors) return gather(vectors, reshape(unpadded.vectors, [positions]));
  return placeRows(vectors, unpadded.places, positions);
}

/** [batch·length, …] as the stream has its vectors. */
export const withoutPadding = (rows: Value, { unpadded }: Pick<Stream, 'unpadded'>): Value =>
  unpadded ? pickRows(rows, unpadded.places) : rows;

/** The indices [batch·queries] of the stream's vectors at positions [batch, queries] of its rows. */
export function vectorsAt(positions: Value, { length, unpadded }: Rows): Value {
  if (!unpadded) return flatRows(positions, length);
  const [batch, queries] = positions.shape as [Dim, Dim];
  if (unpadded.vectors)
    return gather(reshape(unpadded.vectors, [multiplyDims(batch, length)]), flatRows(positions, length));
  return reshape(add(reshape(unpadded.starts!, [batch, 1]), positions), [multiplyDims(batch, queries)]);
}

/** The stream's vectors with learned positions added: the rows of `table` at `positions` [1 or batch, length]. */
export function withPositions(stream: Stream, table: Value, positions = stream.positions): Value {
  const { embeddings, batch, length, unpadded } = stream;
  if (unpadded) {
    const flat = reshape(expand(positions, [batch, length]), [multiplyDims(batch, length)]);
    return add(embeddings, gather(table, pickRows(flat, unpadded.places)));
  }
  const width = embeddings.shape[1]!;
  const embedded = add(reshape(embeddings, [batch, length, width]), gather(table, positions));
  return reshape(embedded, [multiplyDims(batch, length), width]);
}
