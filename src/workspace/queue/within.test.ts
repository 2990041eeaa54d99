import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { within } from './within.js';

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

test('what comes in time counts, and no timer is left', async () => {
  const before = timers();
  expect(await within(60_000, Promise.resolve('in time'))).toBe('in time');
  await expect(within(60_000, Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await within(1, new Promise(() => {}))).toBeUndefined();
  expect(timers()).toBe(before);
  const waits = within(60_000, sleep(5, 'late'));
  expect(timers()).toBe(before + 2);
  expect(await waits).toBe('late');
  expect(timers()).toBe(before);
});
