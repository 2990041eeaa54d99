/** @file The methods that templates may call: Python's non-mutating methods of str, dict, list and tuple. */
import { say } from '../../say.js';
import { braceFormat } from './format.js';
import {
  Callable,
  chars,
  Dict,
  isEqual,
  iterate,
  orElse,
  PythonError,
  repr,
  Sequence,
  sliceIndices,
  Tuple,
  typeName,
  type Value,
  widthOf,
} from './values.js';

const space = String.raw`[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]`;

const lineBreaks = String.raw`\n\r\v\f\x1c-\x1e\x85\u2028\u2029`;
const oneSpace = new RegExp(`^${space}$`);

/** Strips white space, or any of `characters`, from the ends of a text. */
export function strip(text: string, characters: Value | undefined, ends: 'both' | 'left' | 'right'): string {
  const list = chars(text);
  const listed = characters === undefined || characters === null ? undefined : chars(textOf(characters));
  const isStripped = (char: string) => listed?.includes(char) ?? oneSpace.test(char);
  let from = 0;
  let to = list.length;
  if (ends !== 'right') while (from < to && isStripped(list[from]!)) from++;
  if (ends !== 'left') while (to > from && isStripped(list[to - 1]!)) to--;
  return list.slice(from, to).join('');
}

export function textOf(value: Value | undefined): string {
  if (typeof value === 'string') return value;
  throw new PythonError(say`expected str, not ${value === undefined ? 'nothing' : typeName(value)}`);
}

const optional = (value: Value | undefined, otherwise: number) =>
  value === undefined || value === null ? otherwise : widthOf(value, 'an argument');

function split(text: string, separator: Value | undefined, most: number): string[] {
  if (separator === undefined || separator === null) {
    const parts: string[] = [];
    let rest = strip(text, undefined, 'left');
    while (rest !== '') {
      const found = parts.length === most ? null : new RegExp(`${space}+`).exec(rest);
      if (!found) {
        parts.push(parts.length === most ? rest : strip(rest, undefined, 'right'));
        break;
      }
      parts.push(rest.slice(0, found.index));
      rest = rest.slice(found.index + found[0].length);
    }
    return parts;
  }
  const by = textOf(separator);
  if (by === '') throw new PythonError(say`empty separator`);
  const parts = text.split(by);
  return most < 0 || parts.length <= most + 1 ? parts : [...parts.slice(0, most), parts.slice(most).join(by)];
}

function splitFromRight(text: string, separator: Value | undefined, most: number): string[] {
  if (most < 0) return split(text, separator, -1);
  if (separator === undefined || separator === null) {
    const turned = split(chars(text).reverse().join(''), undefined, most);
    return turned.map((part) => chars(part).reverse().join('')).reverse();
  }
  const by = textOf(separator);
  const parts = text.split(by);
  return parts.length <= most + 1
    ? parts
    : [parts.slice(0, parts.length - most).join(by), ...parts.slice(parts.length - most)];
}

/** Replaces the first `count` occurrences of `old`, or all if `count` is negative. */
export function replace(text: string, old: string, by: string, count = -1): string {
  if (count < 0) return text.replaceAll(old, () => by);
  if (old === '')
    return (
      chars(text)
        .map((char, i) => (i < count ? by + char : char))
        .join('') + (count > chars(text).length ? by : '')
    );
  const parts = text.split(old);
  const first = parts.slice(0, count + 1).join(by);
  return parts.length <= count + 1 ? first : [first, ...parts.slice(count + 1)].join(old);
}

export const capitalize = (text: string): string => {
  const [first = '', ...rest] = chars(text);
  return first.toUpperCase() + rest.join('').toLowerCase();
};

const startsOrEnds = (given: Value | undefined, isAt: (part: string) => boolean): boolean =>
  given instanceof Tuple ? given.items.some((part) => isAt(textOf(part))) : isAt(textOf(given));

function find(
  text: string,
  part: Value | undefined,
  bounds: readonly (Value | undefined)[],
  last: boolean,
): number {
  const list = chars(text);
  const indices = sliceIndices(
    list.length,
    bounds.map((bound) => (bound === undefined || bound === null ? undefined : optional(bound, 0))),
  );
  const from = indices[0] ?? 0;
  const within = list.slice(from, from + indices.length).join('');
  const at = last ? within.lastIndexOf(textOf(part)) : within.indexOf(textOf(part));
  return at < 0 ? -1 : from + chars(within.slice(0, at)).length;
}

