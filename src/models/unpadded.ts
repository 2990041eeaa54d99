/**
 * @file Streams without padding: vectors of the texts' own positions alone, text after text. Whatever acts on each
 *   position by itself, which is most of a layer's work, leaves out the padding; attention alone has it.
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
  /** int64 [batch]: the index of each row's first vector. Streams with `outputs` need it. */
  readonly starts?: Value;
}

/** What a stream's vectors are the vectors of. */
export type Rows = Pick<Stream, 'batch' | 'length' | 'unpadded'>;

/** The stream's vectors [n, width] as [batch·length, width], with zeros as padding. */
export const padded = (vectors: Value, { batch, length, unpadded }: Rows): Value =>
  unpadded ? placeRows(vectors, unpadded.places, multiplyDims(batch, length)) : vectors;

/** [batch·length, …] as the stream has its vectors. */
export const withoutPadding = (rows: Value, { unpadded }: Pick<Stream, 'unpadded'>): Value =>
  unpadded ? pickRows(rows, unpadded.places) : rows;

/** The indices [batch·queries] of the stream's vectors at positions [batch, queries] of its rows. */
export function vectorsAt(positions: Value, { length, unpadded }: Rows): Value {
  if (!unpadded) return flatRows(positions, length);
  const [batch, queries] = positions.shape as [Dim, Dim];
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
