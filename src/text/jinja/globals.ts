/** @file The functions that templates can call by name. */
import { say } from '../../say.js';
import { strftime } from './format.js';
import {
  Callable,
  Dict,
  integerOf,
  iterate,
  Namespace,
  PythonError,
  Sequence,
  str,
  type Value,
} from './values.js';

/** The global names that Jinja and transformers define. */
export const globalNames = [
  'range',
  'dict',
  'namespace',
  'cycler',
  'joiner',
  'raise_exception',
  'strftime_now',
] as const;

/** The limit of Jinja's sandbox. */
const maxRange = 100_000;

export const globals: Readonly<Record<(typeof globalNames)[number], Callable>> = {
  range: new Callable('range', (args) => {
    const numbers = args.map((arg) => integerOf(arg, 'range'));
    const [start, stop, step] =
      numbers.length === 1 ? [0, numbers[0]!, 1] : [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 1];
    if (step === 0) throw new PythonError(say`range() arg 3 must not be zero`);
    const length = Math.max(0, Math.ceil((stop - start) / step));
    if (length > maxRange)
      throw new PythonError(
        say`Range too big. The sandbox blocks ranges larger than MAX_RANGE (${maxRange}).`,
      );
    const text = `range(${start}, ${stop}${step === 1 ? '' : `, ${step}`})`;
    return new Sequence(
      'range',
      Array.from({ length }, (_, i) => BigInt(start + i * step)),
      text,
    );
  }),
  dict: new Callable('dict', ([from], named) => {
    const entries =
      from instanceof Dict
        ? from.entries()
        : from === undefined
          ? []
          : iterate(from).map((pair) => iterate(pair) as [Value, Value]);
    return new Dict([...entries, ...named]);
  }),
  namespace: new Callable('namespace', ([from], named) => {
    const made = new Namespace();
    for (const [key, value] of from instanceof Dict ? from.entries() : []) made.values.set(str(key), value);
    for (const [key, value] of named) made.values.set(key, value);
    return made;
  }),
  cycler: new Callable('cycler', (items) => {
    let at = 0;
    const next = new Callable('next', () => items[at++ % items.length]!);
    const reset = new Callable('reset', () => {
      at = 0;
      return null;
    });
    return new Callable('cycler', next.call, {
      next: () => next,
      reset: () => reset,
      current: () => items[at % items.length]!,
    });
  }),
  joiner: new Callable('joiner', ([separator = ', ']) => {
    let isUsed = false;
    return new Callable('joiner', () => {
      const said = isUsed ? separator : '';
      isUsed = true;
      return said;
    });
  }),
  raise_exception: new Callable('raise_exception', ([message = '']) => {
    throw new PythonError(str(message));
  }),
  strftime_now: new Callable('strftime_now', ([format = '']) => strftime(new Date(), str(format))),
};
