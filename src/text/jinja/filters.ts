/** @file Jinja's filters, as in `x | join(', ')`. Unknown filters are refused when the template is parsed. */
import { say } from '../../say.js';
import { attributeOf, pathOf } from './attributes.js';
import { fixed, percentFormat } from './format.js';
import { capitalize, center, itemsOf, replace, strip } from './methods.js';
import { testNamed, truth } from './tests.js';
import {
  calculate,
  chars,
  Dict,
  generator,
  integerOf,
  isEqual,
  isTrue,
  iterate,
  lengthOf,
  numberOrUndefined,
  order,
  orElse,
  PythonError,
  Sequence,
  str,
  Tuple,
  toJson,
  typeName,
  Undefined,
  type Value,
  widthOf,
} from './values.js';

/** The arguments of a filter, by position or name. */
class FilterArguments {
  constructor(
    readonly positional: readonly Value[],
    readonly named: ReadonlyMap<string, Value>,
  ) {}
  get(place: number, name: string): Value | undefined {
    return place < this.positional.length ? this.positional[place] : this.named.get(name);
  }
  integer(place: number, name: string, otherwise: number): number {
    const value = this.get(place, name);
    return value === undefined ? otherwise : integerOf(value, name);
  }
  text(place: number, name: string, otherwise: string): string {
    const value = this.get(place, name);
    return value === undefined ? otherwise : str(value);
  }
  isTrue(place: number, name: string): boolean {
    return isTrue(this.get(place, name) ?? false);
  }
}

type Filter = (value: Value, args: FilterArguments) => Value;

/** Applies a filter by name. */
export function applyFilter(
  name: string,
  value: Value,
  args: readonly Value[],
  named: ReadonlyMap<string, Value>,
): Value {
  if (!Object.hasOwn(filters, name)) throw new PythonError(say`No filter named '${name}'.`);
  return filters[name]!(value, new FilterArguments(args, named));
}

/** The sort key of an item: its attribute; case is ignored unless `caseSensitive` is set. */
function keyOf(
  args: FilterArguments,
  [casePlace, attributePlace]: readonly [number, number],
): (value: Value) => Value {
  const attribute = args.get(attributePlace, 'attribute') ?? null;
  const isSensitive = args.isTrue(casePlace, 'case_sensitive');
  return (value) => {
    const key = attribute === null ? value : pathOf(value, attribute);
    return typeof key === 'string' && !isSensitive ? key.toLowerCase() : key;
  };
}

function sorted(items: readonly Value[], key: (value: Value) => Value, isReverse: boolean): Value[] {
  const keyed = items.map((item) => ({ item, key: key(item) }));
  keyed.sort((a, b) => (isReverse ? order(b.key, a.key) : order(a.key, b.key)));
  return keyed.map(({ item }) => item);
}

const extreme =
  (sign: 1 | -1): Filter =>
  (value, args) => {
    const key = keyOf(args, [0, 1]);
    const [first, ...rest] = iterate(value);
    if (first === undefined) return new Undefined(say`No aggregated item, sequence was empty.`);
    return rest.reduce((best, item) => (sign * order(key(item), key(best)) > 0 ? item : best), first);
  };

/** select, reject and their attribute forms: keeps the items that pass a test, or those that fail it. */
const choosing =
  (expected: boolean, byAttribute: boolean): Filter =>
  (value, { positional }) => {
    const path = byAttribute ? positional[0] : undefined;
    const [name, ...rest] = byAttribute ? positional.slice(1) : positional;
    if (byAttribute && path === undefined) throw new PythonError(say`Missing parameter for attribute name`);
    const test = name === undefined ? truth : testNamed(str(name));
    return generator(
      iterate(value).filter(
        (item) => test(path === undefined ? item : pathOf(item, path), ...rest) === expected,
      ),
    );
  };

