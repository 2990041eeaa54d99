/**
 * @file A growing list of numbers with eight bytes each, outside V8's heap: for one number per record of a huge file.
 */

export interface NumberList {
  readonly length: number;
  push(value: number): void;
  /** The number at `index`, which must be in range. */
  at(index: number): number;
  toInt32Array(): Int32Array;
}

export function numberList(): NumberList {
  let numbers = new Float64Array(1024);
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(value) {
      if (length === numbers.length) {
        const larger = new Float64Array(2 * length);
        larger.set(numbers);
        numbers = larger;
      }
      numbers[length++] = value;
    },
    at(index) {
      return numbers[index]!;
    },
    toInt32Array: () => new Int32Array(numbers.subarray(0, length)),
  };
}
