/** @file Adapters as zip files. */
import { unzipSync, zipSync } from 'fflate';
import { PromptuneError } from '../errors.js';
import { say } from '../say.js';

/** Files by their paths, uncompressed: weights do not become smaller. Equal files give equal bytes. */
export function zip(files: ReadonlyMap<string, Uint8Array>): Uint8Array<ArrayBuffer> {
  return zipSync(Object.fromEntries(files), {
    level: 0,
    mtime: '1980-01-01T00:00:00',
  }) as Uint8Array<ArrayBuffer>;
}

/** Of all that a zip unpacks to. */
const maxBytes = 2 ** 30;

/** Whether a name would put a file elsewhere than below the folder that the zip unpacks to. */
const leadsOut = (file: string) => file.startsWith('/') || file.split('/').includes('..');

/**
 * @param name of the zip, for messages
 * @throws PromptuneError for what is no zip, unpacks to more than 1 GiB, or has files outside of its folder
 */
export function unzip(bytes: Uint8Array, name: string): Map<string, Uint8Array> {
  let total = 0;
  try {
    const files = unzipSync(bytes, {
      filter({ name: file, originalSize }) {
        total += originalSize;
        if (total > maxBytes) throw new PromptuneError(say`${name}: it unpacks to more than 1 GiB`);
        if (leadsOut(file))
          throw new PromptuneError(
            say`${name}: its file "${file}" lies outside of the folder it unpacks to`,
            {
              code: 'damaged-file',
            },
          );
        return !file.endsWith('/');
      },
    });
    return new Map(Object.entries(files));
  } catch (error) {
    if (error instanceof PromptuneError) throw error;
    throw new PromptuneError(
      say`${name}: this is not a zip file, or it is damaged (${(error as Error).message})`,
      {
        code: 'damaged-file',
        cause: error,
      },
    );
  }
}
