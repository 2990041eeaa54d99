/** @file A binary heap in an array. Its first item comes before all others. */

/** Whether `a` comes before `b`. */
export type Before<T> = (a: T, b: T) => boolean;

export function pushToHeap<T>(heap: T[], item: T, before: Before<T>): void {
  let place = heap.length;
  while (place > 0) {
    const parent = (place - 1) >> 1;
    if (!before(item, heap[parent]!)) break;
    heap[place] = heap[parent]!;
    place = parent;
  }
  heap[place] = item;
}

/** Replaces the heap's first item by `item`. */
export function replaceFirst<T>(heap: T[], item: T, before: Before<T>): void {
  let place = 0;
  for (;;) {
    let child = 2 * place + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
    if (!before(heap[child]!, item)) break;
    heap[place] = heap[child]!;
    place = child;
  }
  heap[place] = item;
}

/** Removes and returns the heap's first item. */
export function popFromHeap<T>(heap: T[], before: Before<T>): T | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (heap.length > 0) replaceFirst(heap, last!, before);
  return first;
}
