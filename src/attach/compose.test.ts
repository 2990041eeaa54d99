import { beforeAll, describe, expect, it } from 'vitest';
import { characters, loadTinyGpt2 } from '../../test/support/tiny-gpt2.js';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { computeLogits } from '../evaluation/logits.js';
import { readWeight } from '../formats/model-folder.js';
import { add, multiply } from '../graph/index.js';
import { createModelStep } from '../loss/model-step.js';
import { methodNamed } from '../methods/registry.js';
import type { LanguageModel } from '../models/model.js';
import { seededRandom } from '../random.js';
import { float32Tensor, type Tensor, type TrainableTensors } from '../tensor.js';
import { composeAdapters } from './compose.js';
import type { Adapter, Learner } from './method.js';

useWarmRuntime();

let model: LanguageModel;
beforeAll(async () => {
  model = await loadTinyGpt2();
});

const texts = [
  [5, 17, 60, 2, 33],
  [90, 1, 44],
];

async function learn(method: string, config: object = {}, seed = 3): Promise<Learner> {
  const learner = await methodNamed(method).createLearner({ model, config, tokenizer: characters, seed });
  return learner;
}

/** With every tensor moved a little, as training would. */
async function learned(method: string, config: object = {}, seed = 3): Promise<Learner> {
  const learner = await learn(method, config, seed);
  const random = seededRandom(seed);
  for (const { data } of learner.tensors.values())
    for (let i = 0; i < data.length; i++) data[i]! += 0.05 * random.normal();
  return learner;
}

const logits = async (adapter?: Adapter, rows: readonly (readonly number[])[] = texts) =>
  (await computeLogits({ model, adapter, texts: rows })).data as Float32Array;

function difference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

/** Logits of each text with another one before it. */
async function after(before: string, text: readonly number[]): Promise<Float32Array> {
  const ids = characters.encode(before);
  const { data, shape } = await computeLogits({ model, texts: [[...ids, ...text]] });
  return data.subarray(ids.length * shape[2]!) as Float32Array;
}

describe('prompts before the text', () => {
  it.each([
    ['soft prompts one after the other', ['prompt-tuning', 'prompt-tuning'], 'hello world'],
    ['a soft prompt that sees the prefix before it', ['prefix-tuning', 'prompt-tuning'], 'hello world'],
    ['the prefix first, whichever is given first', ['prompt-tuning', 'prefix-tuning'], ' worldhello'],
  ])('is %s', async (_, methods, whole) => {
    const adapters = [
      await learn(methods[0]!, { initText: 'hello' }),
      await learn(methods[1]!, { initText: ' world' }),
    ];
    const composed = composeAdapters(adapters);
    expect(composed.numVirtualTokens).toBe(11);
    expect(composed.method).toBe(methods.join('+'));
    for (const text of texts)
      expect(difference(await logits(composed, [text]), await after(whole, text))).toBeLessThan(1e-5);
  });

  it('is the keys and values of prefixes in the order given', async () => {
    const [one, other] = [
      await learned('prefix-tuning', { numVirtualTokens: 3 }),
      await learned('prefix-tuning', { numVirtualTokens: 2 }, 4),
    ];
    const matrices = [one, other].map(({ tensors }) => tensors.get('prompt_embeddings')!);
    const joined = await learn('prefix-tuning', { numVirtualTokens: 5 });
    const whole = joined.tensors.get('prompt_embeddings')!.data;
    whole.set(matrices[0]!.data);
    whole.set(matrices[1]!.data, matrices[0]!.data.length);
    const composed = composeAdapters([one, other]);
    expect([...composed.tensors.keys()]).toEqual([
      'prefix-tuning/prompt_embeddings',
      'prefix-tuning-2/prompt_embeddings',
    ]);
    expect(composed.tensors.get('prefix-tuning/prompt_embeddings')).toBe(matrices[0]);
    expect(difference(await logits(composed), await logits(joined))).toBeLessThan(1e-5);
  });

  it('may include a prompt per text or per task', async () => {
    const fixed = await learned('prompt-tuning', { numVirtualTokens: 3 });
    const prefix = await learned('prefix-tuning', { numVirtualTokens: 2 });
    const instance = await learned('instance-prompt', { numVirtualTokens: 2, encoder: 'linear' });
    const each = composeAdapters([fixed, instance, prefix]);
    expect(each.readsText).toBe(true);
    const together = await logits(each);
    const alone = await Promise.all(texts.map((text) => logits(each, [text])));
    const { vocabSize } = model.config;
    expect(difference(together.subarray(0, 5 * vocabSize), alone[0]!)).toBeLessThan(1e-5);
    expect(difference(together.subarray(5 * vocabSize, 8 * vocabSize), alone[1]!)).toBeLessThan(1e-5);

    const tasks = await learned('multitask-prompt-tuning', { numVirtualTokens: 2, numTasks: 3 });
    const composed = composeAdapters([fixed, tasks, prefix]);
    expect(composed.tasks!.count).toBe(3);
    const second = composeAdapters([fixed, tasks.tasks!.adapterFor(1), prefix]);
    expect(await logits(composed.tasks!.adapterFor(1))).toEqual(await logits(second));
    expect(difference(await logits(second), await logits(composed.tasks!.adapterFor(2)))).toBeGreaterThan(
      1e-4,
    );
  });
});