function mapped(value: Value, args: FilterArguments): Value {
  const items = iterate(value);
  const attribute = args.named.get('attribute');
  if (args.positional.length === 0 && attribute !== undefined) {
    const otherwise = args.named.get('default');
    return generator(
      items.map((item) => {
        const found = pathOf(item, attribute);
        return found instanceof Undefined && otherwise !== undefined ? otherwise : found;
      }),
    );
  }
  const [name, ...rest] = args.positional;
  if (name === undefined) throw new PythonError(say`map requires a filter argument`);
  return generator(items.map((item) => applyFilter(str(name), item, rest, args.named)));
}

function rounded(value: Value, args: FilterArguments): Value {
  const precision = args.integer(0, 'precision', 0);
  const method = args.text(1, 'method', 'common');
  const number = numberOrUndefined(value);
  if (number === undefined)
    throw new PythonError(say`type ${typeName(value)} doesn't define __round__ method`);
  if (method === 'ceil' || method === 'floor')
    return Math[method](Number(number) * 10 ** precision) / 10 ** precision;
  if (method !== 'common') throw new PythonError(say`method must be common, ceil or floor`);
  if (precision >= 0) return typeof number === 'bigint' ? number : Number(fixed(number, precision));
  const unit = 10 ** -precision;
  const shorter = Number(fixed(Number(number) / unit, 0)) * unit;
  return typeof number === 'bigint' ? BigInt(shorter) : shorter;
}

function integer(value: Value, args: FilterArguments): Value {
  const otherwise = orElse(args.get(0, 'default'), () => 0n);
  const base = args.integer(1, 'base', 10);
  const number = numberOrUndefined(value);
  if (typeof number === 'bigint') return number;
  if (typeof number === 'number') return Number.isFinite(number) ? BigInt(Math.trunc(number)) : otherwise;
  if (typeof value !== 'string') return otherwise;
  const text = strip(value, undefined, 'both').replace(/(?<=\d)_(?=\d)/g, '');
  const prefix = { 16: /^([-+]?)(?:0[xX])?/, 8: /^([-+]?)(?:0[oO])?/, 2: /^([-+]?)(?:0[bB])?/ }[base];
  const digits = prefix ? text.replace(prefix, '$1') : text;
  const isWhole = base === 10 ? /^[-+]?\d+$/.test(digits) : !Number.isNaN(Number.parseInt(digits, base));
  if (isWhole) return base === 10 ? BigInt(digits.replace(/^\+/, '')) : BigInt(Number.parseInt(digits, base));
  const float = floatOf(text);
  return float === undefined || !Number.isFinite(float) ? otherwise : BigInt(Math.trunc(float));
}

function floatOf(text: string): number | undefined {
  const digits = strip(text, undefined, 'both').replace(/(?<=\d)_(?=\d)/g, '');
  if (/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(digits)) return Number(digits);
  const word = /^([-+]?)(inf(?:inity)?|nan)$/i.exec(digits);
  if (!word) return undefined;
  return word[2]!.toLowerCase() === 'nan'
    ? Number.NaN
    : word[1] === '-'
      ? Number.NEGATIVE_INFINITY
      : Number.POSITIVE_INFINITY;
}

function indented(value: Value, args: FilterArguments): string {
  const width = args.get(0, 'width') ?? 4n;
  const by = typeof width === 'string' ? width : ' '.repeat(widthOf(width, 'width'));
  const isFirst = args.isTrue(1, 'first');
  const isBlank = args.isTrue(2, 'blank');
  const lines = `${str(value)}\n`.split(/\r\n|[\n\r]/).slice(0, -1);
  const [first = '', ...rest] = lines;
  const others = rest.map((line) => (line === '' && !isBlank ? line : by + line));
  return (isFirst ? by : '') + [first, ...others].join('\n');
}

function truncated(value: Value, args: FilterArguments): Value {
  const length = args.integer(0, 'length', 255);
  const end = args.text(2, 'end', '...');
  if (lengthOf(value) <= length + args.integer(3, 'leeway', 5)) return value;
  if (typeof value !== 'string') throw new PythonError(say`a ${typeName(value)} cannot be truncated`);
  const list = chars(value);
  const kept = list.slice(0, length - chars(end).length).join('');
  if (args.isTrue(1, 'killwords')) return kept + end;
  const space = kept.lastIndexOf(' ');
  return (space < 0 ? kept : kept.slice(0, space)) + end;
}

