import fc from 'fast-check';
import { expect, it } from 'vitest';
import { float32Tensor } from '../tensor.js';
import { cacheNames } from './cache-names.js';
import { KeyValueCache } from './key-value-cache.js';
import { SplitCache } from './split-cache.js';

const config = { numLayers: 2, numKeyValueHeads: 1, headDim: 2 };
let next = 1;

/** New keys and values of some rows, of numbers that occur nowhere else. */
const newPositions = (rows: number, length: number) =>
  Object.fromEntries(
    [0, 1].flatMap((layer) =>
      [cacheNames(layer).newKey, cacheNames(layer).newValue].map((name) => {
        const data = Float32Array.from({ length: rows * length * 2 }, () => next++);
        return [name, float32Tensor([rows, 1, length, 2], data)];
      }),
    ),
  );

it('holds what one cache for all rows holds, while rows come to the front and leave', () => {
  const operation = fc.oneof(
    fc.record({ join: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ read: fc.constantFrom(1, 5, 140) }),
    fc.record({ decode: fc.constant(1) }),
    fc.record({ leaves: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), come: fc.nat(3) }),
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 14 }), (operations) => {
      const plain = new KeyValueCache(config);
      const split = new SplitCache(config);
      let front = 0;
      for (const step of operations) {
        const count = plain.lengths.length;
        if ('join' in step) {
          for (const cache of [plain, split]) cache.admit(new Array(step.join).fill(undefined));
        } else if ('leaves' in step) {
          const stay = [...plain.lengths.keys()].filter((row) => !step.leaves[row % 6]);
          const stayFront = stay.filter((row) => row < front).length;
          front = Math.min(stay.length, stayFront + step.come);
          plain.reorder(stay);
          split.reorder(stay, front);
        } else {
          const [first, rows] = 'read' in step ? [front, count - front] : [0, front];
          if (rows === 0) continue;
          const length = 'read' in step ? step.read : 1;
          const outputs = newPositions(rows, length);
          const counts = new Array(rows).fill(length);
          for (const cache of [plain, split]) {
            expect(cache.inputs(counts, first).positions!.shape).toEqual([rows, length]);
            cache.append(outputs, counts, first);
          }
        }
        expect(split.lengths).toEqual(plain.lengths);
      }
      for (const row of plain.lengths.keys()) expect(split.keep(row)).toEqual(plain.keep(row));
    }),
    { numRuns: 60 },
  );
});

it('leaves the buffers of rows in front as they are when a long text joins', () => {
  const cache = new SplitCache(config);
  cache.admit([undefined]);
  cache.append(newPositions(1, 5), [5]);
  cache.reorder([0], 1);
  cache.admit([undefined]);
  cache.append(newPositions(1, 300), [300], 1);
  expect(cache.inputs([1], 0)[cacheNames(0).key]!.shape).toEqual([1, 1, 2, 128]);
  expect(cache.inputs([1], 1)[cacheNames(0).key]!.shape).toEqual([1, 1, 2, 384]);
});