describe('changes of layers', () => {
  const layerNames = ['transformer.h.0.mlp.c_fc', 'transformer.h.1.mlp.c_fc'];
  const parameter = (name: string) => readWeight(model.source, model.files.locations.get(name)!.name);
  const replacing = (tensors: TrainableTensors): Adapter => ({
    method: 'merged',
    tensors,
    numVirtualTokens: 0,
    attach: (values) => ({ parameters: values }),
  });
  /** s·BA of a LoRA with r 2 in GPT-2's layout, [in, out]. */
  function product({ tensors }: Adapter, layer: string, scale: number): Tensor<'float32'> {
    const [a, b] = ['lora_A', 'lora_B'].map(
      (part) => tensors.get(`base_model.model.${layer}.${part}.weight`)!,
    );
    const [, inSize] = a!.shape as [number, number];
    const [outSize, rank] = b!.shape as [number, number];
    const result = float32Tensor([inSize, outSize]);
    for (let i = 0; i < inSize; i++)
      for (let out = 0; out < outSize; out++)
        for (let r = 0; r < rank; r++)
          result.data[i * outSize + out]! += scale * b!.data[out * rank + r]! * a!.data[r * inSize + i]!;
    return result;
  }
  const lora = { r: 2, loraAlpha: 3, targetModules: ['mlp.c_fc'] };

  it('add up for LoRAs', async () => {
    const [one, other] = [await learned('lora', lora), await learned('lora', { ...lora, loraAlpha: 8 }, 4)];
    const merged: TrainableTensors = new Map();
    for (const name of layerNames) {
      const weight = await parameter(`${name}.weight`);
      const [first, second] = [product(one, name, 1.5), product(other, name, 4)];
      merged.set(
        `${name}.weight`,
        float32Tensor(
          weight.shape,
          weight.data.map((w, i) => w + first.data[i]! + second.data[i]!),
        ),
      );
    }
    const composed = composeAdapters([one, other]);
    expect(difference(await logits(composed), await logits(replacing(merged)))).toBeLessThan(1e-5);
    expect(difference(await logits(composed), await logits(one))).toBeGreaterThan(1e-3);
  });

  it.each([
    ['ia3', 'lora'],
    ['lora', 'ia3'],
  ])('are nested, the first innermost: %s, %s', async (inner, outer) => {
    const change = await learned('lora', lora);
    const factors = await learned('ia3', { targetModules: ['mlp.c_fc'], feedforwardModules: [] });
    const merged: TrainableTensors = new Map();
    for (const name of layerNames) {
      const weight = await parameter(`${name}.weight`);
      const bias = await parameter(`${name}.bias`);
      const l = factors.tensors.get(`base_model.model.${name}.ia3_l`)!.data;
      const delta = product(change, name, 1.5).data;
      const scaled = weight.data.map((w, i) => {
        const factor = l[i % l.length]!;
        return inner === 'ia3' ? factor * w + delta[i]! : factor * (w + delta[i]!);
      });
      merged.set(`${name}.weight`, float32Tensor(weight.shape, scaled));
      merged.set(
        `${name}.bias`,
        float32Tensor(
          bias.shape,
          bias.data.map((b, i) => b * l[i]!),
        ),
      );
    }
    const byName: Record<string, Adapter> = { ia3: factors, lora: change };
    const composed = composeAdapters([byName[inner]!, byName[outer]!]);
    expect(difference(await logits(composed), await logits(replacing(merged)))).toBeLessThan(1e-5);
  });

  it('around sub-layers are nested as well', async () => {
    const names = [...model.subLayers.keys()];
    const scaling = (factor: number): Adapter => ({
      method: 'scaled',
      tensors: new Map(),
      numVirtualTokens: 0,
      attach: () => ({
        subLayers: new Map(
          names.map((name) => [name, ({ output, residual }) => add(residual, multiply(output, factor))]),
        ),
      }),
    });
    const composed = composeAdapters([scaling(2), scaling(0.75)]);
    expect(difference(await logits(composed), await logits(scaling(1.5)))).toBeLessThan(1e-5);
    expect(difference(await logits(composed), await logits())).toBeGreaterThan(1e-2);
  });

  it('apply to a soft prompt as well', async () => {
    const change = await learned('lora', lora);
    const prompt = await learn('prompt-tuning', { initText: 'hello' });
    const ids = characters.encode('hello');
    const whole = await logits(change, [[...ids, ...texts[0]!]]);
    const expected = whole.subarray(ids.length * model.config.vocabSize);
    expect(difference(await logits(composeAdapters([prompt, change]), [texts[0]!]), expected)).toBeLessThan(
      1e-5,
    );
  });
});

