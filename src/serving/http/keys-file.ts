/** @file A file of keys that is read again when it has changed. */
import { stat } from 'node:fs/promises';
import { KeyedClients, readKeysFile } from './keys.js';

export interface KeysFile {
  readonly clients: KeyedClients;
  /** Reads the file if it has changed since. */
  look(): Promise<void>;
  close(): void;
}

/**
 * @param everyMs milliseconds between two looks at the file
 * @param onError told of a file that has become invalid; the keys from before stay
 * @throws FileError for a file that cannot be read or is invalid at first
 */
export async function openKeysFile(
  path: string,
  everyMs: number,
  onError: (error: unknown) => void,
): Promise<KeysFile> {
  let state = await stateOf(path);
  const clients = new KeyedClients(await readKeysFile(path));
  const look = async () => {
    const now = await stateOf(path);
    if (now === state) return;
    state = now;
    await readKeysFile(path).then((keys) => clients.replace(keys), onError);
  };
  let timer: NodeJS.Timeout | undefined;
  const watch = () => {
    timer = setTimeout(() => void look().then(() => timer && watch()), everyMs).unref();
  };
  watch();
  return {
    clients,
    look,
    close() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}

const stateOf = (path: string) =>
  stat(path).then(
    ({ size, mtimeMs, ino }) => `${size} ${mtimeMs} ${ino}`,
    () => 'gone',
  );