function grouped(value: Value, args: FilterArguments): Value {
  const attribute = args.get(0, 'attribute')!;
  const otherwise = args.get(1, 'default');
  const isSensitive = args.isTrue(2, 'case_sensitive');
  const raw = (item: Value) => {
    const found = pathOf(item, attribute);
    return found instanceof Undefined && otherwise !== undefined ? otherwise : found;
  };
  const key = (item: Value) => {
    const found = raw(item);
    return typeof found === 'string' && !isSensitive ? found.toLowerCase() : found;
  };
  const groups: { key: Value; items: Value[] }[] = [];
  for (const item of sorted(iterate(value), key, false)) {
    const last = groups.at(-1);
    if (last && isEqual(key(last.items[0]!), key(item))) last.items.push(item);
    else groups.push({ key: raw(item), items: [item] });
  }
  return groups.map((group) => new Tuple([group.key, group.items]));
}

function batched(value: Value, args: FilterArguments): Value {
  const size = args.integer(0, 'linecount', 1);
  const fill = args.get(1, 'fill_with');
  const items = iterate(value);
  const batches: Value[][] = [];
  for (let at = 0; at < items.length; at += size) batches.push(items.slice(at, at + size));
  const last = batches.at(-1);
  if (last && fill !== undefined && fill !== null) while (last.length < size) last.push(fill);
  return generator(batches);
}

function sliced(value: Value, args: FilterArguments): Value {
  const count = args.integer(0, 'slices', 1);
  const fill = args.get(1, 'fill_with');
  const items = iterate(value);
  const [size, longer] = [Math.floor(items.length / count), items.length % count];
  let at = 0;
  return generator(
    Array.from({ length: count }, (_, i) => {
      const part = items.slice(at, at + size + (i < longer ? 1 : 0));
      at += part.length;
      return fill !== undefined && fill !== null && i >= longer ? [...part, fill] : part;
    }),
  );
}

function reversed(value: Value): Value {
  if (typeof value === 'string') return chars(value).reverse().join('');
  return generator([...iterate(value)].reverse());
}

function json(value: Value, args: FilterArguments): string {
  if (args.positional.length > 4) throw new PythonError(say`tojson: too many arguments`);
  const indent = args.get(1, 'indent') ?? null;
  const separators = args.get(2, 'separators') ?? null;
  return toJson(value, {
    ensureAscii: args.isTrue(0, 'ensure_ascii'),
    ...(indent !== null && {
      indent: typeof indent === 'string' ? indent : ' '.repeat(Math.max(0, widthOf(indent, 'indent'))),
    }),
    ...(separators !== null && { separators: iterate(separators).map(str) as [string, string] }),
    sortKeys: args.isTrue(3, 'sort_keys'),
  });
}

