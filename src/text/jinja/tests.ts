/** @file Jinja's tests, as in `x is defined`. */
import { say } from '../../say.js';
import {
  Callable,
  calculate,
  contains,
  Dict,
  isEqual,
  isTrue,
  order,
  PythonError,
  Sequence,
  str,
  Tuple,
  Undefined,
  type Value,
} from './values.js';

type Test = (value: Value, ...args: Value[]) => boolean;

const isFloat = (value: Value) =>
  typeof value === 'number' ||
  (typeof value === 'object' &&
    value !== null &&
    'text' in value &&
    !(value instanceof Sequence) &&
    !/^-?\d+$/.test(value.text));
const isInteger = (value: Value) =>
  typeof value === 'bigint' ||
  (typeof value === 'object' &&
    value !== null &&
    'text' in value &&
    !(value instanceof Sequence) &&
    /^-?\d+$/.test(value.text));
const isIterable = (value: Value) =>
  typeof value === 'string' ||
  Array.isArray(value) ||
  value instanceof Tuple ||
  value instanceof Dict ||
  value instanceof Sequence ||
  value instanceof Undefined;
const remainder = (value: Value, by: Value) => calculate('%', value, by);
const equal: Test = (a, b) => isEqual(a, b!);
const different: Test = (a, b) => !isEqual(a, b!);
const greater: Test = (a, b) => order(a, b!, '>') > 0;
const less: Test = (a, b) => order(a, b!, '<') < 0;

export const tests: Readonly<Record<string, Test>> = {
  defined: (value) => !(value instanceof Undefined),
  undefined: (value) => value instanceof Undefined,
  none: (value) => value === null,
  boolean: (value) => typeof value === 'boolean',
  true: (value) => value === true,
  false: (value) => value === false,
  integer: isInteger,
  float: isFloat,
  number: (value) => typeof value === 'boolean' || isInteger(value) || isFloat(value),
  string: (value) => typeof value === 'string',
  mapping: (value) => value instanceof Dict,
  sequence: (value) => isIterable(value) && !(value instanceof Sequence && value.kind !== 'range'),
  iterable: isIterable,
  callable: (value) => value instanceof Callable || value instanceof Undefined,
  odd: (value) => isEqual(remainder(value, 2n), 1n),
  even: (value) => isEqual(remainder(value, 2n), 0n),
  divisibleby: (value, by) => isEqual(remainder(value, by!), 0n),
  lower: (value) => /\p{Ll}/u.test(str(value)) && str(value) === str(value).toLowerCase(),
  upper: (value) => /\p{Lu}/u.test(str(value)) && str(value) === str(value).toUpperCase(),
  in: (value, container) => contains(container!, value),
  sameas: (value, other) =>
    Array.isArray(value) || value instanceof Dict
      ? value === other
      : typeof value === typeof other && isEqual(value, other!),
  eq: equal,
  equalto: equal,
  '==': equal,
  ne: different,
  '!=': different,
  gt: greater,
  greaterthan: greater,
  '>': greater,
  ge: (a, b) => order(a, b!, '>=') >= 0,
  '>=': (a, b) => order(a, b!, '>=') >= 0,
  lt: less,
  lessthan: less,
  '<': less,
  le: (a, b) => order(a, b!, '<=') <= 0,
  '<=': (a, b) => order(a, b!, '<=') <= 0,
};

/** The test named by an argument of a filter such as `select`. */
export function testNamed(name: string): Test {
  if (Object.hasOwn(tests, name)) return tests[name]!;
  throw new PythonError(say`No test named '${name}'.`);
}

export const truth: Test = (value) => isTrue(value);
