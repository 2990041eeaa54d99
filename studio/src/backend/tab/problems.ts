/** @file Errors of the library as the views know them: with the place of each problem in the request. */
import { BackendError } from '../backend.js';

interface LibraryError extends Error {
  readonly problems?: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}

/** Runs something, and throws its errors as BackendErrors; an abortion as it is. */
export const mended = <T>(run: () => Promise<T>): Promise<T> => underKey(undefined, run);

/** @param key of the request that the library's options are from */
export async function underKey<T>(key: string | undefined, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const { name, message, problems = [] } = error as LibraryError;
    if (error instanceof BackendError || name === 'AbortError') throw error;
    const places = problems.map(({ path, message }) => ({
      param: [...(key === undefined ? [] : [key]), ...path].map(String).join('.'),
      message,
    }));
    throw new BackendError(message, { problems: places, status: 400 });
  }
}
