/** @file Decoding on WebGPU in Node.js: the cache stays on the GPU, and the scores are those of the CPU. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Decoder } from '../../src/generation/decoder.js';
import { generate } from '../../src/generation/generate.js';
import { createModelDecoder } from '../../src/generation/model-decoder.js';
import { loadModel } from '../../src/loading/load-model.js';
import { methodNamed } from '../../src/methods/registry.js';
import { decodingScript } from '../support/decoding-script.js';
import { broughtHome } from '../support/engine-in-thread.js';
import { configs, isGpuThere, writeModel } from './webgpu-models.js';

vi.mock('#engine-thread', async (original) =>
  (await import('../support/engine-in-thread.js')).engineInThread(original as never),
);

const hasGpu = await isGpuThere();

describe.skipIf(!hasGpu)('decoding on webgpu', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'promptune-webgpu-'));
    for (const name of ['gpt2', 'llama']) await writeModel(join(folder, name), configs[name]!);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** What `use` makes of a decoder on the CPU, and of one on the GPU. */
  async function onBoth<T>(
    family: string,
    method: string,
    use: (decoder: Decoder) => Promise<T>,
  ): Promise<[T, T]> {
    const model = await loadModel(join(folder, family), family);
    const config = method === 'lora' ? {} : { numVirtualTokens: 3 };
    const adapter = await methodNamed(method).createLearner({
      model,
      config,
      tokenizer: { encode: () => [1] },
      seed: 0,
    });
    if (method === 'lora')
      // as after training: a fresh one changes nothing
      for (const { data } of adapter.tensors.values())
        for (let i = 0; i < data.length; i++) data[i] = Math.sin(i) / 8;
    const results: T[] = [];
    for (const device of ['cpu', 'webgpu'] as const) {
      const decoder = await createModelDecoder({ model, adapter, device });
      broughtHome.length = 0;
      results.push(await use(decoder));
      await decoder.dispose();
    }
    return results as [T, T];
  }

  it.each([
    ['gpt2', 'prompt-tuning'],
    ['llama', 'prefix-tuning'],
    ['llama', 'lora'],
  ])('%s, %s: rows that join, leave and change places have the scores of the CPU', async (family, method) => {
    const [onCpu, onGpu] = await onBoth(family, method, (decoder) => decodingScript(decoder));
    expect(onGpu.length).toBe(onCpu.length);
    expect(Math.max(...onCpu.map((score, i) => Math.abs(score - onGpu[i]!)))).toBeLessThan(2e-3);
  });

  it('beams are those of the CPU, and three small tensors come home a token', async () => {
    const [onCpu, onGpu] = await onBoth('gpt2', 'prompt-tuning', (decoder) =>
      generate(decoder, [[5, 6, 7]], { numBeams: 2, maxNewTokens: 3, eosTokenId: [] }),
    );
    expect(onGpu.map(({ ids }) => ids)).toEqual(onCpu.map(({ ids }) => ids));
    expect(onGpu[0]!.score).toBeCloseTo(onCpu[0]!.score!, 4);
    expect(broughtHome.filter((names) => names.length > 0)).toEqual(
      new Array(3).fill(['log_sum_exp', 'best_logits', 'best_ids']),
    );
  });
});
