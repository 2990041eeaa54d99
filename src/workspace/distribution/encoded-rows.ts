/** @file Encoded examples and float tensors as bytes, to send them to whoever computes with them. */
import { PromptuneError } from '../../errors.js';
import { say } from '../../say.js';
import type { EncodedExample } from '../../text/encode.js';

interface PlainExample extends Pick<EncodedExample, 'taskId' | 'referenceMargin'> {
  readonly ids: readonly number[];
  /** The places of label tokens. */
  readonly at: readonly number[];
  readonly labels?: readonly number[];
  readonly rejected?: PlainExample;
}

function plain({
  inputIds,
  lossMask,
  labels,
  taskId,
  rejected,
  referenceMargin,
}: EncodedExample): PlainExample {
  return {
    ids: [...inputIds],
    at: [...lossMask.keys()].filter((i) => lossMask[i]),
    ...(labels && { labels: [...labels] }),
    ...(taskId !== undefined && { taskId }),
    ...(rejected && { rejected: plain(rejected) }),
    ...(referenceMargin !== undefined && { referenceMargin }),
  };
}

function encoded({ ids, at, labels, taskId, rejected, referenceMargin }: PlainExample): EncodedExample {
  const lossMask = new Uint8Array(ids.length);
  for (const i of at) lossMask[i] = 1;
  return {
    inputIds: Int32Array.from(ids),
    lossMask,
    ...(labels && { labels: Int32Array.from(labels) }),
    ...(taskId !== undefined && { taskId }),
    ...(rejected && { rejected: encoded(rejected) }),
    ...(referenceMargin !== undefined && { referenceMargin }),
  };
}

export const rowsToBytes = (examples: readonly EncodedExample[]): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(examples.map(plain)));

export const rowsFromBytes = (bytes: Uint8Array): EncodedExample[] =>
  (JSON.parse(new TextDecoder().decode(bytes)) as PlainExample[]).map(encoded);

type Floats = Float32Array | Float64Array;

/** A copy, in the order of bytes of all machines that there are: the lowest first. */
export const floatsToBytes = ({ buffer, byteOffset, byteLength }: Floats): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength).slice();

export const float32From = (bytes: Uint8Array): Float32Array => new Float32Array(aligned(bytes, 4));
export const float64From = (bytes: Uint8Array): Float64Array => new Float64Array(aligned(bytes, 8));

function aligned(bytes: Uint8Array, width: number): ArrayBuffer {
  if (bytes.length % width === 0) return bytes.slice().buffer as ArrayBuffer;
  throw new PromptuneError(say`${bytes.length} bytes are no whole numbers of ${width} bytes each`, {
    code: 'damaged-file',
  });
}

/** Tensors by name, one after the other, in one piece. */
export function tensorsToBytes(tensors: Iterable<readonly [string, Float32Array]>): Uint8Array {
  const all = [...tensors];
  const header = new TextEncoder().encode(JSON.stringify(all.map(([name, { length }]) => [name, length])));
  const floats = all.reduce((sum, [, { length }]) => sum + length, 0);
  const start = 4 + Math.ceil(header.length / 4) * 4; // numbers begin at a multiple of their size
  const bytes = new Uint8Array(start + 4 * floats).fill(0x20, 4, start);
  new DataView(bytes.buffer).setUint32(0, start - 4, true);
  bytes.set(header, 4);
  let at = start;
  for (const [, data] of all) {
    new Float32Array(bytes.buffer, at, data.length).set(data);
    at += 4 * data.length;
  }
  return bytes;
}

export function tensorsFromBytes(given: Uint8Array): Map<string, Float32Array> {
  const bytes = given.slice(); // at the beginning of a buffer of its own
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const header: [string, number][] = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  let at = 4 + length;
  return new Map(
    header.map(([name, count]) => {
      const data = new Float32Array(bytes.buffer as ArrayBuffer, at, count).slice();
      at += 4 * count;
      return [name, data];
    }),
  );
}
