/**
 * @file Where a page's engine will be: all else of the library can be put into a page's bundle, but runs no graph
 * there yet.
 */
import { UsageError } from '../../errors.js';
import type { ThreadPort } from '../port.js';

export const builtInDevices = (): string[] => [];

export function startEngineThread(): ThreadPort {
  throw new UsageError('graphs do not run in browsers yet; use promptune in Node.js');
}
