import { expect, it } from 'vitest';
import { ByContent } from './by-content.js';

it('makes what has the same content once, until its last user has left', async () => {
  const all = new ByContent<object>();
  const take = (key: string) => all.take(key, async () => ({}));
  const [one, same, other] = await Promise.all([take('a'), take('a'), take('b')]);
  expect(same).toBe(one);
  expect(other).not.toBe(one);
  expect([all.leave(one), all.leave(one), all.leave(other)]).toEqual([false, true, true]);
  expect(await take('a')).not.toBe(one);
});

it('makes it anew after an error, or once it is forgotten', async () => {
  const all = new ByContent<object>();
  await expect(all.take('a', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  const make = async () => ({});
  const lost = await all.take('a', make);
  await all.take('a', make);
  all.forget(lost);
  const found = await all.take('a', make);
  expect(found).not.toBe(lost);
  all.forget(lost);
  expect(await all.take('a', make)).toBe(found);
});
