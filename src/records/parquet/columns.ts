/** @file The values of a column of a Parquet file, from the pages of its chunk in a row group. */

import { gunzip, type OpenFile } from '#platform';
import { say } from '../../say.js';
import {
  PageReader,
  readByteStreams,
  readDeltaLengths,
  readDeltas,
  readDeltaTexts,
  readPlain,
  readRuns,
  type Stored,
} from './encodings.js';
import { type ColumnChunk, Fields, type SchemaNode } from './metadata.js';
import { readStruct } from './thrift.js';
import { valueReader } from './values.js';

/** A column of a row group: the levels of each entry, and the values of those that are not null. */
export interface Column {
  readonly definitions: Uint8Array;
  /** 0 at the beginning of a row. */
  readonly repetitions: Uint8Array;
  readonly values: readonly unknown[];
}

/** Maximum size of a decompressed page in bytes. */
const maxPageBytes = 2 ** 30;

const pageTypes = { data: 0, index: 1, dictionary: 2, dataV2: 3 };
const encodings = {
  plain: 0,
  plainDictionary: 2,
  runs: 3,
  deltas: 5,
  deltaLengths: 6,
  deltaTexts: 7,
  dictionary: 8,
  byteStreams: 9,
};

/** @throws Error for any fault in the column */
export async function readColumn(file: OpenFile, chunk: ColumnChunk, node: SchemaNode): Promise<Column> {
  const bytes = new Uint8Array(chunk.size);
  if ((await file.read(bytes, chunk.start)) < bytes.length) throw new Error(say`the file ends too early`);
  const column = new ColumnReader(chunk, node);
  for (let at = 0; column.entries < chunk.valueCount; ) {
    const { struct, end } = readStruct(bytes, at);
    const header = new Fields(struct, 'page');
    const size = header.count(3, 'compressed_page_size', bytes.length - end);
    await column.readPage(header, bytes.subarray(end, end + size));
    at = end + size;
  }
  return column;
}

class ColumnReader implements Column {
  readonly definitions: Uint8Array;
  readonly repetitions: Uint8Array;
  readonly values: unknown[] = [];
  /** Number of levels read so far, of values and nulls. */
  entries = 0;
  #dictionary: readonly unknown[] | undefined;
  readonly #read: (stored: Stored) => unknown;

  constructor(
    readonly chunk: ColumnChunk,
    readonly node: SchemaNode,
  ) {
    this.definitions = new Uint8Array(chunk.valueCount);
    this.repetitions = new Uint8Array(chunk.valueCount);
    this.#read = valueReader(node);
  }

