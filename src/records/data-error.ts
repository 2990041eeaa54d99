/** @file Errors about one record, in a file or in memory. */
import { FileError, PromptuneError } from '../errors.js';
import { say } from '../say.js';

/** The place of a record. Rows that were passed in memory have no `path`. */
export interface Origin {
  readonly path?: string;
  /** `line 12` of a file, or `row 12` in memory. Both count from 1. */
  readonly place: string;
}

/** The error for a fault in the record at `origin`. */
export function dataError(origin: Origin, problem: string): PromptuneError {
  return origin.path === undefined
    ? new PromptuneError(say`${placeInWords(origin)}: ${problem}`, { code: 'invalid-data' })
    : new FileError(origin.path, placeInWords(origin), problem, { code: 'invalid-data' });
}

/** The place for people. As data, it is in English. */
function placeInWords({ place }: Origin): string {
  const [, kind, number] = /^(line|row) (\d+)$/.exec(place) ?? [];
  if (number === undefined) return place;
  return kind === 'line' ? say`line ${number}` : say`row ${number}`;
}
