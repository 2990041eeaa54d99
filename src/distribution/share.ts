/** @file A share of works, for schedulers that start the same command many times: Slurm arrays, Indexed Jobs. */
import { UsageError } from '../errors.js';
import { say } from '../say.js';

/** Number `number` (from 1) of `of` shares. */
export interface Share {
  readonly number: number;
  readonly of: number;
}

/** Reads `3/100`. @throws UsageError for anything else */
export function parseShare(written: string): Share {
  const [, number, of] = /^(\d+)\/(\d+)$/.exec(written) ?? [];
  const share = { number: Number(number), of: Number(of) };
  if (share.number >= 1 && share.number <= share.of) return share;
  throw new UsageError([
    { path: ['part'], message: say`expected K/N with K from 1 to N, such as 3/100, got ${written}` },
  ]);
}

/** Whether number `index` (from 0) of the works is in the share: neighbors, which are alike, are in different ones. */
export const isInShare = (index: number, { number, of }: Share): boolean => index % of === number - 1;
