/** @file From a call that tells things while it runs to a generator of them. */

/** What `run` tells, until it settles. Its error is thrown after what it told. */
export async function* told<T>(run: (tell: (item: T) => void) => Promise<unknown>): AsyncGenerator<T> {
  const items: T[] = [];
  let wake = () => {};
  let isOver = false;
  const done = run((item) => {
    items.push(item);
    wake();
  }).finally(() => {
    isOver = true;
    wake();
  });
  done.catch(() => {}); // is thrown below
  for (;;) {
    if (items.length > 0) yield items.shift()!;
    else if (isOver) break;
    else
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  }
  await done;
}
