import { expect, it } from 'vitest';
import { ThreadEndedError } from '../runtime/index.js';
import { onDemand } from './on-demand.js';

/** What counts how often it was loaded, and what is gone of it. */
function counting({ failures = 0 } = {}) {
  let loads = 0;
  const gone: number[] = [];
  const resource = onDemand(async () => {
    const number = ++loads;
    if (number <= failures) throw new Error('no descriptors left');
    return {
      number,
      async dispose() {
        gone.push(number);
        await Promise.resolve();
      },
    };
  });
  const ask = () => resource.use(async ({ number }) => (gone.includes(number) ? 'gone' : number));
  return { resource, ask };
}

it('is loaded once for requests that overlap', async () => {
  const { ask } = counting();
  expect(await Promise.all([ask(), ask()])).toEqual([1, 1]);
});

it('is loaded again after it could not be', async () => {
  const { ask } = counting({ failures: 1 });
  await expect(ask()).rejects.toThrow('no descriptors');
  expect(await ask()).toBe(2);
});

it('is loaded again by a request that comes while it is let go of', async () => {
  const { resource, ask } = counting();
  await ask();
  const closing = resource.release();
  expect(await ask()).toBe(2);
  await closing;
});

it('is let go of while it cannot be loaded', async () => {
  const { resource, ask } = counting({ failures: 1 });
  const failing = ask();
  await resource.release();
  await expect(failing).rejects.toThrow('no descriptors');
});

it('is loaded again after its thread has ended, and only then', async () => {
  const { resource, ask } = counting();
  const failing = (error: Error) => expect(resource.use(() => Promise.reject(error))).rejects.toBe(error);
  await failing(new Error('a bad request'));
  expect(await ask()).toBe(1);
  await failing(new ThreadEndedError(undefined));
  expect(await ask()).toBe(2);
});
