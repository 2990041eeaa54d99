import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composeAdapters } from '../src/attach/compose.js';
import type { Adapter } from '../src/attach/method.js';
import type { Decoder, NextTokenScores } from '../src/generation/decoder.js';
import { generate } from '../src/generation/generate.js';
import { createModelDecoder } from '../src/generation/model-decoder.js';
import type { GenerationOptions } from '../src/generation/options.js';
import { createTextGenerator } from '../src/generation/text-generator.js';
import { add, input, matmul, multiply, relu } from '../src/graph/index.js';
import { methodNamed } from '../src/methods/registry.js';
import type { LanguageModel } from '../src/models/model.js';
import { seededRandom } from '../src/random.js';
import { float32Tensor } from '../src/tensor.js';
import type { Tokenizer } from '../src/text/tokenizer.js';
import { nextStep, startBatch } from './support/decode.js';
import { characters, loadTinyGpt2 } from './support/tiny-gpt2.js';
import { useWarmRuntime } from './support/warm-runtime.js';

useWarmRuntime();

let model: LanguageModel;
let adapters: Record<string, Adapter>;
let mixed: Decoder;
/** Each adapter in a decoder of its own. */
const alone = new Map<string | undefined, Decoder>();

async function learned(method: string, config: object = {}, seed = 3): Promise<Adapter> {
  const learner = await methodNamed(method).createLearner({ model, config, tokenizer: characters, seed });
  const random = seededRandom(seed);
  for (const { data } of learner.tensors.values())
    for (let i = 0; i < data.length; i++) data[i]! += 0.2 * random.normal();
  return learner;
}

/** A bottleneck after each sub-layer. */
function bottleneck(): Adapter {
  const random = seededRandom(6);
  const size = model.config.hiddenSize;
  const tensor = (shape: number[]) =>
    float32Tensor(
      shape,
      Array.from({ length: 3 * size }, () => 0.3 * random.normal()),
    );
  return {
    method: 'bottleneck',
    numVirtualTokens: 0,
    tensors: new Map([
      ['down', tensor([size, 3])],
      ['up', tensor([3, size])],
    ]),
    attach: (values) => ({
      subLayers: new Map(
        [...model.subLayers.keys()].map((name) => [
          name,
          ({ output, residual }) =>
            add(residual, add(output, matmul(relu(matmul(output, values.get('down')!)), values.get('up')!))),
        ]),
      ),
    }),
  };
}

beforeAll(async () => {
  model = await loadTinyGpt2();
  adapters = {
    short: await learned('prompt-tuning', { numVirtualTokens: 2 }),
    long: await learned('prompt-tuning', { numVirtualTokens: 9 }, 4),
    prefix: await learned('prefix-tuning', { numVirtualTokens: 5 }),
    late: await learned('late-prompt-tuning', { numVirtualTokens: 6 }),
    upper: await learned('late-prefix-tuning', { numVirtualTokens: 3 }, 11),
    each: await learned('instance-prompt', { numVirtualTokens: 4, encoder: 'linear' }),
    lora: await learned('lora', { r: 2, targetModules: 'all-linear' }),
    dora: await learned('lora', { r: 3, useDora: true, targetModules: ['c_attn', 'c_fc'] }, 5),
    ia3: await learned('ia3'),
    bottleneck: bottleneck(),
    composed: composeAdapters([
      await learned('lora', { r: 4 }, 7),
      await learned('prompt-tuning', { numVirtualTokens: 3 }, 8),
      await learned('ia3', {}, 9),
      await learned('prefix-tuning', { numVirtualTokens: 2 }, 10),
    ]),
  };
  mixed = await createModelDecoder({ model, adapters });
  alone.set(undefined, await createModelDecoder({ model }));
  for (const [name, adapter] of Object.entries(adapters))
    alone.set(name, await createModelDecoder({ model, adapter }));
});
afterAll(async () => {
  for (const decoder of [mixed, ...alone.values()]) await decoder.dispose();
});

const texts = [[5, 17, 60, 2, 33], [90], [1, 44, 8], [60, 61, 62, 63, 64, 65, 66], [12, 13]];
/** Twelve rows of every kind, among them two of the same and two of none. */
const names = [
  'lora',
  undefined,
  'long',
  'ia3',
  'short',
  'prefix',
  'late',
  'upper',
  'each',
  'composed',
  'dora',
  'lora',
  'bottleneck',
  undefined,
  'each',
];
const rows = names.map((_, row) => texts[row % texts.length]!);

const rowOf = ({ logits, candidates }: NextTokenScores, row: number) =>
  logits.subarray(row * candidates, (row + 1) * candidates);

