/** @file Curves of the API as points. */

/** Steps at which there is no number, as of a loss that was not finite, are left out. */
export const pointsOf = ({
  steps,
  values,
}: {
  readonly steps: readonly number[];
  readonly values: readonly (number | null)[];
}): { readonly step: number; readonly value: number }[] =>
  steps.flatMap((step, i) => (values[i] == null ? [] : [{ step, value: values[i] }]));
