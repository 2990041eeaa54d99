/** @file Numbers that keep their text: 1.0 stays 1.0, and 12345678901234567890 keeps its digits. */

/** A number that JavaScript would write differently. Other numbers are plain ones. */
export class Numeral {
  constructor(readonly text: string) {}
  toString(): string {
    return this.text;
  }
  valueOf(): number {
    return Number(this.text);
  }
  /** The number, or its text if a number would lose digits. */
  toJSON(): number | string {
    const value = Number(this.text);
    const isExact = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
    return isExact ? value : this.text;
  }
}

/** The number that `text` writes: a plain one if JavaScript writes it the same way. */
export function numberOf(text: string): number | Numeral {
  const value = Number(text);
  return String(value) === text ? value : new Numeral(text);
}

/** A float as Python writes it: the fewest digits that round-trip, `1.0` for integers, an exponent from 1e16 on. */
export function floatText(value: number, shortest: string = String(value)): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const [, sign, whole, fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(
    shortest,
  )!;
  const all = `${whole}${fraction}`;
  const digits = all.replace(/^0+/, '').replace(/0+$/, '') || '0';
  const leading = all.length - all.replace(/^0+/, '').length;
  const point = all === '0' ? 1 : whole!.length + Number(exponent) - leading; // digits before the decimal point
  if (value === 0) return `${sign}0.0`;
  if (point - 1 < -4 || point - 1 >= 16) {
    const power = String(Math.abs(point - 1)).padStart(2, '0');
    const tail = digits.length > 1 ? `.${digits.slice(1)}` : '';
    return `${sign}${digits[0]}${tail}e${point - 1 < 0 ? '-' : '+'}${power}`;
  }
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (digits.length <= point) return `${sign}${digits.padEnd(point, '0')}.0`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/**
 * A float of fewer bits, such as float32's 0.1: the fewest digits that `round` maps back to it, and all digits of an
 * integer that is written without an exponent.
 */
export function shortFloatText(value: number, round: (value: number) => number): string {
  if (!Number.isFinite(value) || (Number.isInteger(value) && Math.abs(value) < 1e16)) return floatText(value);
  for (let digits = 1; digits < 17; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (round(candidate) === value) return floatText(candidate);
  }
  return floatText(value);
}
