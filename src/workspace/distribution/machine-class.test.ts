import { afterAll, beforeAll, expect, it } from 'vitest';
import { input, toOnnx } from '../../graph/index.js';
import { Session } from '../../runtime/index.js';
import { machineClass } from './machine-class.js';

let keeper: Session; // keeps the engine's thread for both
beforeAll(async () => {
  keeper = await Session.create(toOnnx({ y: input('x', 'float32', [1]) }).bytes);
});
afterAll(() => keeper.dispose());

it('is the same each time, and another for another number of threads', async () => {
  const one = await machineClass({ threads: 1 });
  expect(await machineClass({ threads: 1 })).toEqual(one);
  expect(one.id).toMatch(/^[0-9a-f]{12}$/);
  expect(one.onnxruntime).toBe('1.30.0');
  expect(one.probe).toMatch(/^[0-9a-f]{16}$/);
  expect((await machineClass({ threads: 2 })).id).not.toBe(one.id);
});
