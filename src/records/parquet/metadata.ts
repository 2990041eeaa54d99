/**
 * @file The metadata at the end of a Parquet file: its schema as a tree, and the positions of the columns of each row
 *   group. Every number is checked, with its place in the error.
 */
import type { OpenFile } from '#platform';
import { say } from '../../say.js';
import { readStruct, type ThriftStruct, type ThriftValue } from './thrift.js';

/** A fault at a place in the file, such as `row group 1, column "text": num_values`. */
export class ParquetError extends Error {
  constructor(
    readonly place: string | undefined,
    problem: string,
  ) {
    super(problem);
  }
}

export type PhysicalType =
  | 'BOOLEAN'
  | 'INT32'
  | 'INT64'
  | 'INT96'
  | 'FLOAT'
  | 'DOUBLE'
  | 'BYTE_ARRAY'
  | 'FIXED_LEN_BYTE_ARRAY';

/** The meaning of stored values; units of time are in nanoseconds. */
export type Meaning =
  | { kind: 'text' | 'json' | 'list' | 'map' | 'date' | 'uuid' | 'float16' | 'unsigned' }
  | { kind: 'decimal'; scale: number }
  | { kind: 'time'; unit: bigint }
  | { kind: 'timestamp'; unit: bigint; isUtc: boolean };

/** A column, or a group of columns. */
export interface SchemaNode {
  readonly name: string;
  /** Names from the outside in, separated by dots, as in the metadata of column chunks. */
  readonly path: string;
  readonly repetition: 'REQUIRED' | 'OPTIONAL' | 'REPEATED';
  /** Present if it is a column. */
  readonly type?: PhysicalType;
  /** Bytes per value of FIXED_LEN_BYTE_ARRAY. */
  readonly typeLength: number;
  readonly meaning?: Meaning;
  readonly children: readonly SchemaNode[];
  /** How many nodes from the root to this one are optional or repeated, and how many are repeated. */
  readonly maxDefinition: number;
  readonly maxRepetition: number;
}

export interface ColumnChunk {
  readonly codec: string;
  /** The number of values and nulls, as counted by its pages. */
  readonly valueCount: number;
  readonly start: number;
  readonly size: number;
}

export interface RowGroup {
  readonly rows: number;
  /** In the order of `leaves`. */
  readonly chunks: readonly ColumnChunk[];
}

export interface Metadata {
  readonly root: SchemaNode;
  /** The columns: nodes without children. */
  readonly leaves: readonly SchemaNode[];
  readonly groups: readonly RowGroup[];
}

const types: readonly PhysicalType[] = [
  'BOOLEAN',
  'INT32',
  'INT64',
  'INT96',
  'FLOAT',
  'DOUBLE',
  'BYTE_ARRAY',
  'FIXED_LEN_BYTE_ARRAY',
];
const repetitions = ['REQUIRED', 'OPTIONAL', 'REPEATED'] as const;
const codecs = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'LZO', 'BROTLI', 'LZ4', 'ZSTD', 'LZ4_RAW'];

/** A whole row group is in memory while its records are read. */
const maxGroupRows = 2 ** 24;
const maxGroupBytes = 2 ** 31;

/** Definition levels are stored in bytes. */
const maxDepth = 100;

const magic = 'PAR1';
const tailBytes = 8;

/** @throws ParquetError if the file is not Parquet or is damaged */
export async function readMetadata(file: OpenFile): Promise<Metadata> {
  const size = await file.size();
  const tail = new Uint8Array(Math.min(tailBytes, size));
  await file.read(tail, size - tail.length);
  if (size < magic.length + tailBytes || String.fromCharCode(...tail.subarray(4)) !== magic)
    throw new ParquetError(undefined, say`it does not end in ${magic}`);
  const length = new DataView(tail.buffer).getUint32(0, true);
  const start = size - tailBytes - length;
  if (start < magic.length)
    throw new ParquetError(
      undefined,
      say`its metadata should have ${length} bytes, and the file has ${size}`,
    );
  const bytes = new Uint8Array(length);
  await file.read(bytes, start);
  const fields = new Fields(readStruct(bytes).struct, '');

  const root = schemaTree(fields.structs(2, 'schema'));
  const leaves = leavesOf(root);
  const groups = fields.structs(4, 'row_groups').map((group) => readGroup(group, leaves, start));
  const rows = groups.reduce((sum, group) => sum + group.rows, 0);
  const stated = fields.count(3, 'num_rows');
  if (stated !== rows)
    throw new ParquetError('num_rows', say`it is ${stated}, and the groups of rows have ${rows} together`);
  return { root, leaves, groups };
}

