import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter } from '../src/attach/method.js';
import { FileError } from '../src/errors.js';
import { writeJsonAtomic } from '../src/formats/files.js';
import { float32ToBfloat16, float32ToFloat16 } from '../src/formats/half.js';
import { writeSafetensors } from '../src/formats/safetensors.js';
import { createModelDecoder } from '../src/generation/model-decoder.js';
import { loadModel } from '../src/loading/load-model.js';
import { createModelStep } from '../src/loss/model-step.js';
import { computeAll } from '../src/methods/parts/compute.js';
import { methodNamed } from '../src/methods/registry.js';
import type { ModelDtype } from '../src/models/dtype.js';
import { gpt2 } from '../src/models/gpt2.js';
import { llama } from '../src/models/llama.js';
import type { LanguageModel } from '../src/models/model.js';
import { seededRandom } from '../src/random.js';
import { float32Tensor, type Tensor, tensorOf } from '../src/tensor.js';
import type { EncodedExample } from '../src/text/encode.js';
import { startBatch } from './support/decode.js';
import { useWarmRuntime } from './support/warm-runtime.js';

useWarmRuntime();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promptune-precision-'));
});
afterAll(() => rm(folder, { recursive: true }));

const configs = {
  gpt2: { model_type: 'gpt2', vocab_size: 50, n_embd: 64, n_layer: 2, n_head: 2, n_positions: 32 },
  // Its joined matrices are used in parts in the last layer.
  phi3: {
    model_type: 'phi3',
    vocab_size: 50,
    hidden_size: 64,
    intermediate_size: 128,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    max_position_embeddings: 32,
    tie_word_embeddings: false,
    pad_token_id: 0,
  },
};
type Family = keyof typeof configs;

const random = seededRandom(1);
type Stored = 'float32' | 'float16' | 'bfloat16';

function storedAs(dtype: Stored, tensor: Tensor<'float32'>): Tensor {
  if (dtype === 'float32') return tensor;
  const halves = dtype === 'float16' ? float32ToFloat16(tensor.data) : float32ToBfloat16(tensor.data);
  return tensorOf(dtype, tensor.shape, halves);
}

function randomTensors(family: Family): Map<string, Tensor<'float32'>> {
  const { parameters } = (family === 'gpt2' ? gpt2 : llama).configure(configs[family], folder);
  return new Map(
    [...parameters].map(([name, shape]) => {
      const tensor = float32Tensor(shape);
      const around = /norm|\.ln_\w+\.weight$/.test(name) ? 1 : 0;
      for (let i = 0; i < tensor.data.length; i++) tensor.data[i] = around + 0.2 * random.normal();
      return [name, tensor] as const;
    }),
  );
}

let count = 0;
async function writeModel(family: Family, tensors: ReadonlyMap<string, Tensor>): Promise<string> {
  const path = join(folder, `${family}-${count++}`);
  await writeJsonAtomic(join(path, 'config.json'), configs[family]);
  await writeSafetensors(join(path, 'model.safetensors'), tensors);
  return path;
}

const cacheDir = () => join(folder, 'cache');
const load = (path: string, dtype: ModelDtype) => loadModel(path, 'made', { dtype, cacheDir: cacheDir() });

/** All parameters as the model's graphs have them, in float32. */
const parametersOf = (model: LanguageModel) =>
  computeAll(
    new Map(),
    () => new Map([...model.parameters.keys()].map((name) => [name, model.weights().get(name)])),
    model,
  );

const examples: EncodedExample[] = [
  { inputIds: Int32Array.of(5, 7, 20, 3, 11), lossMask: Uint8Array.of(0, 0, 1, 1, 1) },
  { inputIds: Int32Array.of(9, 2, 2), lossMask: Uint8Array.of(0, 1, 1) },
];

interface Results {
  trained: number;
  evaluated: number;
  gradients: ReadonlyMap<string, Float32Array>;
  logits: Float32Array;
}

/** A step with an adapter, its loss without gradients, and the scores that generation begins with. */
async function resultsOf(model: LanguageModel, method: string): Promise<Results> {
  const config = method === 'prompt-tuning' ? { numVirtualTokens: 3 } : { targetModules: 'all-linear' };
  const tokenizer = { encode: () => [1] };
  const adapter: Adapter = await methodNamed(method).createLearner({ model, tokenizer, config, seed: 1 });
  for (const tensor of adapter.tensors.values())
    tensor.data.forEach((_, i) => {
      tensor.data[i] = Math.sin(i) / 4;
    });
  const step = await createModelStep(model, adapter);
  const decoder = await createModelDecoder({ model, adapter });
  try {
    const { lossSum: trained, gradients } = await step.run(examples, 1);
    const { lossSum: evaluated } = await step.evaluate(examples);
    const { logits } = await startBatch(decoder, [[5, 7, 20]]);
    return { trained, evaluated, gradients, logits: Float32Array.from(logits) };
  } finally {
    await step.dispose();
    await decoder.dispose();
  }
}

