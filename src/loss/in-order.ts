/** @file Runs several calls at once and gives their results in order. */

/**
 * The results of `run` for each item, in order, while up to `atOnce` calls are under way; with 1 there is never another
 * call before the result of the last one is taken. If one fails, its error is thrown in its turn.
 */
export async function* inOrder<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  atOnce: number,
  run: (item: Item, index: number) => Promise<Result>,
): AsyncGenerator<Result> {
  const underway: Promise<Result>[] = [];
  let index = 0;
  for await (const item of items) {
    if (underway.length >= atOnce) yield await underway.shift()!;
    const result = run(item, index++);
    result.catch(() => {}); // it is awaited in its turn, or never
    underway.push(result);
  }
  for (const result of underway) yield await result;
}