function readGroup(group: Fields, leaves: readonly SchemaNode[], dataEnd: number): RowGroup {
  const rows = group.count(3, 'num_rows', maxGroupRows, say`write the file with smaller groups of rows`);
  const columns = group.structs(1, 'columns');
  if (columns.length !== leaves.length) {
    const problem = say`it has ${columns.length} column chunks, and the schema ${leaves.length} columns`;
    throw new ParquetError(group.place, problem);
  }
  let bytes = 0;
  const chunks = columns.map((column, i): ColumnChunk => {
    const leaf = leaves[i]!;
    const place = say`${group.place}, column ${JSON.stringify(leaf.path)}`;
    if (column.has(1))
      throw new ParquetError(place, say`its data is in another file, which is not supported`);
    const chunk = new Fields(column.struct(3, 'meta_data').values, place);
    const path = chunk.list(3, 'path_in_schema').map(textOf).join('.');
    if (path !== leaf.path)
      throw new ParquetError(`${place}: path_in_schema`, say`expected ${leaf.path}, found ${path}`);
    if (types[chunk.count(1, 'type')] !== leaf.type)
      throw new ParquetError(`${place}: type`, say`it is not the type of the schema, ${leaf.type}`);
    const valueCount = chunk.count(5, 'num_values', maxGroupRows * 16, say`write smaller groups of rows`);
    if (leaf.maxRepetition === 0 && valueCount !== rows) {
      const problem = say`it has ${valueCount} values, and the group ${rows} rows`;
      throw new ParquetError(`${place}: num_values`, problem);
    }
    bytes += chunk.count(6, 'total_uncompressed_size', maxGroupBytes, say`write smaller groups of rows`);
    const size = chunk.count(7, 'total_compressed_size');
    const dataStart = chunk.count(9, 'data_page_offset');
    const dictionaryStart = chunk.has(11) ? chunk.count(11, 'dictionary_page_offset') : 0;
    const start = dictionaryStart || dataStart; // some writers write 0 for a missing dictionary
    if (start < magic.length || start + size > dataEnd)
      throw new ParquetError(place, say`bytes ${start} to ${start + size} are not inside the file's data`);
    const codec = codecs[chunk.count(4, 'codec')];
    if (codec === undefined) throw new ParquetError(`${place}: codec`, say`it is none that Parquet has`);
    return { codec, valueCount, start, size };
  });
  if (bytes > maxGroupBytes) {
    const problem = say`it takes ${bytes} bytes unpacked; write the file with smaller groups of rows`;
    throw new ParquetError(`${group.place}: total_uncompressed_size`, problem);
  }
  return { rows, chunks };
}

/** Builds the tree from the elements of a schema, which are in depth-first order with their numbers of children. */
function schemaTree(elements: readonly Fields[]): SchemaNode {
  let next = 0;
  const node = (
    path: readonly string[],
    definition: number,
    repetition: number,
    depth: number,
  ): SchemaNode => {
    const element = elements[next++];
    if (!element) throw new ParquetError('schema', say`it ends before all the children that it states`);
    if (depth > maxDepth) throw new ParquetError('schema', say`it is nested more than ${maxDepth} deep`);
    const isRoot = depth === 0;
    const childCount = element.has(5) ? element.count(5, 'num_children', elements.length) : 0;
    const name = textOf(element.value(4, 'name'));
    const repeats = isRoot
      ? 'REQUIRED'
      : repetitions[element.has(3) ? element.count(3, 'repetition_type') : 0];
    if (repeats === undefined)
      throw new ParquetError(`${element.place}: repetition_type`, say`it is unknown`);
    const type = element.has(1) && childCount === 0 ? types[element.count(1, 'type')] : undefined;
    if (childCount === 0 && !type) {
      if (isRoot) throw new ParquetError('schema', say`it has no columns`);
      throw new ParquetError(`${element.place}: type`, say`it is missing or unknown`);
    }
    const own = isRoot ? [] : [...path, name];
    const maxDefinition = definition + (repeats === 'REQUIRED' ? 0 : 1);
    const maxRepetition = repetition + (repeats === 'REPEATED' ? 1 : 0);
    const typeLength = type === 'FIXED_LEN_BYTE_ARRAY' ? element.count(2, 'type_length') : 0;
    if (type === 'FIXED_LEN_BYTE_ARRAY' && typeLength === 0)
      throw new ParquetError(`${element.place}: type_length`, say`it is 0`);
    const children: SchemaNode[] = [];
    for (let i = 0; i < childCount; i++) children.push(node(own, maxDefinition, maxRepetition, depth + 1));
    const twice = children.find((child, i) => children.findIndex(({ name: n }) => n === child.name) !== i);
    if (twice) throw new ParquetError('schema', say`two columns are named ${JSON.stringify(twice.name)}`);
    const path_ = own.join('.');
    const levels = { maxDefinition, maxRepetition };
    return {
      name,
      path: path_,
      repetition: repeats,
      type,
      typeLength,
      meaning: meaningOf(element),
      children,
      ...levels,
    };
  };
  const root = node([], 0, 0, 0);
  if (next !== elements.length)
    throw new ParquetError('schema', say`it has ${elements.length} elements, and its tree ${next}`);
  return root;
}

function leavesOf(node: SchemaNode): SchemaNode[] {
  return node.children.length === 0 ? [node] : node.children.flatMap(leavesOf);
}

