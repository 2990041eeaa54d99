/** @file How Jinja looks up `x.name` and `x[index]`. */
import { say } from '../../say.js';
import { methodOf } from './methods.js';
import {
  Callable,
  chars,
  Dict,
  integerOf,
  iterate,
  Namespace,
  numberOrUndefined,
  orElse,
  PythonError,
  repr,
  Sequence,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from './values.js';

/** `x.name`: attributes and methods take precedence over keys. */
export function attributeOf(value: Value, name: string): Value {
  if (value instanceof Undefined) throw new PythonError(value.message);
  if (name.startsWith('__'))
    throw new PythonError(say`access to attribute '${name}' of '${typeName(value)}' object is unsafe.`);
  const own = ownAttribute(value, name);
  if (own !== undefined) return own;
  const key = value instanceof Dict ? value.get(name) : undefined;
  return orElse(key, () => new Undefined(say`'${typeName(value)} object' has no attribute '${name}'`));
}

function ownAttribute(value: Value, name: string): Value | undefined {
  if (value instanceof Namespace) return value.values.get(name);
  if (value instanceof Callable)
    return Object.hasOwn(value.attributes, name) ? value.attributes[name]!() : undefined;
  return methodOf(value, name);
}

/** `x[index]`: keys and items take precedence over attributes. */
export function itemOf(value: Value, index: Value): Value {
  if (value instanceof Undefined) throw new PythonError(value.message);
  if (index instanceof Undefined) return new Undefined(index.message);
  if (value instanceof Dict) {
    const found = value.get(index);
    if (found !== undefined) return found;
  } else {
    const list = listOf(value);
    const number = numberOrUndefined(index);
    if (list && typeof number === 'bigint') {
      const at = integerOf(number, 'an index');
      const found = list[at < 0 ? at + list.length : at];
      return orElse(found, () => new Undefined(say`${typeName(value)} object has no element ${at}`));
    }
  }
  const own = typeof index === 'string' ? ownAttribute(value, index) : undefined;
  return orElse(own, () => new Undefined(say`'${typeName(value)} object' has no attribute ${repr(index)}`));
}

/** The items of a value that can be indexed by number, such as a list; undefined for others. */
export function listOf(value: Value): readonly Value[] | undefined {
  if (typeof value === 'string') return chars(value);
  if (Array.isArray(value) || value instanceof Tuple) return iterate(value);
  return value instanceof Sequence && value.kind === 'range' ? value.items : undefined;
}

/** Follows a path of names and numbers, as in map(attribute='a.0.b'). */
export function pathOf(value: Value, path: Value): Value {
  if (typeof path !== 'string') return itemOf(value, path);
  return path
    .split('.')
    .reduce<Value>((at, part) => itemOf(at, /^\d+$/.test(part) ? BigInt(part) : part), value);
}
