/**
 * @file WebGPU in Node.js, on Chromium's GPU in software: the numbers are right, and nothing leaves the GPU that need
 *   not.
 */
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Learner } from '../../src/attach/method.js';
import { generate } from '../../src/generation/generate.js';
import { createModelDecoder } from '../../src/generation/model-decoder.js';
import { loadModel } from '../../src/loading/load-model.js';
import { createModelStep } from '../../src/loss/model-step.js';
import { methodNamed } from '../../src/methods/registry.js';
import type { ModelDtype } from '../../src/models/dtype.js';
import type { LanguageModel } from '../../src/models/model.js';
import { Session } from '../../src/runtime/index.js';
import { createOptimizer } from '../../src/training/optimizers.js';
import { checkCase, tolerances } from '../golden/check-case.js';
import { configs, isGpuThere, writeModel } from './webgpu-models.js';

const hasGpu = await isGpuThere();

const cases = Object.keys(configs).flatMap((family) =>
  (
    [
      ['prompt-tuning', { numVirtualTokens: 4 }, 'auto'],
      ['prefix-tuning', { numVirtualTokens: 4 }, 'auto'],
      ['lora', {}, 'auto'],
      ['prompt-tuning', { numVirtualTokens: 4 }, 'q4'],
    ] as const
  ).map(([method, options, dtype]) => [family, method, dtype, options] as const),
);

describe.skipIf(!hasGpu)('webgpu', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'promptune-webgpu-'));
    for (const [name, config] of Object.entries(configs)) await writeModel(join(folder, name), config);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  afterEach(() => void vi.restoreAllMocks());

  const open = async (family: string, dtype: ModelDtype) =>
    loadModel(join(folder, family), family, { dtype, cacheDir: join(folder, 'cache') });

  it.each(cases)(
    '%s, %s, %s: no number leaves the GPU between the nodes of a graph',
    async (...[family, method, dtype, options]) => {
      const model = await open(family, dtype);
      const learner = await methodNamed(method).createLearner({
        model,
        config: options,
        tokenizer: { encode: () => [1] },
        seed: 0,
      });
      const training = await nodesOf(join(folder, `train-${family}-${method}-${dtype}`), async () => {
        const step = await createModelStep(model, learner, { device: 'webgpu' });
        await step.run(examples(), 0.1);
        await step.dispose();
      });
      const decoding = await nodesOf(join(folder, `decode-${family}-${method}-${dtype}`), async () => {
        const decoder = await createModelDecoder({ model, adapter: learner, device: 'webgpu' });
        await generate(decoder, [[5, 6, 7]], { maxNewTokens: 3, eosTokenId: [] });
        await decoder.dispose();
      });
      for (const nodes of [training, decoding]) {
        expect(nodes.length).toBeGreaterThan(20);
        expect(nodes.filter(({ op }) => op === 'MemcpyToHost')).toEqual([]);
        expect(nodes.filter(({ isOnCpu, readsNumbers }) => isOnCpu && readsNumbers)).toEqual([]);
      }
    },
  );

  it.each([
    'gpt2__prompt-tuning',
    'gpt2__lora',
    'llama__prefix-tuning',
    't5-small__prefix-tuning',
    'bert-cls__lora',
  ])('golden case %s', async (name) => {
    const differences = await checkCase(join(import.meta.dirname, '../golden/cases', name), 'webgpu');
    // Sines of WebGPU may be wrong by 2⁻¹¹, and rotary embeddings are made of them.
    const factor = name.startsWith('llama') ? 50 : 1;
    const beyond = Object.entries(differences).filter(
      ([what, difference]) => difference > factor * tolerances[what as keyof typeof tolerances],
    );
    expect(beyond).toEqual([]);
  });

  it('three steps of training have the losses of the CPU', async () => {
    const losses: Record<string, number[]> = {};
    for (const device of ['cpu', 'webgpu'] as const) {
      const model = await open('gpt2', 'auto');
      const learner = await methodNamed('prompt-tuning').createLearner({
        model,
        config: { numVirtualTokens: 4 },
        tokenizer: { encode: () => [1] },
        seed: 0,
      });
      losses[device] = await train(model, learner, device);
    }
    expect(losses.cpu![2]).toBeLessThan(losses.cpu![0]!);
    for (const [i, loss] of losses.cpu!.entries())
      expect(Math.abs(losses.webgpu![i]! - loss)).toBeLessThan(1e-4);
  });
});

async function train(model: LanguageModel, learner: Learner, device: 'cpu' | 'webgpu'): Promise<number[]> {
  const step = await createModelStep(model, learner, { device });
  const optimizer = createOptimizer(
    { name: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 },
    learner.tensors,
  );
  const losses: number[] = [];
  for (let i = 0; i < 3; i++) {
    const { lossSum, gradients } = await step.run(examples(), 0.1);
    losses.push(lossSum);
    await optimizer.update(gradients, 0.1);
  }
  await step.dispose();
  return losses;
}

/** Two texts of different lengths, of which the second half has labels. */
function examples() {
  return [12, 7].map((length, row) => {
    const inputIds = Int32Array.from({ length }, (_, i) => (row + 3 * i) % 60);
    const lossMask = Uint8Array.from(inputIds, (_, i) => Number(i >= length >> 1));
    return { inputIds, lossMask };
  });
}

const { create } = Session;

interface PlacedNode {
  readonly op: string;
  readonly isOnCpu: boolean;
  /** Whether one of its inputs is of real numbers: sizes and indices are computed where it is cheap. */
  readonly readsNumbers: boolean;
}

/** Each node that the sessions of `run` execute, from ONNX Runtime's profiles. */
async function nodesOf(folder: string, run: () => Promise<void>): Promise<PlacedNode[]> {
  let sessions = 0;
  await mkdir(folder);
  vi.spyOn(Session, 'create').mockImplementation((onnx, options = {}) =>
    create.call(Session, onnx, { ...options, profilePrefix: join(folder, String(sessions++)) }),
  );
  await run();
  const nodes: PlacedNode[] = [];
  for (const file of await readdir(folder))
    for (const { cat, args } of JSON.parse(await readFile(join(folder, file), 'utf8')))
      if (cat === 'Node' && args.provider)
        nodes.push({
          op: args.op_name,
          isOnCpu: args.provider === 'CPUExecutionProvider',
          readsNumbers: args.input_type_shape.some((type: object) =>
            Object.keys(type)[0]!.startsWith('float'),
          ),
        });
  return nodes;
}
