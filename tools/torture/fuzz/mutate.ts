/** @file Mutants of files: changed according to their structure, so that they get past the outermost check. */
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Random } from '../../../src/random.js';
import { at, type OpenStruct, withMetadata } from '../../../src/records/parquet/thrift.fixture.js';
import type { ThriftValue } from '../../../src/records/parquet/thrift.js';

/** The structure of a file, which determines how it is changed. */
export type Structure = 'json' | 'text' | 'binary' | 'safetensors' | 'parquet' | 'gzip';

export function mutate(bytes: Uint8Array, structure: Structure, random: Random): Uint8Array {
  if (random.below(8) === 0) return mutateBytes(bytes, random);
  switch (structure) {
    case 'json':
      return encode(mutateJsonText(decode(bytes), random));
    case 'text':
      return encode(mutateText(decode(bytes), random));
    case 'safetensors':
      return mutateSafetensors(bytes, random);
    case 'parquet':
      return mutateParquet(bytes, random);
    case 'gzip':
      return random.below(2) === 0
        ? mutateBytes(bytes, random)
        : Uint8Array.from(gzipSync(mutateBytes(Uint8Array.from(gunzipSync(bytes)), random)));
    case 'binary':
      return mutateBytes(bytes, random);
  }
}

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const pick = <T>(items: readonly T[], random: Random): T => items[random.below(items.length)]!;

const hostileNumbers = [
  0,
  -1,
  1,
  2,
  0.5,
  255,
  256,
  65_536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  1e9,
  2 ** 53,
  1e308,
  -1e308,
];
const hostileTexts = [
  '',
  '\0',
  'a',
  '../x',
  '\ud800',
  '{{',
  '{% for i in range(9999999) %}x{% endfor %}',
  '(a+)+$',
  '𝒳',
];
const hostileKeys = ['__proto__', 'constructor', 'toString', '', 'x', '0'];

function hostileValue(random: Random): unknown {
  switch (random.below(8)) {
    case 0:
      return null;
    case 1:
      return random.below(2) === 0;
    case 2:
    case 3:
      return pick(hostileNumbers, random);
    case 4:
      return pick(hostileTexts, random);
    case 5:
      return [];
    case 6:
      return pick([{}, [null], [[]], { a: {} }, [-1], ['a', 'a']], random);
    default:
      return 'x'.repeat(1 + random.below(100_000));
  }
}

function mutateJsonText(text: string, random: Random): string {
  if (random.below(6) === 0) return mutateText(text, random);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return mutateText(text, random);
  }
  for (let changes = 0; changes <= random.below(3); changes++) value = mutateJson(value, random);
  const written = JSON.stringify(value) ?? 'null';
  return random.below(20) === 0 ? `${'['.repeat(20_000)}${written}` : written;
}

/** The value with one change in it. */
function mutateJson(value: unknown, random: Random, depth = 0): unknown {
  const isInner = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  if (!isInner || (depth > 0 && random.below(4) === 0)) return hostileFor(value, random);
  if (Array.isArray(value)) {
    const items = [...value];
    const place = random.below(items.length);
    const way = random.below(8);
    if (way === 0) items.splice(place, 1);
    else if (way === 1) items.splice(place, 0, items[random.below(items.length)]);
    else if (way === 2) items.push(hostileValue(random));
    else items[place] = mutateJson(items[place], random, depth + 1);
    return items;
  }
  const entries = Object.entries(value as object);
  const place = random.below(entries.length);
  const [key, inner] = entries[place]!;
  const way = random.below(10);
  if (way === 0) entries.splice(place, 1);
  else if (way === 1) entries.push([pick(hostileKeys, random), hostileValue(random)]);
  else if (way === 2) entries[place] = [pick(hostileKeys, random), inner];
  else if (way === 3) entries[place] = [key, entries[random.below(entries.length)]![1]];
  else entries[place] = [key, mutateJson(inner, random, depth + 1)];
  return Object.fromEntries(entries);
}

/** Often of the same type, so that it passes the first check. */
function hostileFor(value: unknown, random: Random): unknown {
  if (typeof value === 'number' && random.below(2) === 0)
    return value + pick([-1, 1, 0.5, 1000, -value], random);
  if (typeof value === 'string' && random.below(2) === 0) return mutateText(value, random);
  return hostileValue(random);
}

