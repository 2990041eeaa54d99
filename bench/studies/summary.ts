/** @file A study's figures over its seeds. */

export const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

/** Mean and deviation, such as "62.5 ± 1.4". */
export function spread(numbers: readonly number[], digits = 1): string {
  const average = mean(numbers);
  const deviation = Math.sqrt(mean(numbers.map((x) => (x - average) ** 2)));
  return `${average.toFixed(digits)} ± ${deviation.toFixed(digits)}`;
}
