/**
 * @file Keeps ONNX Runtime loaded for the tests of a file: it goes with a process's last session and takes long to
 * come back.
 */
import { afterAll, beforeAll } from 'vitest';
import { exp, input, toOnnx } from '../../src/graph/index.js';
import { Session } from '../../src/runtime/index.js';

export function useWarmRuntime(): void {
  let keeper: Session;
  beforeAll(async () => {
    keeper = await Session.create(toOnnx({ y: exp(input('x', 'float32', [])) }).bytes);
  });
  afterAll(() => keeper.dispose());
}
