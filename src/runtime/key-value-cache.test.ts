import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elementCount, float32Tensor } from '../tensor.js';
import { cacheMaskName, cacheNames, cachePositionsName } from './cache-names.js';
import { KeyValueCache } from './key-value-cache.js';
import type { NamedTensors } from './protocol.js';
import type { RowPrompt } from './row-cache.js';

const [heads, headDim] = [2, 3];
const config = { numLayers: 2, numKeyValueHeads: heads, headDim };

/** New keys and values of every layer, [rows, heads, length, headDim], of numbers that occur nowhere else. */
function newPositions(rows: number, length: number): NamedTensors {
  const shape = [rows, heads, length, headDim];
  const unique = () =>
    float32Tensor(
      shape,
      Float32Array.from({ length: elementCount(shape) }, () => next++),
    );
  return Object.fromEntries(
    [0, 1].flatMap((layer) => [
      [cacheNames(layer).newKey, unique()],
      [cacheNames(layer).newValue, unique()],
    ]),
  );
}
let next = 1;

/** Rows that begin with the same prompt, or with nothing. */
const startOf = (rows: number, tensors?: NamedTensors) =>
  new Array<RowPrompt | undefined>(rows).fill(tensors && { tensors, row: 0 });

/** A position as the plain model of a cache keeps it: its numbers, by layer, key before value, and head. */
type Position = number[];

function positionsOf(tensors: NamedTensors, row: number, count: number): Position[] {
  return Array.from({ length: count }, (_, position) =>
    [0, 1].flatMap((layer) => {
      const { newKey, newValue } = cacheNames(layer);
      return [newKey, newValue].flatMap((name) => {
        const { data, shape } = tensors[name]!;
        return Array.from({ length: heads * headDim }, (_, i) => {
          const [head, part] = [Math.floor(i / headDim), i % headDim];
          return Number(data[((row * heads + head) * shape[2]! + position) * headDim + part]);
        });
      });
    }),
  );
}

/** What a run of all rows would take. */
const inputsOf = (cache: KeyValueCache) => cache.inputs(cache.lengths.map(() => 1));
const maskOf = (cache: KeyValueCache) => inputsOf(cache)[cacheMaskName]!;

/** A new batch. */
function start(cache: KeyValueCache, rows: readonly (RowPrompt | undefined)[]): void {
  cache.reorder([]);
  cache.admit(rows);
}

/** What the cache holds, in the same form. */
function contents(cache: KeyValueCache): Position[][] {
  const tensors = inputsOf(cache);
  const capacity = maskOf(cache).shape[3]!;
  return cache.lengths.map((length, row) =>
    Array.from({ length }, (_, position) =>
      [0, 1].flatMap((layer) => {
        const [key, value] = [tensors[cacheNames(layer).key]!, tensors[cacheNames(layer).value]!];
        expect(key.shape).toEqual([cache.lengths.length, heads, headDim, capacity]);
        expect(value.shape).toEqual([cache.lengths.length, heads, capacity, headDim]);
        const at = (head: number) => row * heads + head;
        const parts = Array.from({ length: heads * headDim }, (_, i) => [
          Math.floor(i / headDim),
          i % headDim,
        ]);
        return [
          ...parts.map(([head, i]) => Number(key.data[(at(head!) * headDim + i!) * capacity + position])),
          ...parts.map(([head, i]) => Number(value.data[(at(head!) * capacity + position) * headDim + i!])),
        ];
      }),
    ),
  );
}

/** How many positions each row of the mask shows; it must show the first ones. */
function visible(cache: KeyValueCache): number[] {
  const { shape, data } = maskOf(cache);
  const at = inputsOf(cache)[cachePositionsName]!.data;
  expect(Array.from(at, Number)).toEqual(cache.lengths);
  const [rows, , , capacity] = shape as [number, number, number, number];
  return Array.from({ length: rows }, (_, row) => {
    const line = Array.from({ length: capacity }, (_, i) => Number(data[row * capacity + i]));
    const count = line.filter((value) => value === 0).length;
    expect(line).toEqual(line.map((_, i) => (i < count ? 0 : Number.NEGATIVE_INFINITY)));
    return count;
  });
}