const html: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&#39;',
  '"': '&#34;',
};
const length: Filter = (value) => BigInt(lengthOf(value));
const byDefault: Filter = (value, args) => {
  const isMissing = value instanceof Undefined || (args.isTrue(1, 'boolean') && !isTrue(value));
  return isMissing ? orElse(args.get(0, 'default_value'), () => '') : value;
};
const listFrom: Filter = (value) => [...iterate(value)];
const escaped: Filter = (value) => str(value).replace(/[&<>'"]/g, (char) => html[char]!);

export const filters: Readonly<Record<string, Filter>> = {
  abs: (value) => {
    const number = numberOrUndefined(value);
    if (number === undefined) throw new PythonError(say`bad operand type for abs(): '${typeName(value)}'`);
    return number < 0 ? -number : number;
  },
  attr: (value, args) => attributeOf(value instanceof Dict ? new Dict() : value, args.text(0, 'name', '')),
  batch: batched,
  capitalize: (value) => capitalize(str(value)),
  center: (value, args) => center(str(value), widthOf(BigInt(args.integer(0, 'width', 80)), 'width')),
  count: length,
  d: byDefault,
  default: byDefault,
  dictsort: (value, args) => {
    if (!(value instanceof Dict))
      throw new PythonError(say`dictsort: expected a dict, not ${typeName(value)}`);
    const at = args.text(1, 'by', 'key') === 'value' ? 1 : 0;
    const isSensitive = args.isTrue(0, 'case_sensitive');
    const key = (item: Value) => {
      const found = (item as Tuple).items[at]!;
      return typeof found === 'string' && !isSensitive ? found.toLowerCase() : found;
    };
    return sorted(itemsOf(value), key, args.isTrue(2, 'reverse'));
  },
  e: escaped,
  escape: escaped,
  first: (value) => orElse(iterate(value)[0], () => new Undefined(say`No first item, sequence was empty.`)),
  float: (value, args) => {
    const number = numberOrUndefined(value);
    if (number !== undefined) return Number(number);
    const float = typeof value === 'string' ? floatOf(value) : undefined;
    return float ?? orElse(args.get(0, 'default'), () => 0);
  },
  format: (value, args) => {
    if (args.named.size > 0) return percentFormat(str(value), new Dict(args.named));
    return percentFormat(str(value), new Tuple(args.positional));
  },
  groupby: grouped,
  indent: indented,
  int: integer,
  items: (value) => {
    if (value instanceof Undefined) return generator([]);
    if (value instanceof Dict) return generator(itemsOf(value));
    throw new PythonError(say`Can only get item pairs from a mapping.`);
  },
  join: (value, args) => {
    const attribute = args.get(1, 'attribute') ?? null;
    return iterate(value)
      .map((item) => str(attribute === null ? item : pathOf(item, attribute)))
      .join(args.text(0, 'd', ''));
  },
  last: (value) => {
    if (value instanceof Sequence && value.kind === 'generator')
      throw new PythonError(say`'generator' object is not reversible`);
    return orElse(iterate(value).at(-1), () => new Undefined(say`No last item, sequence was empty.`));
  },
  length,
  list: listFrom,
  lower: (value) => str(value).toLowerCase(),
  map: mapped,
  max: extreme(1),
  min: extreme(-1),
  reject: choosing(false, false),
  rejectattr: choosing(false, true),
  replace: (value, args) =>
    replace(
      str(value),
      args.text(0, 'old', ''),
      args.text(1, 'new', ''),
      args.get(2, 'count') == null ? -1 : args.integer(2, 'count', -1),
    ),
  reverse: reversed,
  round: rounded,
  safe: (value) => str(value),
  select: choosing(true, false),
  selectattr: choosing(true, true),
  slice: sliced,
  sort: (value, args) => sorted(iterate(value), keyOf(args, [1, 2]), args.isTrue(0, 'reverse')),
  string: (value) => str(value),
  sum: (value, args) => {
    const attribute = args.get(0, 'attribute') ?? null;
    const items = iterate(value).map((item) => (attribute === null ? item : pathOf(item, attribute)));
    return items.reduce((sum, item) => calculate('+', sum, item), args.get(1, 'start') ?? 0n);
  },
  title: (value) =>
    str(value)
      .split(/([-\s({[<]+)/)
      .map((part) => capitalize(part))
      .join(''),
  tojson: json,
  trim: (value, args) => strip(str(value), args.get(0, 'chars'), 'both'),
  truncate: truncated,
  unique: (value, args) => {
    const key = keyOf(args, [0, 1]);
    const seen = new Dict();
    return generator(
      iterate(value).filter((item) => {
        const found = key(item);
        if (seen.has(found)) return false;
        seen.set(found, true);
        return true;
      }),
    );
  },
  upper: (value) => str(value).toUpperCase(),
  urlencode: (value) => {
    const encoded = (part: Value) =>
      encodeURIComponent(str(part)).replace(
        /[!'()*]/g,
        (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
      );
    if (typeof value === 'string') return encoded(value).replaceAll('%2F', '/');
    const pairs = value instanceof Dict ? value.entries() : iterate(value).map((pair) => iterate(pair));
    return pairs.map((pair) => pair.map((part) => encoded(part).replaceAll('%20', '+')).join('=')).join('&');
  },
  wordcount: (value) => BigInt(str(value).match(/[\p{L}\p{N}_\p{Mn}]+/gu)?.length ?? 0),
};
