/** @file The data of a stream of events that has come to its end. */
import { expect } from 'vitest';

/** Each as JSON. Lines that begin with a colon keep the connection open, and say nothing. */
export function sentEvents(text: string): unknown[] {
  const lines = text.split('\n').filter((line) => line.startsWith('data: '));
  const data = lines.map((line) => line.slice('data: '.length));
  expect(data.pop()).toBe('[DONE]');
  return data.map((each) => JSON.parse(each));
}