describe('KeyValueCache', () => {
  it('starts with nothing, in buffers of one step', () => {
    const cache = new KeyValueCache(config);
    start(cache, startOf(3));
    expect(cache.lengths).toEqual([0, 0, 0]);
    expect(visible(cache)).toEqual([0, 0, 0]);
    expect(maskOf(cache).shape).toEqual([3, 1, 1, 128]);
    expect(
      Object.keys(inputsOf(cache)).filter((name) => name.startsWith('cache_') && name !== cacheMaskName),
    ).toEqual([0, 1].flatMap((layer) => [cacheNames(layer).key, cacheNames(layer).value]));
  });

  it('gives every row the keys and values of a prompt, and starts over for each batch', () => {
    const cache = new KeyValueCache(config);
    const prompt = newPositions(1, 4);
    start(cache, startOf(2, prompt));
    const expected = positionsOf(prompt, 0, 4);
    expect(contents(cache)).toEqual([expected, expected]);
    cache.append(newPositions(2, 1), [1, 1]);
    start(cache, startOf(1, prompt));
    expect(contents(cache)).toEqual([expected]);
    start(cache, startOf(2));
    expect(contents(cache)).toEqual([[], []]);
  });

  it('starts each row with a prompt of its own length, or with none', () => {
    const cache = new KeyValueCache(config);
    const [short, long] = [newPositions(1, 2), newPositions(3, 5)];
    start(cache, [{ tensors: long, row: 2 }, undefined, { tensors: short, row: 0 }]);
    const rows = [positionsOf(long, 2, 5), [], positionsOf(short, 0, 2)];
    expect(contents(cache)).toEqual(rows);
    expect(visible(cache)).toEqual([5, 0, 2]);
    const more = newPositions(3, 2);
    cache.append(more, [1, 2, 0]);
    const counts = [1, 2, 0];
    expect(contents(cache)).toEqual(rows.map((row, r) => [...row, ...positionsOf(more, r, counts[r]!)]));
  });

  it('has room for a first token after a prompt that fills a step', () => {
    const cache = new KeyValueCache(config);
    start(cache, startOf(1, newPositions(1, 128)));
    expect(maskOf(cache).shape).toEqual([1, 1, 1, 256]);
  });

  it('grows by steps of 128 columns, and keeps what it holds', () => {
    const cache = new KeyValueCache(config);
    start(cache, startOf(2));
    const [first, second, third] = [newPositions(2, 128), newPositions(2, 1), newPositions(2, 300)];
    cache.append(first, [100, 128]);
    expect(maskOf(cache).shape[3]).toBe(128);
    const rows = [positionsOf(first, 0, 100), positionsOf(first, 1, 128)];
    expect(contents(cache)).toEqual(rows);
    cache.append(second, [1, 1]); // one row needs a 129th column
    expect(maskOf(cache).shape[3]).toBe(256);
    for (const [row, positions] of rows.entries()) positions.push(...positionsOf(second, row, 1));
    expect(contents(cache)).toEqual(rows);
    cache.append(third, [300, 7]);
    expect(maskOf(cache).shape[3]).toBe(512);
    rows[0]!.push(...positionsOf(third, 0, 300));
    rows[1]!.push(...positionsOf(third, 1, 7));
    expect(contents(cache)).toEqual(rows);
  });

  it('always equals a list of positions per row', () => {
    const operation = fc.oneof(
      fc.record({ prompts: fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }), first: fc.nat(40) }),
      fc.record({
        length: fc.constantFrom(1, 1, 2, 5, 90),
        shares: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 }),
      }),
      fc.record({ taken: fc.array(fc.nat(3), { minLength: 6, maxLength: 6 }) }),
      fc.record({ parents: fc.array(fc.nat(5), { minLength: 1, maxLength: 6 }) }),
    );
    const beginning = fc.record({ rows: fc.integer({ min: 1, max: 4 }), prompt: fc.nat(3) });
    fc.assert(
      fc.property(beginning, fc.array(operation, { maxLength: 8 }), ({ rows, prompt }, operations) => {
        const cache = new KeyValueCache(config);
        const learned = prompt > 0 ? newPositions(1, prompt) : undefined;
        start(cache, startOf(rows, learned));
        let plain = Array.from({ length: rows }, () => (learned ? positionsOf(learned, 0, prompt) : []));
        for (const step of operations) {
          if ('prompts' in step) {
            // Rows join, and take in their first tokens while the others wait.
            const own = step.prompts.map((length) => (length > 0 ? newPositions(1, length) : undefined));
            cache.admit(own.map((tensors) => tensors && { tensors, row: 0 }));
            const first = newPositions(own.length, Math.max(1, step.first));
            const counts = own.map((_, i) => (i === 0 ? step.first : Math.min(1, step.first)));
            const widths = cache.inputs(counts)[cachePositionsName]!.shape;
            expect(widths).toEqual([own.length, Math.max(1, step.first)]);
            cache.append(first, counts);
            const prompts = own.map((tensors, i) =>
              tensors ? positionsOf(tensors, 0, step.prompts[i]!) : [],
            );
            plain.push(...prompts.map((prompt, i) => [...prompt, ...positionsOf(first, i, counts[i]!)]));
          } else if ('taken' in step) {
            const counts = plain.map(({ length }, row) => Math.min(length, step.taken[row % 6]!));
            cache.shorten(counts);
            plain = plain.map((row, r) => row.slice(0, row.length - counts[r]!));
          } else if ('parents' in step) {
            const parents = step.parents.map((parent) => parent % plain.length);
            cache.reorder(parents);
            plain = parents.map((parent) => [...plain[parent]!]);
          } else {
            const added = newPositions(plain.length, step.length);
            const counts = plain.map((_, row) => Math.round(step.shares[row % 6]! * step.length));
            cache.append(added, counts);
            for (const [row, positions] of plain.entries())
              positions.push(...positionsOf(added, row, counts[row]!));
          }
          expect(cache.lengths).toEqual(plain.map(({ length }) => length));
          expect(visible(cache)).toEqual(cache.lengths);
        }
        expect(contents(cache)).toEqual(plain);
      }),
      { numRuns: 40 },
    );
  });

  it('runs the last rows alone, without a copy of what they hold', () => {
    const cache = new KeyValueCache(config);
    start(cache, startOf(1, newPositions(1, 3)));
    cache.admit([undefined, { tensors: newPositions(1, 2), row: 0 }]);
    const { [cacheNames(1).key]: some, [cachePositionsName]: positions } = cache.inputs([2, 1]);
    expect(some!.shape).toEqual([2, heads, headDim, 128]);
    expect(Array.from(positions!.data, Number)).toEqual([0, 1, 2, 2]);
    expect(some!.data.buffer).toBe(inputsOf(cache)[cacheNames(1).key]!.data.buffer);
    const first = newPositions(2, 2);
    cache.append(first, [2, 1]);
    expect(cache.lengths).toEqual([3, 2, 3]);
    expect(contents(cache)[1]).toEqual(positionsOf(first, 0, 2));
  });

  it('runs rows between others, which append to themselves alone', () => {
    const cache = new KeyValueCache(config);
    const prompts = [2, 3, 1].map((length) => newPositions(1, length));
    start(
      cache,
      prompts.map((tensors) => ({ tensors, row: 0 })),
    );
    const { [cacheNames(1).key]: keys, [cachePositionsName]: positions } = cache.inputs([2], 1);
    expect([keys!.shape[0], Array.from(positions!.data, Number)]).toEqual([1, [3, 4]]);
    const more = newPositions(1, 2);
    cache.append(more, [2], 1);
    expect(cache.lengths).toEqual([2, 5, 1]);
    expect(contents(cache)[1]).toEqual([...positionsOf(prompts[1]!, 0, 3), ...positionsOf(more, 0, 2)]);
  });

  it('starts rows from a kept one, whatever has happened to it since', () => {
    const cache = new KeyValueCache(config);
    const prompt = newPositions(1, 3);
    start(cache, [undefined, { tensors: prompt, row: 0 }]);
    const kept = cache.keep(1);
    expect(kept.length).toBe(3);
    cache.append(newPositions(2, 130), [1, 130]);
    cache.reorder([0]);
    cache.admit([kept, undefined, kept]);
    const expected = positionsOf(prompt, 0, 3);
    expect(contents(cache).slice(1)).toEqual([expected, [], expected]);
  });

  it('leaves nothing of positions that are removed', () => {
    const cache = new KeyValueCache(config);
    start(cache, startOf(2));
    cache.append(newPositions(2, 3), [3, 2]);
    const before = inputsOf(cache);
    const copies = Object.values(before).map(({ data }) => data.slice());
    cache.append(newPositions(2, 4), [4, 1]);
    cache.shorten([4, 1]);
    expect(Object.values(inputsOf(cache)).map(({ data }) => data)).toEqual(copies);
  });

  it('leaves nothing of a row that has left to the row in its place', () => {
    const cache = new KeyValueCache(config);
    start(cache, startOf(2));
    const broken = newPositions(2, 5);
    for (const { data } of Object.values(broken)) (data as Float32Array).fill(Number.NaN);
    cache.append(broken, [1, 5]);
    cache.reorder([0]);
    cache.admit([undefined]);
    const inputs = cache.inputs([1]);
    for (const layer of [0, 1])
      for (const name of [cacheNames(layer).key, cacheNames(layer).value])
        expect(Array.from(inputs[name]!.data, Number).every((value) => value === 0)).toBe(true);
  });

  it('gives back room and columns that most of its rows no longer need', () => {
    const cache = new KeyValueCache(config);
    start(cache, startOf(8));
    cache.append(newPositions(8, 600), [600, ...new Array<number>(7).fill(3)]);
    const held = contents(cache)[5];
    const bytes = () => inputsOf(cache)[cacheNames(0).key]!.data.buffer.byteLength;
    expect(bytes()).toBe(8 * heads * headDim * 640 * 4);
    cache.reorder([5, 1, 2, 3]); // the long row leaves
    expect(bytes()).toBe(4 * heads * headDim * 128 * 4);
    cache.reorder([0]);
    expect(bytes()).toBe(heads * headDim * 128 * 4);
    expect(contents(cache)).toEqual([held]);
  });
});
