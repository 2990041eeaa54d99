/** @file The objects of the worker that a page has the numbers of. */
import { PromptuneError } from '../errors.js';
import { say } from '../say.js';

const objects = new Map<number, object>();
let nextObject = 1;

export function objectAt(id: number): object {
  const object = objects.get(id);
  if (object) return object;
  throw new PromptuneError(say`this object has been disposed of`, { code: 'unavailable' });
}

export function keep(object: object): number {
  objects.set(nextObject, object);
  return nextObject++;
}

/** Returns what was there, if anything was. */
export function letGo(id: number): object | undefined {
  const object = objects.get(id);
  objects.delete(id);
  return object;
}
