import { afterEach, expect, it, vi } from 'vitest';

afterEach(() => {
  vi.doUnmock('node:fs');
  vi.resetModules();
});

it('knows itself where it may not read /proc, as in Deno without all permissions', async () => {
  vi.doMock('node:fs', () => {
    const refuse = () => {
      throw new Error('Requires all access');
    };
    return { readFileSync: refuse, readlinkSync: refuse };
  });
  vi.resetModules(); // a file before this one may have loaded it
  const { host } = await import('./node-host.js');
  expect(host.process).toEqual({ pid: process.pid, started: 'unknown', space: expect.any(String) });
  expect(await host.isRunning(host.process)).toBe(true);
  expect(host.memoryUsage().privateBytes).toBeGreaterThan(0);
});
