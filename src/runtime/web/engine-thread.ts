/**
 * @file The place of a browser's engine thread: the rest of the library can be bundled for a page, but it cannot run
 *   graphs there yet.
 */
import { UsageError } from '../../errors.js';
import type { ThreadPort } from '../port.js';

export const builtInDevices = (): string[] => [];

export function startEngineThread(): ThreadPort {
  throw new UsageError('graphs do not run in browsers yet; use promptune in Node.js', {
    code: 'unsupported',
  });
}