function expectClose(actual: Float32Array, expected: Float32Array): void {
  expect(actual.length).toBe(expected.length);
  expect(Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThan(2e-5);
}

describe('a batch whose rows use different adapters', () => {
  it('gives each row the scores that it gets alone, when it begins and when its rows are reordered', async () => {
    const parents = [3, 2, 1, 0, 4, 4, 5, 6, 7, 8, 12, 10];
    const begun = await startBatch(mixed, rows, { adapters: names });
    const later = await nextStep(
      mixed,
      parents.map((_, i) => 20 + i),
      { parents },
    );
    const scores = new Map<number, Float32Array>();
    for (const [row, name] of names.entries()) {
      const one = await startBatch(alone.get(name)!, [rows[row]!]);
      scores.set(row, rowOf(one, 0).slice());
      expectClose(rowOf(begun, row), scores.get(row)!);
    }
    for (const [i, parent] of parents.entries()) {
      const own = alone.get(names[parent])!;
      await startBatch(own, [rows[parent]!]);
      expectClose(rowOf(later, i), rowOf(await nextStep(own, [20 + i]), 0));
    }
    // They do differ: every adapter has its say.
    const first = names.map((name) => name && rowOf(begun, names.indexOf(name)));
    expect(new Set(first.map((row) => String(row))).size).toBe(new Set(names).size);
  });

  const requests: [string, GenerationOptions][] = [
    ['greedy', {}],
    ['sampled', { temperature: 1.3, topK: 20, seed: 11 }],
    ['with beams', { numBeams: 3 }],
  ];
  it.each(requests)('generates what each row alone does: %s', async (_, options) => {
    const settings = { ...options, maxNewTokens: 6 };
    const together = await generate(mixed, rows, { ...settings, adapters: names });
    for (const [row, name] of names.entries()) {
      const [one] = await generate(alone.get(name)!, [rows[row]!], { ...settings, firstRow: row });
      expect(together[row]!.ids, name).toEqual(one!.ids);
    }
  });

  it('leaves each row the room that its own virtual tokens leave', async () => {
    const adapters = ['long', undefined, 'lora'];
    expect(adapters.map((name) => mixed.maxLength(name))).toEqual([55, 64, 64]);
    const generated = await generate(mixed, [[1], [1], [1]], { maxNewTokens: 100, adapters });
    expect(generated.map(({ ids }) => ids.length)).toEqual([54, 63, 63]);
    const full = Array.from({ length: 55 }, (_, i) => i);
    await expect(generate(mixed, [full, full, full], { adapters })).rejects.toThrow(
      'prompt 0 has 55 tokens, which leaves no room',
    );
  });

  it('begins an empty text where the prompt of its row predicts the first token', async () => {
    const adapters = ['short', 'lora', 'composed'];
    const begun = await startBatch(mixed, [[], [7], []], { adapters });
    for (const [row, name] of adapters.entries()) {
      const one = await startBatch(alone.get(name)!, [row === 1 ? [7] : []]);
      expectClose(rowOf(begun, row), rowOf(one, 0));
    }
    await expect(startBatch(mixed, [[], [], []], { adapters })).rejects.toThrow('the prompt is empty');
  });
});

it('a generator continues prompts that name their adapters, in one batch', async () => {
  const tokenizer: Tokenizer = {
    encode: characters.encode,
    decode: (ids) => [...ids].map((id) => String.fromCharCode(32 + id)).join(''),
    vocabSize: 96,
    tokenOf: (id) => String.fromCharCode(32 + id),
    idOf: (token) => token.charCodeAt(0) - 32,
  };
  const generator = createTextGenerator({ model, tokenizer, adapters });
  const prompts = [{ text: 'one', adapter: 'long' }, 'other', { text: 'third', adapter: 'lora' }];
  const options = { maxNewTokens: 4 };
  const together = await generator.generate(prompts, options);
  for (const [row, prompt] of prompts.entries()) {
    const [text, name] = typeof prompt === 'string' ? [prompt] : [prompt.text, prompt.adapter];
    const [one] = await generate(alone.get(name)!, [characters.encode(text!)], options);
    expect(together[row]!.ids).toEqual(one!.ids);
    let streamed = '';
    for await (const piece of generator.stream(prompt, options)) streamed += piece;
    expect(streamed).toBe(together[row]!.text);
  }
  await expect(generator.generate([{ text: 'a', adapter: 'magic' }])).rejects.toThrow(
    'a prompt names the unknown adapter "magic"; expected one of short, long',
  );
  await generator.dispose();
});

describe('adapters of a batch', () => {
  it('that change no layer leave the graph as it is', async () => {
    const { short, prefix } = adapters;
    const decoder = await createModelDecoder({ model, adapters: { short: short!, prefix: prefix! } });
    const begun = await startBatch(decoder, [[5], [5]], { adapters: ['prefix', 'short'] });
    for (const [row, name] of ['prefix', 'short'].entries())
      expectClose(rowOf(begun, row), rowOf(await startBatch(alone.get(name)!, [[5]]), 0));
    await decoder.dispose();
  });

  it('are refused where they cannot stand beside others', async () => {
    const { short } = adapters;
    const create = (others: Record<string, Adapter>) =>
      createModelDecoder({ model, adapters: { short: short!, ...others } });
    const tasks = await learned('multitask-prompt-tuning', { numTasks: 2 });
    await expect(create({ tasks })).rejects.toThrow('tasks has 2 tasks; choose one of them first');
    const whole = await learned('full-fine-tuning');
    await expect(create({ whole })).rejects.toThrow('whole replaces weights of the model');
    await expect(create({ again: short! })).rejects.toThrow('short and again are the same adapter');
    expect(() => mixed.maxLength('magic')).toThrow('adapter "magic" is unknown; expected one of short, long');
    await expect(createModelDecoder({ model, adapter: short, adapters: {} })).rejects.toThrow('not both');
  });

  it('may not apply a layer to two inputs', async () => {
    const twice: Adapter = {
      method: 'twice',
      numVirtualTokens: 0,
      tensors: new Map(),
      attach: () => ({
        linear: new Map([
          [
            [...model.linearLayers.keys()][0]!,
            ({ input: x, compute }) => add(compute(x), compute(multiply(x, input('s', 'float32', [])))),
          ],
        ]),
      }),
    };
    await expect(createModelDecoder({ model, adapters: { twice } })).rejects.toThrow(
      'may apply it to one input only',
    );
  });
});
