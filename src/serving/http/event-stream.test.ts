import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { eventStream } from './event-stream.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const times = { pingMs: 15_000, stallMs: 60_000 };
const text = (value: Uint8Array | undefined) => new TextDecoder().decode(value);

it('sends a comment while nothing comes, and loses no event by it', async () => {
  let give = (_: object) => {};
  const given = new Promise<object>((resolve) => {
    give = resolve;
  });
  async function* events() {
    yield await given;
  }
  const ends = { onLeave: vi.fn(), onEnd: vi.fn() };
  const reader = eventStream(events(), ends, times).body!.getReader();
  const first = reader.read();
  await vi.advanceTimersByTimeAsync(15_000);
  expect(text((await first).value)).toBe(': ping\n');
  const second = reader.read();
  await vi.advanceTimersByTimeAsync(14_000);
  give({ a: 1 });
  expect(text((await second).value)).toBe('data: {"a":1}\n\n');
  expect(text((await reader.read()).value)).toBe('data: [DONE]\n\n');
  expect((await reader.read()).done).toBe(true);
  expect(ends.onEnd).toHaveBeenCalledExactlyOnceWith();
});

it('cuts off who reads nothing for a minute', async () => {
  async function* events() {
    for (let i = 0; ; i++) yield { i };
  }
  const ends = { onLeave: vi.fn(), onEnd: vi.fn() };
  const reader = eventStream(events(), ends, times).body!.getReader();
  await reader.read();
  await vi.advanceTimersByTimeAsync(59_000);
  expect(ends.onLeave).not.toHaveBeenCalled();
  await reader.read(); // a slow reader is one as well
  await vi.advanceTimersByTimeAsync(59_000);
  expect(ends.onLeave).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(ends.onLeave).toHaveBeenCalledOnce();
  await expect(reader.read().then(() => reader.read())).rejects.toThrow('read nothing for 60 s');
});