/** Whether a text is not empty and all its characters match. */
const all = (pattern: RegExp) => (text: string) => pattern.test(text);
const is: Readonly<Record<string, (text: string) => boolean>> = {
  isalpha: all(/^\p{L}+$/u),
  isdigit: all(/^[\p{Nd}²³¹⁰⁴-⁹₀-₉①-⑨]+$/u),
  isdecimal: all(/^\p{Nd}+$/u),
  isnumeric: all(/^\p{N}+$/u),
  isalnum: all(/^[\p{L}\p{N}]+$/u),
  isspace: all(new RegExp(`^${space}+$`)),
  isascii: (text) => [...text].every((char) => char.codePointAt(0)! < 128),
  islower: (text) => /\p{Ll}/u.test(text) && text === text.toLowerCase(),
  isupper: (text) => /\p{Lu}/u.test(text) && text === text.toUpperCase(),
  istitle: (text) => /\p{L}/u.test(text) && text === titled(text),
  isidentifier: all(/^[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*$/u),
  isprintable: (text) => !/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(text),
};

const titled = (text: string): string => text.replace(/\p{L}+/gu, (word) => capitalize(word));

export function center(text: string, width: number, fill = ' '): string {
  const missing = Math.max(0, width - chars(text).length);
  const left = Math.floor(missing / 2) + (missing & width & 1);
  return fill.repeat(left) + text + fill.repeat(missing - left);
}

type Method<T> = (self: T, args: Value[], named: ReadonlyMap<string, Value>) => Value;

const texts: Readonly<Record<string, Method<string>>> = {
  upper: (text) => text.toUpperCase(),
  lower: (text) => text.toLowerCase(),
  casefold: (text) => text.toLowerCase().replaceAll('ß', 'ss'),
  capitalize: (text) => capitalize(text),
  title: (text) => titled(text),
  swapcase: (text) =>
    chars(text)
      .map((char) => (char === char.toUpperCase() ? char.toLowerCase() : char.toUpperCase()))
      .join(''),
  strip: (text, [characters]) => strip(text, characters, 'both'),
  lstrip: (text, [characters]) => strip(text, characters, 'left'),
  rstrip: (text, [characters]) => strip(text, characters, 'right'),
  split: (text, [by, most], named) =>
    split(text, by ?? named.get('sep'), optional(most ?? named.get('maxsplit'), -1)),
  rsplit: (text, [by, most], named) =>
    splitFromRight(text, by ?? named.get('sep'), optional(most ?? named.get('maxsplit'), -1)),
  splitlines: (text, [keeps], named) => {
    const lines =
      text.match(new RegExp(`[^${lineBreaks}]*(?:\r\n|[${lineBreaks}])|[^${lineBreaks}]+$`, 'g')) ?? [];
    const isKept = (keeps ?? named.get('keepends')) === true;
    return isKept ? lines : lines.map((line) => line.replace(new RegExp(`(?:\r\n|[${lineBreaks}])$`), ''));
  },
  startswith: (text, [part]) => startsOrEnds(part, (given) => text.startsWith(given)),
  endswith: (text, [part]) => startsOrEnds(part, (given) => text.endsWith(given)),
  replace: (text, [old, by, count], named) =>
    replace(text, textOf(old), textOf(by), optional(count ?? named.get('count'), -1)),
  find: (text, [part, ...bounds]) => BigInt(find(text, part, bounds, false)),
  rfind: (text, [part, ...bounds]) => BigInt(find(text, part, bounds, true)),
  index: (text, [part, ...bounds]) => {
    const at = find(text, part, bounds, false);
    if (at < 0) throw new PythonError(say`substring not found`);
    return BigInt(at);
  },
  count: (text, [part]) =>
    BigInt(textOf(part) === '' ? chars(text).length + 1 : text.split(textOf(part)).length - 1),
  join: (text, [items]) =>
    iterate(items!)
      .map((item, i) => {
        if (typeof item === 'string') return item;
        throw new PythonError(say`sequence item ${i}: expected str instance, ${typeName(item)} found`);
      })
      .join(text),
  format: (text, args, named) => braceFormat(text, args, named),
  zfill: (text, [width]) => {
    const sign = /^[-+]/.exec(text)?.[0] ?? '';
    return sign + text.slice(sign.length).padStart(optional(width, 0) - sign.length, '0');
  },
  center: (text, [width, fill]) => center(text, optional(width, 0), fill === undefined ? ' ' : textOf(fill)),
  ljust: (text, [width, fill]) =>
    text +
    (fill === undefined ? ' ' : textOf(fill)).repeat(Math.max(0, optional(width, 0) - chars(text).length)),
  rjust: (text, [width, fill]) =>
    (fill === undefined ? ' ' : textOf(fill)).repeat(Math.max(0, optional(width, 0) - chars(text).length)) +
    text,
  partition: (text, [by]) => {
    const at = text.indexOf(textOf(by));
    return new Tuple(at < 0 ? [text, '', ''] : [text.slice(0, at), by!, text.slice(at + textOf(by).length)]);
  },
  rpartition: (text, [by]) => {
    const at = text.lastIndexOf(textOf(by));
    return new Tuple(at < 0 ? ['', '', text] : [text.slice(0, at), by!, text.slice(at + textOf(by).length)]);
  },
  removeprefix: (text, [part]) => (text.startsWith(textOf(part)) ? text.slice(textOf(part).length) : text),
  removesuffix: (text, [part]) =>
    text.endsWith(textOf(part)) && part !== '' ? text.slice(0, -textOf(part).length) : text,
  expandtabs: (text, [size]) => {
    let column = 0;
    return chars(text)
      .map((char) => {
        if (char === '\n' || char === '\r') column = 0;
        else if (char !== '\t') column++;
        else {
          const width = optional(size, 8);
          const spaces = width > 0 ? width - (column % width) : 0;
          column += spaces;
          return ' '.repeat(spaces);
        }
        return char;
      })
      .join('');
  },
  ...Object.fromEntries(
    Object.entries(is).map(([name, test]): [string, Method<string>] => [name, (text) => test(text)]),
  ),
};

export const itemsOf = (dict: Dict): Tuple[] => dict.entries().map((entry) => new Tuple(entry));
const listed = (items: readonly Value[]) => `[${items.map(repr).join(', ')}]`;

const dicts: Readonly<Record<string, Method<Dict>>> = {
  get: (dict, [key, otherwise = null]) => orElse(dict.get(key!), () => otherwise),
  keys: (dict) => new Sequence('dict_keys', dict.keys(), `dict_keys(${listed(dict.keys())})`),
  values: (dict) => new Sequence('dict_values', dict.values(), `dict_values(${listed(dict.values())})`),
  items: (dict) => new Sequence('dict_items', itemsOf(dict), `dict_items(${listed(itemsOf(dict))})`),
  copy: (dict) => new Dict(dict.entries()),
};

const lists: Readonly<Record<string, Method<readonly Value[]>>> = {
  index: (items, [item]) => {
    const at = items.findIndex((one) => isEqual(one, item!));
    if (at < 0) throw new PythonError(say`${repr(item!)} is not in list`);
    return BigInt(at);
  },
  count: (items, [item]) => BigInt(items.filter((one) => isEqual(one, item!)).length),
  copy: (items) => [...items],
};

/** Methods that Python has and the sandbox forbids. */
const changing = new Set(
  'append extend insert pop remove clear reverse sort update setdefault popitem add discard'.split(' '),
);

/** The method `name` of a value, or undefined if it has none. */
export function methodOf(self: Value, name: string): Callable | undefined {
  const bind = <T>(methods: Readonly<Record<string, Method<T>>>, value: T) =>
    Object.hasOwn(methods, name)
      ? new Callable(name, (args, named) => methods[name]!(value, args, named))
      : undefined;
  if (typeof self === 'string') return bind(texts, self);
  if (self instanceof Dict || Array.isArray(self)) {
    if (
      changing.has(name) &&
      !(
        self instanceof Dict &&
        ['append', 'extend', 'insert', 'remove', 'reverse', 'sort', 'add', 'discard'].includes(name)
      )
    )
      return new Callable(name, () => {
        throw new PythonError(say`access to attribute '${name}' of '${typeName(self)}' object is unsafe.`);
      });
    return self instanceof Dict ? bind(dicts, self) : bind(lists, self);
  }
  return self instanceof Tuple ? bind(lists, self.items) : undefined;
}
