import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import fixture from './tensorboard.fixture.json' with { type: 'json' };
import { crc32c, openEventFile } from './tensorboard.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promptune-tensorboard-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('the checksum is that of RFC 3720', () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
});

it('the file has the bytes that TensorBoard itself writes', async () => {
  const file = await openEventFile(folder, () => fixture.time);
  const speed = { totalSteps: 9, epoch: 1, seconds: 1, etaSeconds: 1 };
  file.write({
    type: 'step',
    step: 1,
    loss: 2.5,
    learningRate: 0.01,
    gradNorm: 0.3,
    tokensPerSecond: 1234.5,
    ...speed,
  });
  file.write({ type: 'checkpoint', step: 2, path: 'checkpoints/step-000002' });
  file.write({ type: 'validation', step: 300, loss: 1.25, best: 1.25, accuracy: 0.75 });
  file.write({ type: 'resumed', step: 300, totalSteps: 400 });
  await file.close();
  const [name] = await readdir(folder);
  expect(name).toMatch(/^events\.out\.tfevents\.1700000000\..+\.\d+$/);
  expect((await readFile(join(folder, name!))).toString('hex')).toBe(fixture.hex);
});
