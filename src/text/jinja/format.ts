/** @file Python's string formatting: `'%5.2f' % x`, `'{:>8}'.format(x)`, and rounding. */

import { floatText } from '../../formats/numeral.js';
import { say } from '../../say.js';
import {
  Dict,
  numberOrUndefined,
  PythonError,
  repr,
  str,
  Tuple,
  typeName,
  type Value,
  widthOf,
} from './values.js';

/** A number with `places` decimals. Halves round to the even digit, as in Python. */
export function fixed(value: number, places: number): string {
  if (!Number.isFinite(value)) return floatText(value);
  const text = value.toFixed(places); // of two equally near numbers, JavaScript takes the larger
  if (places > 20 || Math.abs(value) >= 1e21) return text;
  const unit = 10 ** -places;
  const isTie =
    places <= 15 &&
    Math.abs(Math.abs(value) * 2 * 10 ** places) % 2 === 1 &&
    Number.isInteger(Math.abs(value) * 2 ** (places + 1));
  if (!isTie || Number(text.at(-1)) % 2 === 0) return text;
  return (Number(text) - Math.sign(value) * unit).toFixed(places);
}

/** Python's `'…' % values`. */
export function percentFormat(text: string, value: Value): string {
  const values = value instanceof Tuple ? [...value.items] : [value];
  let used = 0;
  const written = text.replace(
    /%(?:\(([^)]*)\))?([-+ 0#]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g,
    (_, key: string | undefined, flags: string, width = '0', precision: string | undefined, kind: string) => {
      if (kind === '%') return '%';
      if (key === undefined && used >= values.length)
        throw new PythonError(say`not enough arguments for format string`);
      const given = key === undefined ? values[used++]! : value instanceof Dict ? value.get(key) : undefined;
      if (given === undefined) throw new PythonError(`KeyError: '${key}'`);
      const isNumber = /[difFeEgGxX]/.test(kind);
      if (isNumber && numberOrUndefined(given) === undefined)
        throw new PythonError(say`%${kind} format: a real number is required, not ${typeName(given)}`);
      let said = kind === 's' ? str(given) : kind === 'r' ? repr(given) : '';
      if (!isNumber && kind !== 's' && kind !== 'r')
        throw new PythonError(say`unsupported format character '${kind}'`);
      if (isNumber) said = numberAs(numberOrUndefined(given)!, kind, precision);
      else if (precision !== undefined) said = said.slice(0, Number(precision));
      if (isNumber && flags.includes('+') && !said.startsWith('-')) said = `+${said}`;
      else if (isNumber && flags.includes(' ') && !said.startsWith('-')) said = ` ${said}`;
      const length = widthOf(BigInt(width), 'width');
      if (flags.includes('-')) return said.padEnd(length);
      if (!flags.includes('0') || !isNumber) return said.padStart(length);
      const sign = /^[-+ ]/.exec(said)?.[0] ?? '';
      return sign + said.slice(sign.length).padStart(length - sign.length, '0');
    },
  );
  if (used < values.length && !(value instanceof Dict))
    throw new PythonError(say`not all arguments converted during string formatting`);
  return written;
}

function numberAs(value: bigint | number, kind: string, precision?: string): string {
  const number = Number(value);
  switch (kind) {
    case 'd':
    case 'i':
      return String(typeof value === 'bigint' ? value : BigInt(Math.trunc(value)));
    case 'f':
    case 'F':
      return fixed(number, Number(precision ?? 6));
    case 'e':
    case 'E': {
      const text = number.toExponential(Number(precision ?? 6)).replace(/e([+-])(\d)$/, 'e$10$2');
      return kind === 'E' ? text.toUpperCase() : text;
    }
    case 'x':
      return BigInt(value).toString(16);
    case 'X':
      return BigInt(value).toString(16).toUpperCase();
    default: {
      const digits = Math.max(1, Number(precision ?? 6));
      const exponent = number === 0 ? 0 : Number(number.toExponential(digits - 1).split('e')[1]);
      if (exponent < -4 || exponent >= digits)
        return number
          .toExponential(digits - 1)
          .replace(/\.?0+e/, 'e')
          .replace(/e([+-])(\d)$/, 'e$10$2');
      const text = number.toFixed(Math.max(0, digits - 1 - exponent));
      return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
    }
  }
}

/** Python's `'…'.format(…)`. */
export function braceFormat(text: string, args: readonly Value[], named: ReadonlyMap<string, Value>): string {
  let next = 0;
  return text.replace(
    /\{\{|\}\}|\{([^{}!:]*)(?:!([rs]))?(?::([^{}]*))?\}|[{}]/g,
    (whole, field, conversion, spec) => {
      if (whole === '{{' || whole === '}}') return whole[0]!;
      if (field === undefined) throw new PythonError(say`Single '${whole}' encountered in format string`);
      const [, first = '', rest] = /^([^.[]*)(.*)$/.exec(field)!;
      if (rest) throw new PythonError(say`fields of values are not supported in format()`);
      const value =
        first === '' ? args[next++] : /^\d+$/.test(first) ? args[Number(first)] : named.get(first);
      if (value === undefined)
        throw new PythonError(say`Replacement index out of range for positional args tuple`);
      return withSpec(conversion === 'r' ? repr(value) : conversion === 's' ? str(value) : value, spec ?? '');
    },
  );
}

function withSpec(value: Value, spec: string): string {
  const match = /^(?:(.)?([<>=^]))?([-+ ])?(0)?(\d+)?([,_])?(?:\.(\d+))?([sdfFeEgGxX%])?$/su.exec(spec);
  if (!match) throw new PythonError(say`the format ${JSON.stringify(spec)} is not supported`);
  const [, fill, align, sign, zero, width, group, precision, kind] = match;
  const number = typeof value === 'boolean' && kind === undefined ? undefined : numberOrUndefined(value);
  if (spec === '') return str(value);
  let text: string;
  if (number === undefined) {
    if (kind !== undefined && kind !== 's')
      throw new PythonError(say`Unknown format code '${kind}' for object of type '${typeName(value)}'`);
    text = str(value);
    if (precision !== undefined) text = text.slice(0, Number(precision));
  } else {
    const shown = kind === '%' ? `${fixed(Number(number) * 100, Number(precision ?? 6))}%` : undefined;
    const asIs = precision === undefined ? str(value) : numberAs(number, 'g', precision);
    text = shown ?? (kind === undefined ? asIs : numberAs(number, kind, precision));
    if (group) text = text.replace(/^-?\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, group));
    if ((sign === '+' || sign === ' ') && !text.startsWith('-')) text = sign + text;
  }
  const missing = widthOf(BigInt(width ?? 0), 'width') - [...text].length;
  if (missing <= 0) return text;
  const pad = (fill ?? (zero && !align ? '0' : ' ')).repeat(missing);
  const side = align ?? (number === undefined ? '<' : zero ? '=' : '>');
  if (side === '<') return text + pad;
  if (side === '>') return pad + text;
  if (side === '^') {
    const left = Math.floor(missing / 2);
    return [...pad].slice(0, left).join('') + text + [...pad].slice(left).join('');
  }
  const mark = /^[-+ ]/.exec(text)?.[0] ?? '';
  return mark + pad + text.slice(mark.length);
}

/** Python's datetime.strftime, with the directives that templates use. */
export function strftime(date: Date, format: string): string {
  const pad = (value: number, width = 2) => String(value).padStart(width, '0');
  const named = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-US', options).format(date);
  const hour = date.getHours() % 12 || 12;
  const start = new Date(date.getFullYear(), 0, 1);
  const day =
    Math.round(
      (new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime() - start.getTime()) /
        86_400_000,
    ) + 1;
  const directives: Readonly<Record<string, () => string>> = {
    Y: () => pad(date.getFullYear(), 4),
    y: () => pad(date.getFullYear() % 100),
    m: () => pad(date.getMonth() + 1),
    d: () => pad(date.getDate()),
    e: () => String(date.getDate()).padStart(2),
    H: () => pad(date.getHours()),
    I: () => pad(hour),
    M: () => pad(date.getMinutes()),
    S: () => pad(date.getSeconds()),
    f: () => pad(date.getMilliseconds() * 1000, 6),
    p: () => (date.getHours() < 12 ? 'AM' : 'PM'),
    B: () => named({ month: 'long' }),
    b: () => named({ month: 'short' }),
    h: () => named({ month: 'short' }),
    A: () => named({ weekday: 'long' }),
    a: () => named({ weekday: 'short' }),
    j: () => pad(day, 3),
    u: () => String(date.getDay() || 7),
    w: () => String(date.getDay()),
    F: () => strftime(date, '%Y-%m-%d'),
    T: () => strftime(date, '%H:%M:%S'),
    R: () => strftime(date, '%H:%M'),
    D: () => strftime(date, '%m/%d/%y'),
    n: () => '\n',
    t: () => '\t',
    '%': () => '%',
  };
  return format.replace(/%(-?)(.)/gs, (_, isBare: string, directive: string) => {
    const write = directives[directive];
    if (!write) throw new PythonError(say`strftime_now: the directive %${directive} is not supported`);
    return isBare ? write().replace(/^[0 ]+(?=.)/, '') : write();
  });
}
