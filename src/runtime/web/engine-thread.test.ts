import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { web } from '../../platform/web-apis.js';
import { configureEngine, startEngineThread } from './engine-thread.js';

const started: FakeWorker[] = [];

class FakeWorker {
  readonly sent: unknown[] = [];
  isEnded = false;
  constructor(readonly script: string) {
    started.push(this);
  }
  postMessage(message: unknown): void {
    this.sent.push(message);
  }
  terminate(): void {
    this.isEnded = true;
  }
}

const build = { api: '/ort.mjs', mjs: '/wasm.mjs', wasm: '/wasm.wasm' };

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('Worker', FakeWorker);
  started.length = 0;
  configureEngine({ build, threads: 2, worker: '/engine.js', devices: ['cpu'] });
});
afterEach(() => {
  vi.runAllTimers();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('ends the worker half a second after its last session, which frees the memory that it had', async () => {
  expect(web.Worker).toBe(FakeWorker);
  const thread = startEngineThread();
  expect(started.map(({ script, sent }) => ({ script, sent }))).toEqual([
    { script: '/engine.js', sent: [{ build, threads: 2 }] },
  ]);
  await thread.terminate();
  vi.advanceTimersByTime(499);
  expect(started[0]!.isEnded).toBe(false);
  vi.advanceTimersByTime(1);
  expect(started[0]!.isEnded).toBe(true);
  startEngineThread();
  expect(started).toHaveLength(2);
});

it('gives the worker on to whoever needs one so soon', async () => {
  await startEngineThread().terminate();
  vi.advanceTimersByTime(300);
  const thread = startEngineThread();
  vi.advanceTimersByTime(1000);
  expect(started).toHaveLength(1);
  expect(started[0]!.isEnded).toBe(false);
  await thread.terminate();
});
