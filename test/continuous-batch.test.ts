/**
 * @file Rows that join and leave a running batch at any step get what each gets alone, in families of every kind of
 * cache.
 */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Adapter } from '../src/attach/method.js';
import type { Decoder, NextTokenScores } from '../src/generation/decoder.js';
import { generate } from '../src/generation/generate.js';
import { createModelDecoder } from '../src/generation/model-decoder.js';
import { loadModel } from '../src/loading/load-model.js';
import { methodNamed } from '../src/methods/registry.js';
import type { LanguageModel } from '../src/models/model.js';
import { type Random, seededRandom } from '../src/random.js';
import { nextStep, startBatch } from './support/decode.js';
import { characters } from './support/tiny-gpt2.js';
import { useWarmRuntime } from './support/warm-runtime.js';

useWarmRuntime();

/** A request: a prompt, how many tokens are wanted, and the step at which it comes. */
interface Request {
  readonly ids: readonly number[];
  readonly adapter?: string;
  readonly length: number;
  readonly at: number;
  readonly tokens: number[];
}

const best = ({ ids, candidates }: NextTokenScores, row: number) => ids![row * candidates]!;

/** What a server does: in each step finished rows leave, those that have come join, and all go on together. */
async function serve(decoder: Decoder, requests: readonly Request[]): Promise<void> {
  let running: Request[] = [];
  for (let step = 0; requests.some(({ tokens, length }) => tokens.length < length); step++) {
    const stay = [...running.keys()].filter((row) => running[row]!.tokens.length < running[row]!.length);
    stay.reverse(); // in any order
    await decoder.reorder(stay);
    running = stay.map((row) => running[row]!);
    if (running.length > 0) {
      const scores = await decoder.step(
        running.map(({ tokens }) => tokens.at(-1)!),
        1,
      );
      for (const [row, { tokens }] of running.entries()) tokens.push(best(scores, row));
    }
    const joining = requests.filter(({ at }) => at === step);
    if (joining.length === 0) continue;
    const scores = await decoder.admit(joining, 2);
    for (const [row, { tokens }] of joining.entries()) tokens.push(best(scores, row));
    running.push(...joining);
  }
  await decoder.reorder([]);
}

function randomRequests(random: Random, vocabSize: number, names: readonly (string | undefined)[]) {
  return Array.from({ length: 14 }, (_, i): Request => {
    const length = 1 + random.below(i === 3 ? 150 : 12);
    return {
      ids: Array.from({ length }, () => 3 + random.below(vocabSize - 3)),
      adapter: names[i % names.length],
      length: 1 + random.below(9),
      at: random.below(12),
      tokens: [],
    };
  });
}

const goldenModel = (name: string) => loadModel(join(import.meta.dirname, 'golden/cases', name, 'model'));

async function learned(model: LanguageModel, method: string, config: object): Promise<Adapter> {
  const learner = await methodNamed(method).createLearner({ model, config, tokenizer: characters, seed: 3 });
  const random = seededRandom(5);
  for (const { data } of learner.tensors.values())
    for (let i = 0; i < data.length; i++) data[i]! += 0.3 * random.normal();
  return learner;
}

describe.each([
  ['GPT-2', 'gpt2__base'],
  ['a Llama-like model with a sliding window', 'mistral-window__prompt-tuning'],
  ['layers of two kinds of windows', 'gemma3__lora'],
  ['T5, whose encoder reads the prompts', 'mt5__lora'],
])('%s', (_, name) => {
  it('gives each row that comes and goes the tokens that it gets alone', async () => {
    const model = await goldenModel(name);
    const adapters: Record<string, Adapter> = model.encoder
      ? {}
      : {
          short: await learned(model, 'prompt-tuning', { numVirtualTokens: 2 }),
          prefix: await learned(model, 'prefix-tuning', { numVirtualTokens: 7 }),
          lora: await learned(model, 'lora', { r: 2 }),
          late: await learned(model, 'late-prompt-tuning', { numVirtualTokens: 3, insertionLayer: 1 }),
          upper: await learned(model, 'late-prefix-tuning', {
            numVirtualTokens: 5,
            insertionLayer: model.config.numLayers - 1,
          }),
          each: await learned(model, 'instance-prompt', { numVirtualTokens: 4, encoder: 'linear' }),
        };
    const decoder = await createModelDecoder(model.encoder ? { model } : { model, adapters });
    try {
      for (const seed of [1, 2, 3]) {
        const names = [undefined, ...Object.keys(adapters)];
        const requests = randomRequests(seededRandom(seed), model.config.vocabSize, names);
        const fitting = requests.filter(({ ids, adapter }) => ids.length + 9 < decoder.maxLength(adapter));
        await serve(decoder, fitting);
        expect(new Set(fitting.map(({ at }) => at)).size).toBeGreaterThan(4);
        for (const { ids, adapter, tokens, length } of fitting) {
          const [alone] = await generate(decoder, [ids], { maxNewTokens: length, adapters: [adapter] });
          expect(tokens, `${adapter} ${ids}`).toEqual(alone!.ids);
        }
      }
    } finally {
      await decoder.dispose();
    }
  });
});

it('rows that cannot join leave those at work as they are', async () => {
  const model = await goldenModel('gpt2__base');
  const decoder = await createModelDecoder({ model });
  try {
    await startBatch(decoder, [[5, 6], [7]]);
    const expected = await nextStep(decoder, [8, 9]);
    await startBatch(decoder, [[5, 6], [7]]);
    await expect(decoder.admit([{ ids: [4] }, { ids: [] }], 1)).rejects.toThrow('the prompt is empty');
    await expect(decoder.admit([{ ids: [model.config.vocabSize] }], 1)).rejects.toThrow('outside');
    await expect(decoder.admit([{ ids: [4], adapter: 'cats' }], 1)).rejects.toThrow('"cats" is unknown');
    // What the model has no positions for is refused by ONNX Runtime, when the row has joined already.
    const tooLong = Array.from({ length: model.config.maxPositions + 1 }, () => 4);
    await expect(decoder.admit([{ ids: tooLong }], 1)).rejects.toThrow('ONNX Runtime');
    expect(await nextStep(decoder, [8, 9])).toEqual(expected);
    await expect(decoder.step([8], 1)).rejects.toThrow('expected 2 tokens, one per row, got 1');
  } finally {
    await decoder.dispose();
  }
});