it("a composition adds its parts' penalties to the training loss", async () => {
  const pool = await learned('prompt-pool', { poolSize: 3, topN: 1, promptLength: 2 });
  // B = 0: the LoRA changes nothing, so that all gradients of the pool stay as they are.
  const both = composeAdapters([pool, await learn('lora')]);
  const examples = texts.map((ids) => ({
    inputIds: Int32Array.from(ids),
    lossMask: new Uint8Array(ids.length).fill(1, 2),
  }));
  const gradientsOf = async (adapter: Adapter) => {
    const step = await createModelStep(model, adapter);
    const { gradients } = await step.run(examples, 1);
    await step.dispose();
    return gradients;
  };
  const alone = (await gradientsOf(pool)).get('pool_keys')!;
  const composed = (await gradientsOf(both)).get('prompt-pool/pool_keys')!;
  expect(Math.hypot(...alone)).toBeGreaterThan(1e-3);
  expect(difference(composed, alone)).toBeLessThan(1e-6);
});

describe('adapters that cannot be composed', () => {
  it('are refused with the reason', async () => {
    const prompt = await learn('prompt-tuning');
    const tasks = () => learn('multitask-prompt-tuning', { numTasks: 2 });
    const whole = () => learn('full-fine-tuning');
    expect(() => composeAdapters([])).toThrow('expected at least one');
    expect(composeAdapters([prompt])).toBe(prompt);
    expect(() => composeAdapters([prompt, prompt])).toThrow(
      'prompt-tuning and prompt-tuning-2 are the same adapter',
    );
    const two = [await tasks(), await tasks()];
    expect(() => composeAdapters(two)).toThrow(
      'multitask-prompt-tuning and multitask-prompt-tuning-2 both have tasks',
    );
    const mixed = [await tasks(), await learn('instance-prompt')];
    expect(() => composeAdapters(mixed)).toThrow('and another adapter one per text');
    await expect(logits(composeAdapters([await whole(), await whole()]))).rejects.toThrow(
      'two adapters replace the parameter transformer.wte.weight',
    );
    const long = composeAdapters([
      await learn('prompt-tuning', { numVirtualTokens: 40 }),
      await learn('prefix-tuning', { numVirtualTokens: 24 }),
    ]);
    await expect(logits(long)).rejects.toThrow("64 virtual tokens leave no room in the model's 64 positions");
  });
});