const snippets = [
  ...[
    '"',
    "'",
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '\n',
    '\r',
    '\t',
    '\0',
    '#',
    '&a',
    '*a',
    '|',
    '- ',
    '%}',
    '{%',
    '{{',
    '}}',
  ],
  ...[
    'null',
    'true',
    '-1',
    '1e999',
    'NaN',
    '99999999999999999999',
    '\\u0000',
    '\\ud800',
    '\ufeff',
    '\ufffd',
    '..',
    '~',
  ],
  ...[
    '{% for x in range(100000000) %}{% endfor %}',
    "{{ 'a' * 1000000000 }}",
    '{{ messages }}',
    ' if ',
    ' else ',
    '|join',
  ],
];

function mutateText(text: string, random: Random): string {
  const place = random.below(text.length + 1);
  const end = Math.min(text.length, place + 1 + random.below(12));
  switch (random.below(6)) {
    case 0:
      return text.slice(0, place);
    case 1:
      return text.slice(0, place) + text.slice(end);
    case 2:
      return text.slice(0, place) + text.slice(place, end).repeat(2 + random.below(50)) + text.slice(end);
    case 3: {
      const lines = text.split('\n');
      const [from, to] = [random.below(lines.length), random.below(lines.length)];
      [lines[from], lines[to]] = [lines[to]!, lines[from]!];
      return lines.join('\n');
    }
    default:
      return text.slice(0, place) + pick(snippets, random) + text.slice(random.below(2) === 0 ? place : end);
  }
}

function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const mutant = Uint8Array.from(bytes);
  // The parts that determine how the rest is read are at the ends.
  const spot = () => {
    const near = Math.min(mutant.length, 400);
    const way = random.below(3);
    if (way === 0) return random.below(near);
    return way === 1 ? mutant.length - 1 - random.below(near) : random.below(mutant.length);
  };
  if (bytes.length === 0) return Uint8Array.of(random.below(256));
  switch (random.below(5)) {
    case 0:
      return mutant.subarray(0, random.below(mutant.length));
    case 1:
      return Uint8Array.from([
        ...mutant.subarray(0, 200_000),
        ...Array.from({ length: 1 + random.below(64) }, () => random.below(256)),
      ]);
    case 2: {
      const place = Math.min(spot(), mutant.length - 8);
      if (place < 0) return mutant;
      const value = BigInt(Math.trunc(pick(hostileNumbers.slice(0, 13), random)));
      new DataView(mutant.buffer).setBigInt64(place, value, true);
      return mutant;
    }
    default:
      for (let flips = 0; flips <= random.below(4); flips++) mutant[spot()] = random.below(256);
      return mutant;
  }
}

/** Changes the header as JSON, and updates its length. */
function mutateSafetensors(bytes: Uint8Array, random: Random): Uint8Array {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = encode(mutateJsonText(decode(bytes.subarray(8, 8 + length)), random));
  const mutant = new Uint8Array(8 + header.length + bytes.length - 8 - length);
  new DataView(mutant.buffer).setBigUint64(0, BigInt(header.length), true);
  mutant.set(header, 8);
  mutant.set(bytes.subarray(8 + length), 8 + header.length);
  return mutant;
}

/** Changes one value of the metadata, at any depth. */
function mutateParquet(bytes: Uint8Array, random: Random): Uint8Array {
  return withMetadata(bytes, (metadata) => mutateStruct(metadata, random));
}

function mutateStruct(struct: OpenStruct, random: Random): void {
  const ids = [...struct.keys()];
  if (ids.length === 0) return;
  const id = pick(ids, random);
  const value = struct.get(id)!;
  if (random.below(12) === 0) struct.delete(id);
  else if (value instanceof Map && value.size > 0) mutateStruct(at(value), random);
  else if (Array.isArray(value) && value.length > 0) {
    const items = value as ThriftValue[];
    const place = random.below(items.length);
    if (items[place] instanceof Map) mutateStruct(at(items[place]!), random);
    else if (random.below(2) === 0) items.splice(place, 1);
  } else if (value instanceof Uint8Array) struct.set(id, mutateBytes(value, random));
  else if (typeof value === 'boolean') struct.set(id, !value);
  else
    struct.set(id, pick([...hostileNumbers, 2n ** 63n - 1n, Number(value) + 1, Number(value) - 1], random));
}