const largest = (numbers: Float32Array) => numbers.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/** How far numbers are apart, as a part of the largest. */
function distance(found: Float32Array, wanted: Float32Array): number {
  return largest(found.map((x, i) => x - wanted[i]!)) / largest(wanted);
}

describe.each<Family>(['gpt2', 'phi3'])('a %s', (family) => {
  it.each<[Stored, ModelDtype, number]>([
    ['float32', 'fp16', 2 ** -11],
    ['bfloat16', 'fp16', 0],
    ['float16', 'fp32', 0],
    ['float32', 'q8', 0.012],
    ['bfloat16', 'q4', 0.2],
  ])(
    'stored in %s and kept in %s is used as the numbers that it stands for',
    async (stored, dtype, limit) => {
      const tensors = randomTensors(family);
      const path = await writeModel(
        family,
        new Map([...tensors].map(([name, tensor]) => [name, storedAs(stored, tensor)])),
      );
      const model = await load(path, dtype);
      const exact = await parametersOf(await load(path, 'auto'));
      const kept = await parametersOf(model);
      const away = Math.max(...[...exact].map(([name, { data }]) => distance(kept.get(name)!.data, data)));
      if (limit === 0) expect(away).toBe(0);
      else expect(away).toBeLessThan(limit);
      if (dtype.startsWith('q')) expect(away).toBeGreaterThan(limit / 20);

      // The same numbers in a file of float32 give the same step; generation rounds activations where weights are in
      // blocks.
      const reference = await load(await writeModel(family, kept), 'auto');
      for (const method of ['prompt-tuning', 'lora']) {
        const [found, wanted] = [await resultsOf(model, method), await resultsOf(reference, method)];
        expect(found.trained).toBeCloseTo(wanted.trained, 4);
        for (const [name, gradient] of wanted.gradients)
          expect(distance(found.gradients.get(name)!, gradient)).toBeLessThan(1e-4);
        const isRounded = dtype.startsWith('q');
        expect(Math.abs(found.evaluated - wanted.evaluated)).toBeLessThan(isRounded ? 0.3 : 1e-4);
        expect(distance(found.logits, wanted.logits)).toBeLessThan(isRounded ? 0.05 : 1e-5);
      }
    },
  );
});

describe('the cache', () => {
  const files = async () => (await readdir(join(cacheDir(), 'precision'))).length;

  it('has one file a model and dtype, made anew when the weights change', async () => {
    const path = await writeModel('gpt2', randomTensors('gpt2'));
    const before = await files();
    await load(path, 'q4');
    await load(path, 'q4');
    expect(await files()).toBe(before + 1);
    await load(path, 'q8');
    expect(await files()).toBe(before + 2);
    await utimes(join(path, 'model.safetensors'), 1, 1);
    await load(path, 'q4');
    expect(await files()).toBe(before + 3);
  });

  it('is not used if the files already have the requested type', async () => {
    const path = await writeModel('gpt2', randomTensors('gpt2'));
    const before = await files();
    for (const dtype of ['auto', 'fp32'] as const)
      expect((await load(path, dtype)).files.packed?.size ?? 0).toBe(0);
    expect(await files()).toBe(before);
  });

  it('is not written for numbers that do not fit', async () => {
    const tensors = randomTensors('gpt2');
    tensors.get('transformer.wte.weight')!.data[3] = 1e5;
    await expect(load(await writeModel('gpt2', tensors), 'fp16')).rejects.toThrow('too large for float16');
    tensors.get('transformer.wte.weight')!.data[3] = Number.NaN;
    const broken = load(await writeModel('gpt2', tensors), 'q8');
    await expect(broken).rejects.toThrow(FileError);
    await expect(broken).rejects.toThrow('(transformer.wte.weight): a number in it is not finite');
  });
});

it('leaves matrices unchanged whose rows are not a multiple of 64', async () => {
  const config = { ...configs.gpt2, n_embd: 32, n_inner: 64 };
  const { parameters } = gpt2.configure(config, folder);
  const path = join(folder, 'narrow');
  await writeJsonAtomic(join(path, 'config.json'), config);
  const tensors = new Map([...parameters].map(([name, shape]) => [name, float32Tensor(shape)]));
  await writeSafetensors(join(path, 'model.safetensors'), tensors);
  const { files } = await load(path, 'q8');
  expect([...files.packed!.keys()]).toEqual([
    'transformer.h.0.mlp.c_proj.weight',
    'transformer.h.1.mlp.c_proj.weight',
  ]);
});
