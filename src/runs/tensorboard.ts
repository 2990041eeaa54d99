/**
 * @file A run's curves for TensorBoard: an event file is a sequence of TFRecords (length and content, each with a
 *   masked CRC-32C: tensorflow/core/lib/io/record_writer.h) with Event messages (tensorflow/core/util/event.proto).
 */
import { fileSystem, host, join } from '#platform';
import { withFileErrors } from '../formats/files.js';
import { ProtobufWriter } from '../graph/protobuf.js';
import type { TrainingEvent } from '../training/events.js';
import { curveValues } from './curves.js';

/** Prefix of event file names, which TensorBoard looks for. */
export const eventFilePrefix = 'events.out.tfevents.';

export interface EventFile {
  /** Queues an event's values for the file. Events without values are skipped. */
  write(event: TrainingEvent): void;
  /** Waits for all writes, and throws the first error of any. */
  close(): Promise<void>;
}

/**
 * Opens a new event file in a run's folder. A resumed run has one file per part; TensorBoard joins them, and drops
 * steps that a later part repeats.
 * @param now the time in seconds, for tests
 */
export async function openEventFile(folder: string, now = () => Date.now() / 1000): Promise<EventFile> {
  const began = String(Math.floor(now())).padStart(10, '0');
  const path = join(folder, `${eventFilePrefix}${began}.${host.name}.${host.process.pid}`);
  const file = await withFileErrors(path, 'written', () => fileSystem.open(path, 'append'));
  let written: Promise<unknown> = Promise.resolve();
  const append = (fill: (event: ProtobufWriter) => ProtobufWriter) => {
    const record = tfRecord(fill(new ProtobufWriter().double(1, now())).finish());
    written = written.then(() => withFileErrors(path, 'written', () => file.append(record)));
    written.catch(() => {}); // `close` throws it
  };
  append((event) => event.bytes(3, 'brain.Event:2'));
  const scalars = (step: number, values: Readonly<Record<string, number>>) => {
    const summary = new ProtobufWriter();
    for (const [tag, value] of Object.entries(values))
      summary.bytes(1, new ProtobufWriter().bytes(1, tag).float(2, value));
    append((event) => event.integer(2, step).bytes(5, summary));
  };
  return {
    write(event) {
      const found = curveValues(event);
      if (found) scalars(found.step, found.values);
      else if (event.type === 'resumed') {
        const start = new ProtobufWriter().integer(1, 1); // SessionLog: START
        append((message) => message.integer(2, event.step + 1).bytes(7, start));
      }
    },
    close: () => written.then(() => undefined).finally(file.close),
  };
}

/** A record of a TFRecord file. */
export function tfRecord(contents: Uint8Array): Uint8Array {
  const record = new Uint8Array(contents.length + 16);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(contents.length), true);
  view.setUint32(8, maskedCrc(record.subarray(0, 8)), true);
  record.set(contents, 12);
  view.setUint32(12 + contents.length, maskedCrc(contents), true);
  return record;
}

/** Where the last whole record of a file ends that is being written, at or after `from`, where one begins. */
export function endOfRecords(bytes: Uint8Array, from = 0): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = from;
  while (end + 16 <= bytes.length) {
    const next = end + 16 + Number(view.getBigUint64(end, true));
    if (next > bytes.length) break;
    end = next;
  }
  return end;
}

/** TFRecord's masking, because CRCs of data that contains CRCs are unreliable. */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  return crc;
});

/** CRC-32C (Castagnoli; RFC 3720, appendix B.4). */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = crcTable[(crc ^ byte) & 255]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
