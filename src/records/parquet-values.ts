/**
 * @file Values of a Parquet file as the text that other formats have: the digits of decimals, times in ISO's notation
 *   with their own precision, floats in their fewest digits.
 */
import type { FileMetaData, SchemaElement } from 'hyparquet';
import { float16ToFloat32, float32ToFloat16 } from '../formats/half.js';
import { parseJson } from '../formats/json-text.js';
import { floatText, type Numeral, numberOf, shortFloatText } from '../formats/numeral.js';

/** A column, or what columns lie in. */
export interface SchemaNode {
  readonly element: SchemaElement;
  readonly children: readonly SchemaNode[];
}

/** What hyparquet makes of these would lose digits, so that they are read as they are stored, and converted here. */
const isConvertedHere = ({ converted_type, logical_type }: SchemaElement) =>
  converted_type === 'DECIMAL' ||
  converted_type === 'DATE' ||
  converted_type?.startsWith('TIMESTAMP') ||
  logical_type?.type === 'TIMESTAMP' ||
  logical_type?.type === 'DECIMAL';

/** The metadata by which hyparquet leaves such values as they are stored. */
export function withStoredValues(metadata: FileMetaData): FileMetaData {
  const schema = metadata.schema.map((element): SchemaElement => {
    if (!isConvertedHere(element)) return element;
    const { converted_type: _, logical_type: __, ...stored } = element;
    // Bytes without a type of their own become text; those of this type go to a parser, which leaves them alone.
    return element.type === 'BYTE_ARRAY' ? { ...stored, logical_type: { type: 'UUID' } } : stored;
  });
  return { ...metadata, schema };
}

/** For hyparquet: what it gives of times of 96 bits, of bytes and of JSON. */
export const parsers = {
  timestampFromNanoseconds: (nanos: bigint) => nanos as unknown as Date,
  uuidFromBytes: (bytes: Uint8Array) => bytes as unknown as string,
  jsonFromBytes: (bytes: Uint8Array | undefined) => bytes && parseJson(new TextDecoder().decode(bytes)),
};

/** A value of `node` as JSON has it: text, a number, a boolean, null, a list or an object. */
export function plainValue(value: unknown, { element, children }: SchemaNode): unknown {
  if (value === undefined || value === null) return null;
  if (children.length === 0) {
    if (Array.isArray(value) && element.repetition_type === 'REPEATED')
      return value.map((item) => leafValue(item, element));
    return leafValue(value, element);
  }
  const [inner] = children;
  if (Array.isArray(value)) {
    if (element.converted_type !== 'LIST')
      return value.map((item) =>
        plainValue(item, { element: { ...element, repetition_type: 'REQUIRED' }, children }),
      );
    const item = inner!.children.length === 1 ? inner!.children[0]! : asItem(inner!);
    return value.map((one) => plainValue(one, item));
  }
  const isMap = element.converted_type === 'MAP';
  const nodeOf = (name: string) =>
    isMap ? inner!.children[1] : children.find((child) => child.element.name === name);
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => {
      const node = nodeOf(name);
      return [name, node ? plainValue(part, node) : part];
    }),
  );
}

/** A repeated node as what one of its values is. */
const asItem = ({ element, children }: SchemaNode): SchemaNode => ({
  element: { ...element, repetition_type: 'REQUIRED' },
  children,
});

function leafValue(value: unknown, element: SchemaElement): unknown {
  if (value === undefined || value === null) return null;
  const { type, converted_type: converted, logical_type: logical } = element;
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL') return decimal(value, element.scale ?? 0);
  if (converted === 'DATE') return dateText(BigInt(value as number));
  const unit = timeUnit(element);
  if (unit !== undefined) {
    const nanos = BigInt(value as number | bigint) * unit;
    if (converted?.startsWith('TIME_') || logical?.type === 'TIME') return timeText(nanos);
    const isUtc = logical?.type === 'TIMESTAMP' ? logical.isAdjustedToUTC : type !== 'INT96';
    return timestampText(nanos, isUtc);
  }
  if (logical?.type === 'UUID' && ArrayBuffer.isView(value)) return uuidText(value as Uint8Array);
  if (typeof value === 'bigint') return numberOf(String(value));
  if (typeof value === 'number') {
    if (logical?.type === 'FLOAT16') return asNumber(shortFloatText(value, float16Of));
    if (type === 'FLOAT') return asNumber(shortFloatText(value, Math.fround));
    return type === 'DOUBLE' ? asNumber(floatText(value)) : value;
  }
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array);
  return value;
}

const asNumber = (text: string): number | Numeral => numberOf(text);

const float16Of = (value: number) => float16ToFloat32(float32ToFloat16(Float32Array.of(value)))[0]!;

/** The digits of an unscaled whole number, its last `scale` behind the point. */
function decimal(value: unknown, scale: number): number | Numeral {
  const unscaled = ArrayBuffer.isView(value) ? signed(value as Uint8Array) : BigInt(value as number | bigint);
  const sign = unscaled < 0n ? '-' : '';
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  return numberOf(`${sign}${whole}${scale > 0 ? `.${digits.slice(-scale)}` : ''}`);
}

/** A whole number in two's complement, its first byte the highest. */
function signed(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return bytes.length === 0 ? 0n : BigInt.asIntN(8 * bytes.length, value);
}

/** How many nanoseconds one unit of a time is; undefined for what is no time. */
function timeUnit({
  type,
  converted_type: converted,
  logical_type: logical,
}: SchemaElement): bigint | undefined {
  if (type === 'INT96') return 1n;
  if (logical?.type === 'TIMESTAMP' || logical?.type === 'TIME') return unitNanos[logical.unit];
  return unitNanos[converted?.match(/^TIME(?:STAMP)?_(.+)$/)?.[1] ?? ''];
}
const unitNanos: Readonly<Record<string, bigint>> = { MILLIS: 1_000_000n, MICROS: 1000n, NANOS: 1n };

const nanosPerDay = 86_400_000_000_000n;
const pad = (value: bigint | number, width = 2) => String(value).padStart(width, '0');

/** Python's datetime.isoformat(): no fraction where it is 0, else 6 digits, or 9 where it has nanoseconds. */
function timestampText(nanos: bigint, isUtc: boolean): string {
  const ofDay = ((nanos % nanosPerDay) + nanosPerDay) % nanosPerDay;
  return `${dateText((nanos - ofDay) / nanosPerDay)}T${timeText(ofDay)}${isUtc ? '+00:00' : ''}`;
}

function timeText(nanos: bigint): string {
  const seconds = nanos / 1_000_000_000n;
  const fraction = nanos % 1_000_000_000n;
  const digits =
    fraction === 0n ? '' : `.${fraction % 1000n === 0n ? pad(fraction / 1000n, 6) : pad(fraction, 9)}`;
  return `${pad(seconds / 3600n)}:${pad((seconds / 60n) % 60n)}:${pad(seconds % 60n)}${digits}`;
}

function dateText(days: bigint): string {
  const date = new Date(Number(days) * 86_400_000);
  if (Number.isNaN(date.getTime())) return `${days} days after 1970-01-01`; // more than 270,000 years away
  const year = date.getUTCFullYear();
  const text = year < 0 ? `-${pad(-year, 4)}` : pad(year, 4);
  return `${text}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())}`;
}

function uuidText(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [0, 8, 12, 16, 20].map((from, i, starts) => hex.slice(from, starts[i + 1])).join('-');
}
