/** @file Waiting that ends in time, and leaves no timer behind: that would keep a command alive that is done. */

/**
 * What a promise gives, or undefined after so many milliseconds.
 * @param options `ref`: whether the process stays alive for it. Default true
 */
export async function within<T>(
  milliseconds: number,
  promise: Promise<T>,
  { ref = true }: { ref?: boolean } = {},
): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
    if (!ref) timer.unref();
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
