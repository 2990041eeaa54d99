/**
 * @file Values of a Parquet file as other formats have them: decimals with their digits, times in ISO notation with
 *   their own precision, floats with their fewest digits.
 */
import { float16ToFloat32, float32ToFloat16 } from '../../formats/half.js';
import { parseJson } from '../../formats/json-text.js';
import { floatText, type Numeral, numberOf, shortFloatText } from '../../formats/numeral.js';
import type { Stored } from './encodings.js';
import type { SchemaNode } from './metadata.js';

/**
 * Returns a function that converts a stored value to one of JSON: text, a number, a boolean, a list of bytes, or a JSON
 * value.
 */
export function valueReader({ type, meaning }: SchemaNode): (stored: Stored) => unknown {
  const isText = type === 'BYTE_ARRAY';
  const isBytes = isText || type === 'FIXED_LEN_BYTE_ARRAY';
  const isWhole = type === 'INT32' || type === 'INT64';
  switch (meaning?.kind) {
    case 'decimal':
      if (isBytes || isWhole) return (stored) => decimal(stored, meaning.scale);
      break;
    case 'date':
      if (isWhole) return (stored) => dateText(BigInt(stored as number | bigint));
      break;
    case 'time':
      if (isWhole) return (stored) => timeText(BigInt(stored as number | bigint) * meaning.unit);
      break;
    case 'timestamp':
      if (isWhole)
        return (stored) => timestampText(BigInt(stored as number | bigint) * meaning.unit, meaning.isUtc);
      break;
    case 'unsigned':
      if (type === 'INT32') return (stored) => (stored as number) >>> 0;
      if (type === 'INT64') return (stored) => numberOf(String(BigInt.asUintN(64, stored as bigint)));
      break;
    case 'json':
      if (isText) return (stored) => parseJson(textOf(stored));
      break;
    case 'uuid':
      if (isBytes) return (stored) => uuidText(stored as Uint8Array);
      break;
    case 'float16':
      if (isBytes) return (stored) => numberOf(shortFloatText(half(stored as Uint8Array), float16Of));
      break;
  }
  switch (type) {
    case 'BOOLEAN':
    case 'INT32':
      return (stored) => stored;
    case 'INT64':
      return (stored) => numberOf(String(stored));
    case 'INT96':
      return (stored) => timestampText(nanosOf96Bits(stored as Uint8Array), false);
    case 'FLOAT':
      return (stored) => numberOf(shortFloatText(stored as number, Math.fround));
    case 'DOUBLE':
      return (stored) => numberOf(floatText(stored as number));
    case 'FIXED_LEN_BYTE_ARRAY':
      return (stored) => Array.from(stored as Uint8Array);
    default:
      return textOrBytes;
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const textOf = (stored: Stored): string => decoder.decode(stored as Uint8Array);

/** Bytes that are not text, such as those of an image, stay bytes: whoever reads them as text refuses them. */
function textOrBytes(stored: Stored): string | Uint8Array {
  try {
    return textOf(stored);
  } catch {
    return (stored as Uint8Array).slice();
  }
}

const half = ([low = 0, high = 0]: Uint8Array) => float16ToFloat32(Uint16Array.of((high << 8) | low))[0]!;
const float16Of = (value: number) => float16ToFloat32(float32ToFloat16(Float32Array.of(value)))[0]!;

/** 1970-01-01 in INT96's count of days. */
const epochDay = 2440588n;

/** A time of the old 96-bit type: 8 bytes of nanoseconds within the day, and 4 for the day. */
function nanosOf96Bits(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return (BigInt(view.getInt32(8, true)) - epochDay) * nanosPerDay + view.getBigUint64(0, true);
}

/** The digits of an unscaled integer, the last `scale` of them after the decimal point. */
function decimal(value: unknown, scale: number): number | Numeral {
  const unscaled = ArrayBuffer.isView(value) ? signed(value as Uint8Array) : BigInt(value as number | bigint);
  const sign = unscaled < 0n ? '-' : '';
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  return numberOf(`${sign}${whole}${scale > 0 ? `.${digits.slice(-scale)}` : ''}`);
}

/** An integer in two's complement, its highest byte first. */
function signed(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return bytes.length === 0 ? 0n : BigInt.asIntN(8 * bytes.length, value);
}

const nanosPerDay = 86_400_000_000_000n;
const pad = (value: bigint | number, width = 2) => String(value).padStart(width, '0');

/** Python's datetime.isoformat(): no fraction if it is 0, otherwise 6 digits, or 9 if there are nanoseconds. */
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