const nanos: readonly bigint[] = [0n, 1_000_000n, 1000n, 1n]; // by the field of the unit: MILLIS, MICROS, NANOS

const unsupported: Readonly<Record<string, string>> = {
  converted20: 'BSON',
  converted21: 'INTERVAL',
  logical13: 'BSON',
  logical16: 'VARIANT',
  logical17: 'GEOMETRY',
  logical18: 'GEOGRAPHY',
};

/** The meaning by the newer logical type, or by the older converted type. */
function meaningOf(element: Fields): Meaning | undefined {
  const converted = element.has(6) ? element.count(6, 'converted_type') : -1;
  const logical = element.has(10) ? element.struct(10, 'logicalType') : undefined;
  const [kind] = logical?.values.keys() ?? [];
  const refused = unsupported[`logical${kind}`] ?? unsupported[`converted${converted}`];
  if (refused)
    throw new ParquetError(
      element.place,
      say`values of type ${refused} are not supported; leave the column out`,
    );
  const scale = () => (element.has(7) ? element.count(7, 'scale', 1000) : 0);
  const unitOf = (time: Fields): bigint => {
    const [unit] = time.struct(2, 'unit').values.keys();
    const found = nanos[unit ?? 0];
    if (!found) throw new ParquetError(`${element.place}: unit`, say`it is unknown`);
    return found;
  };
  const time = kind === 7 || kind === 8 ? logical!.struct(kind, 'time') : undefined;
  switch (kind) {
    case 1:
    case 4:
      return { kind: 'text' };
    case 2:
      return { kind: 'map' };
    case 3:
      return { kind: 'list' };
    case 5:
      return { kind: 'decimal', scale: scale() };
    case 6:
      return { kind: 'date' };
    case 7:
      return { kind: 'time', unit: unitOf(time!) };
    case 8:
      return { kind: 'timestamp', unit: unitOf(time!), isUtc: time!.values.get(1) === true };
    case 10:
      return logical!.struct(10, 'integer').values.get(2) === false ? { kind: 'unsigned' } : undefined;
    case 12:
      return { kind: 'json' };
    case 14:
      return { kind: 'uuid' };
    case 15:
      return { kind: 'float16' };
  }
  switch (converted) {
    case 0:
    case 4:
      return { kind: 'text' };
    case 1:
    case 2:
      return { kind: 'map' };
    case 3:
      return { kind: 'list' };
    case 5:
      return { kind: 'decimal', scale: scale() };
    case 6:
      return { kind: 'date' };
    case 7:
    case 8:
      return { kind: 'time', unit: nanos[converted - 6]! };
    case 9:
    case 10:
      return { kind: 'timestamp', unit: nanos[converted - 8]!, isUtc: true };
    case 11:
    case 12:
    case 13:
    case 14:
      return { kind: 'unsigned' };
    case 19:
      return { kind: 'json' };
    default:
      return undefined;
  }
}

const decoder = new TextDecoder();

function textOf(value: ThriftValue | undefined): string {
  if (!(value instanceof Uint8Array)) throw new ParquetError('schema', say`a name is not text`);
  return decoder.decode(value);
}

const itemNames: Readonly<Record<string, string>> = { row_groups: 'row group', schema: 'schema element' };

/** A struct with fields that are read by number, and named in errors. */
export class Fields {
  constructor(
    readonly values: ThriftStruct,
    readonly place: string,
  ) {}

  has(field: number): boolean {
    return this.values.has(field);
  }

  value(field: number, name: string): ThriftValue {
    const value = this.values.get(field);
    if (value === undefined) throw this.#error(name, say`it is missing`);
    return value;
  }

  /** An integer from 0 to `max`. */
  count(field: number, name: string, max = Number.MAX_SAFE_INTEGER, advice?: string): number {
    const value = this.value(field, name);
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
      throw this.#error(name, say`expected a whole number from 0, found ${String(value).slice(0, 40)}`);
    if (value > max)
      throw this.#error(name, say`it is ${value}, at most ${max} can be read${advice ? `; ${advice}` : ''}`);
    return value;
  }

  list(field: number, name: string): readonly ThriftValue[] {
    const value = this.value(field, name);
    if (!Array.isArray(value)) throw this.#error(name, say`it is no list`);
    return value as readonly ThriftValue[];
  }

  struct(field: number, name: string): Fields {
    const value = this.value(field, name);
    if (!(value instanceof Map)) throw this.#error(name, say`it is no struct`);
    return new Fields(value, this.#at(name));
  }

  structs(field: number, name: string): Fields[] {
    return this.list(field, name).map((item, i) => {
      const place = this.#at(`${itemNames[name] ?? name} ${i + 1}`);
      if (!(item instanceof Map)) throw new ParquetError(place, say`it is no struct`);
      return new Fields(item, place);
    });
  }

  #at(name: string): string {
    return this.place === '' ? name : `${this.place}: ${name}`;
  }

  #error(name: string, problem: string): ParquetError {
    return new ParquetError(this.#at(name), problem);
  }
}
