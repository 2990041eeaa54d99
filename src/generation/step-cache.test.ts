import { beforeEach, describe, expect, it, vi } from 'vitest';
import { decodingScript } from '../../test/support/decoding-script.js';
import { broughtHome } from '../../test/support/engine-in-thread.js';
import { characters, makeGpt2 } from '../../test/support/tiny-gpt2.js';
import { useTemporaryFolder } from '../formats/temporary-folder.fixture.js';
import { methodNamed } from '../methods/registry.js';
import type { Decoder } from './decoder.js';
import { generate } from './generate.js';
import { createModelDecoder } from './model-decoder.js';

const device = vi.hoisted(() => ({ keepsCache: false }));
vi.mock('#engine-thread', async (original) =>
  (await import('../../test/support/engine-in-thread.js')).engineInThread(original as never),
);
vi.mock('../runtime/device.js', async (original) => ({
  ...(await original<object>()),
  keepsCache: () => device.keepsCache,
}));

const inFolder = useTemporaryFolder();
beforeEach(() => {
  broughtHome.length = 0;
});

/** What `use` makes of a decoder with its cache in the memory of the thread, and of one with it on the device. */
async function onBoth<T>(method: string | undefined, use: (decoder: Decoder) => Promise<T>): Promise<[T, T]> {
  const model = await makeGpt2(inFolder('model'), { n_positions: 200 });
  const config = { numVirtualTokens: 3 };
  const setup = { model, config, tokenizer: characters, seed: 1 };
  const adapter = method === undefined ? undefined : await methodNamed(method).createLearner(setup);
  const results: T[] = [];
  for (const keepsCache of [false, true]) {
    device.keepsCache = keepsCache;
    const decoder = await createModelDecoder({ model, adapter, threads: 1 });
    broughtHome.length = 0;
    results.push(await use(decoder));
    await decoder.dispose();
  }
  return results as [T, T];
}

describe('a cache that stays on the device', () => {
  it.each([undefined, 'prompt-tuning', 'prefix-tuning'])(
    'gives rows the scores that one of the thread gives them, with %s',
    async (method) => {
      // Long enough for the columns to grow.
      const [ofThread, ofDevice] = await onBoth(method, (decoder) => decodingScript(decoder, 120));
      expect(ofDevice.length).toBe(ofThread.length);
      const differences = ofThread.map((score, i) => Math.abs(score - ofDevice[i]!));
      expect(Math.max(...differences)).toBeLessThan(1e-4);
    },
  );

  it('serves beams', async () => {
    const texts = [[5, 6, 7], [8]];
    const [ofThread, ofDevice] = await onBoth('prompt-tuning', (decoder) =>
      generate(decoder, texts, { numBeams: 3, maxNewTokens: 6, eosTokenId: [] }),
    );
    expect(ofDevice.map(({ ids }) => ids)).toEqual(ofThread.map(({ ids }) => ids));
    for (const [row, { score }] of ofThread.entries()) expect(ofDevice[row]!.score).toBeCloseTo(score!, 4);
  });

  it('brings home three small tensors a token', async () => {
    await onBoth('prompt-tuning', (decoder) =>
      generate(decoder, [[5, 6, 7], [8]], { maxNewTokens: 4, eosTokenId: [] }),
    );
    expect(broughtHome.filter((names) => names.length > 0)).toEqual(
      new Array(4).fill(['log_sum_exp', 'best_logits', 'best_ids']),
    );
  });
});