  async readPage(header: Fields, packed: Uint8Array): Promise<void> {
    const type = header.count(1, 'type');
    const size = header.count(2, 'uncompressed_page_size', maxPageBytes);
    if (type === pageTypes.index) return;
    if (type === pageTypes.dictionary) {
      const page = header.struct(7, 'dictionary_page_header');
      const reader = new PageReader(await this.#unpacked(packed, size));
      const stored = readPlain(reader, page.count(1, 'num_values', packable(reader)), this.node);
      this.#dictionary = stored.map(this.#read);
    } else if (type === pageTypes.data) {
      const page = header.struct(5, 'data_page_header');
      const reader = new PageReader(await this.#unpacked(packed, size));
      const count = page.count(1, 'num_values', this.chunk.valueCount - this.entries);
      const { maxDefinition, maxRepetition } = this.node;
      if (maxRepetition > 0) this.#levels(sized(reader), maxRepetition, count, this.repetitions);
      if (maxDefinition > 0) this.#levels(sized(reader), maxDefinition, count, this.definitions);
      this.#readValues(reader, page.count(2, 'encoding'), count);
    } else if (type === pageTypes.dataV2) {
      const page = header.struct(8, 'data_page_header_v2');
      const count = page.count(1, 'num_values', this.chunk.valueCount - this.entries);
      const reader = new PageReader(packed);
      const repetitions = reader.take(page.count(6, 'repetition_levels_byte_length'));
      const definitions = reader.take(page.count(5, 'definition_levels_byte_length'));
      const { maxDefinition, maxRepetition } = this.node;
      if (maxRepetition > 0)
        this.#levels(new PageReader(repetitions), maxRepetition, count, this.repetitions);
      if (maxDefinition > 0)
        this.#levels(new PageReader(definitions), maxDefinition, count, this.definitions);
      const rest = reader.take(reader.left);
      const isPacked = page.values.get(7) !== false;
      const values = isPacked ? await this.#unpacked(rest, size - reader.at + rest.length) : rest;
      this.#readValues(new PageReader(values), page.count(4, 'encoding'), count);
    } else {
      throw new Error(say`a page has the unknown type ${type}`);
    }
  }

  #levels(reader: PageReader, max: number, count: number, into: Uint8Array): void {
    const levels = readRuns(reader, 32 - Math.clz32(max), count);
    for (const level of levels)
      if (level > max) throw new Error(say`a page has a level of ${level}, at most ${max}`);
    into.set(levels, this.entries);
  }

  #readValues(reader: PageReader, encoding: number, entries: number): void {
    const { maxDefinition } = this.node;
    let count = entries;
    if (maxDefinition > 0) {
      count = 0;
      for (let i = this.entries; i < this.entries + entries; i++)
        if (this.definitions[i] === maxDefinition) count++;
    }
    this.entries += entries;
    if (encoding === encodings.dictionary || encoding === encodings.plainDictionary) {
      const dictionary = this.#dictionary;
      if (!dictionary) throw new Error(say`a page has a dictionary that is missing`);
      if (count === 0) return;
      for (const index of readRuns(reader, reader.byte(), count)) {
        if (index >= dictionary.length)
          throw new Error(say`a page has the entry ${index} of a dictionary of ${dictionary.length}`);
        this.values.push(dictionary[index]);
      }
    } else {
      for (const stored of this.#stored(reader, encoding, count)) this.values.push(this.#read(stored));
    }
  }

  #stored(reader: PageReader, encoding: number, count: number): readonly Stored[] {
    const { type } = this.node;
    const isText = type === 'BYTE_ARRAY' || type === 'FIXED_LEN_BYTE_ARRAY';
    if (encoding === encodings.plain) return readPlain(reader, count, this.node);
    if (encoding === encodings.runs && type === 'BOOLEAN')
      return Array.from(count === 0 ? [] : readRuns(sized(reader), 1, count), Boolean);
    if (encoding === encodings.deltas && type === 'INT32') return readDeltas(reader, count, 32).map(Number);
    if (encoding === encodings.deltas && type === 'INT64') return readDeltas(reader, count, 64);
    if (encoding === encodings.deltaLengths && type === 'BYTE_ARRAY') return readDeltaLengths(reader, count);
    if (encoding === encodings.deltaTexts && isText) return readDeltaTexts(reader, count);
    if (encoding === encodings.byteStreams) return readByteStreams(reader, count, this.node);
    throw new Error(say`a page has the encoding ${encoding}, which ${type} cannot have`);
  }

  async #unpacked(packed: Uint8Array, size: number): Promise<Uint8Array> {
    const page = await unpack(this.chunk.codec, packed, size);
    if (page.length !== size)
      throw new Error(say`a page has ${page.length} bytes unpacked, expected ${size}`);
    return page;
  }
}

/** The maximum number of values in the rest of a page, with at least one bit each. */
const packable = (reader: PageReader) => reader.left * 8;

/** Reads data that is preceded by its length. */
const sized = (reader: PageReader) => new PageReader(reader.take(reader.length()));

async function unpack(codec: string, packed: Uint8Array, size: number): Promise<Uint8Array> {
  if (codec === 'UNCOMPRESSED') return packed;
  if (size === 0) return new Uint8Array(0);
  if (codec === 'GZIP') return gunzipPage(packed, size);
  const { compressors, decompressZstd } = await import('./compressors.js'); // large, and rarely needed
  // Without a buffer for the content, the decoder would allocate as much as the bytes claim to need.
  if (codec === 'ZSTD') return decompressZstd(packed, new Uint8Array(size));
  const unpackCodec = compressors[codec as keyof typeof compressors];
  if (!unpackCodec) throw new Error(say`it is packed by ${codec}, which is not supported`);
  return unpackCodec(packed, size);
}

async function gunzipPage(packed: Uint8Array, size: number): Promise<Uint8Array> {
  const page = new Uint8Array(size);
  let filled = 0;
  for await (const chunk of gunzip(only(packed))) {
    if (filled + chunk.length > size) throw new Error(say`a page has more than ${size} bytes unpacked`);
    page.set(chunk, filled);
    filled += chunk.length;
  }
  return page.subarray(0, filled);
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
