/**
 * @file Numbers in JSON texts, and numbers between two bounds. Their spellings are limited, so that a model that cannot
 *   stop writing digits has to.
 */
import type { Network, Piece, State } from './network.js';

/** Integers with this many digits are exact in JavaScript. */
const maxDigits = 15;

export interface Bounds {
  readonly minimum?: number;
  readonly maximum?: number;
  /** Whether the bounds themselves are excluded. */
  readonly isAbove?: boolean;
  readonly isBelow?: boolean;
}

const digit = (net: Network, from = 0, to = 9) => net.range(0x30 + from, 0x30 + to);

function wholePart(net: Network): Piece {
  const others = net.sequence(digit(net, 1), net.repeat(digit(net), 0, maxDigits - 1));
  return net.sequence(net.optional(net.literal('-')), net.choice(digit(net, 0, 0), others));
}

export function anyInteger(net: Network): Piece {
  return wholePart(net);
}

export function anyNumber(net: Network): Piece {
  const fraction = net.sequence(net.literal('.'), net.repeat(digit(net), 1, maxDigits));
  const mark = net.choice(net.literal('e'), net.literal('E'));
  const sign = net.optional(net.choice(net.literal('+'), net.literal('-')));
  const exponent = net.sequence(mark, sign, net.repeat(digit(net), 1, 2));
  return net.sequence(wholePart(net), net.optional(fraction), net.optional(exponent));
}

/** Numbers between bounds, without exponents. */
export function numberBetween(net: Network, bounds: Bounds, isInteger: boolean): Piece {
  const { minimum = -Infinity, maximum = Infinity, isAbove = false, isBelow = false } = bounds;
  const pieces: Piece[] = [];
  if (maximum >= 0)
    pieces.push(
      magnitude(net, {
        low: { value: Math.max(0, minimum), isOut: isAbove && minimum >= 0 },
        high: { value: maximum, isOut: isBelow },
        isInteger,
      }),
    );
  if (minimum < 0)
    pieces.push(
      net.sequence(
        net.literal('-'),
        magnitude(net, {
          low: { value: Math.max(0, -maximum), isOut: isBelow && maximum <= 0 },
          high: { value: -minimum, isOut: isAbove },
          isInteger,
        }),
      ),
    );
  return net.choice(...pieces);
}

interface Bound {
  readonly value: number;
  readonly isOut: boolean;
}

interface Span {
  readonly low: Bound;
  readonly high: Bound;
  readonly isInteger: boolean;
}

/** Non-negative numbers, by their number of digits before the decimal point. */
function magnitude(net: Network, { low, high, isInteger }: Span): Piece {
  const [least, most] = [digitsOf(low.value), digitsOf(high.value)];
  const pieces: Piece[] = [];
  const last = most?.whole.length ?? Math.max(maxDigits, least!.whole.length + 1);
  for (let count = least!.whole.length; count <= last; count++) {
    const own = (digits: Digits | undefined) => (digits?.whole.length === count ? digits : undefined);
    const bounds = { low: own(least), high: own(most) };
    pieces.push(digits(net, count, bounds, { lowIsOut: low.isOut, highIsOut: high.isOut, isInteger }));
  }
  return net.choice(...pieces);
}

interface Digits {
  readonly whole: string;
  readonly all: string;
}

/** A non-negative number as digits, without an exponent; undefined for infinity. */
function digitsOf(value: number): Digits | undefined {
  if (value === Infinity) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = /^(\d+)\.?(\d*)(?:e(.+))?$/.exec(String(value))!;
  const shift = Number(exponent);
  const all = whole + fraction;
  const point = whole.length + shift;
  if (point <= 0) return { whole: '0', all: '0'.repeat(1 - point) + all };
  const padded = all.padEnd(point, '0');
  return { whole: padded.slice(0, point), all: padded };
}

/**
 * Numbers with this many digits before the decimal point. As long as the digits equal those of a bound, the next one
 * decides.
 */
function digits(
  net: Network,
  count: number,
  { low, high }: { readonly low?: Digits; readonly high?: Digits },
  { lowIsOut, highIsOut, isInteger }: { lowIsOut: boolean; highIsOut: boolean; isInteger: boolean },
): Piece {
  const longest = Math.max(low?.all.length ?? 0, high?.all.length ?? 0);
  const end = isInteger ? count : Math.max(count + maxDigits, longest + 1);
  const at = (bound: Digits, place: number) => Number(bound.all[place] ?? 0);
  const isRestZero = (bound: Digits, place: number) => !/[1-9]/.test(bound.all.slice(place));
  return (from) => {
    const to = net.state();
    const known = new Map<string, State>();
    build(from, 0, low !== undefined, high !== undefined);
    return to;

    /** Draws what can follow `place` digits, except the decimal point if they are all the digits before it. */
    function build(
      state: State,
      place: number,
      isLow: boolean,
      isHigh: boolean,
      isBehindPoint = false,
    ): void {
      const isLowEnough = !isLow || (isRestZero(low!, place) && !lowIsOut);
      const isHighEnough = !isHigh || !(isRestZero(high!, place) && highIsOut);
      const isNumber = place > count || (place === count && !isBehindPoint);
      if (isNumber && isLowEnough && isHighEnough) state.empty.push(to);
      if (place === count && !isBehindPoint) {
        if (isInteger) return;
        const behind = net.state();
        state.bytes.push({ low: 0x2e, high: 0x2e, to: behind });
        build(behind, place, isLow, isHigh, true);
        return;
      }
      if (place === end) return;
      const first = isLow ? at(low!, place) : place === 0 && count > 1 ? 1 : 0;
      const last = isHigh ? at(high!, place) : 9;
      for (let next = first; next <= last; next++) {
        const staysLow = isLow && next === at(low!, place);
        const staysHigh = isHigh && next === at(high!, place);
        const key = `${place + 1} ${staysLow} ${staysHigh}`;
        let target = known.get(key);
        if (!target) {
          target = net.state();
          known.set(key, target);
          build(target, place + 1, staysLow, staysHigh, place >= count);
        }
        state.bytes.push({ low: 0x30 + next, high: 0x30 + next, to: target });
      }
    }
  };
}
