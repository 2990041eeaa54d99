import { expect, it, vi } from 'vitest';
import { makeGpt2 } from '../../../test/support/tiny-gpt2.js';
import { useTemporaryFolder } from '../../formats/temporary-folder.fixture.js';
import { RowDecoder } from './row-decoder.js';

const device = vi.hoisted(() => ({ keepsCache: false }));
vi.mock('#engine-thread', async (original) =>
  (await import('../../../test/support/engine-in-thread.js')).engineInThread(original as never),
);
vi.mock('../../runtime/device.js', async (original) => ({
  ...(await original<object>()),
  keepsCache: () => device.keepsCache,
}));

const inFolder = useTemporaryFolder();

/** Rows that are read in pieces beside others that decode, one of which begins with a kept copy of another. */
async function scoresOfRows(decoder: RowDecoder): Promise<number[]> {
  const scores: number[] = [];
  const note = ({ logits }: { logits: Float32Array }) => scores.push(...logits);
  const read = async (row: number, width: number) => {
    do note(await decoder.prefill(row, 1, width, 'all'));
    while (decoder.remaining(row) > 0);
  };
  const text = { ids: [5, 3, 9, 9, 1, 7, 2], sharedKey: 8 };
  await decoder.join(text);
  await read(0, 4);
  await decoder.reorder([0]);
  await decoder.join(text);
  await read(1, 4);
  await decoder.reorder([0, 1]);
  note(await decoder.step([[3], [4]], 'all'));
  await decoder.join({ ids: [6, 7, 8, 9, 10, 11] });
  await decoder.prefill(2, 1, 2, 'all');
  note(await decoder.step([[12, 13], [14]], 'all'));
  await decoder.takeBack([1, 0]);
  await read(2, 3);
  await decoder.reorder([1, 2]);
  note(await decoder.step([[15], [16]], 'all'));
  await decoder.release(8);
  return scores;
}

it('gives rows the same scores from a cache that stays on the device', async () => {
  const model = await makeGpt2(inFolder('model'), {});
  const scores: number[][] = [];
  for (const keepsCache of [false, true]) {
    device.keepsCache = keepsCache;
    const decoder = await RowDecoder.create({ model, threads: 1, maxSlots: 1, promptCacheBytes: 2 ** 20 });
    scores.push(await scoresOfRows(decoder));
    await decoder.dispose();
  }
  const [ofThread, ofDevice] = scores as [number[], number[]];
  expect(ofDevice.length).toBe(ofThread.length);
  expect(Math.max(...ofThread.map((score, i) => Math.abs(score - ofDevice[i]!)))).toBeLessThan(1e-4);
});
