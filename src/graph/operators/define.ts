/** @file What every operator file uses: the table of operators, and lifting numbers to values. */
import type { DType } from '../../tensor.js';
import { ShapeError } from '../dims.js';
import { type Operator, scalar, type Value } from '../value.js';

/** Every operator by name. A test walks it to check every gradient numerically. */
export const operatorTable = new Map<string, Operator>();

export function defineOperator<Attributes extends object>(
  operator: Operator<Attributes>,
): Operator<Attributes> {
  if (operatorTable.has(operator.name)) throw new Error(`operator "${operator.name}" is defined twice`);
  operatorTable.set(operator.name, operator as Operator);
  return operator;
}

/** A value, or a plain number that takes the other operand's type. */
export type Operand = Value | number;

export function lift(a: Operand, b: Operand): [Value, Value] {
  if (typeof a === 'number' && typeof b === 'number') throw new TypeError('one operand must be a value');
  const left = typeof a === 'number' ? scalar(a, (b as Value).dtype) : a;
  const right = typeof b === 'number' ? scalar(b, left.dtype) : b;
  return [left, right];
}

export function sameDtype(operator: string, values: readonly Value[]): DType {
  const [first, ...others] = values;
  for (const other of others) {
    if (other.dtype !== first!.dtype) {
      throw new ShapeError(`${operator} takes operands of one type, got ${first!.dtype} and ${other.dtype}`);
    }
  }
  return first!.dtype;
}
