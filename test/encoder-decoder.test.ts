/**
 * @file What must hold of a model with an encoder (T5), beyond the golden cases: in batches, in files, step by step.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportAsPrefix } from '../src/adapters/export-prefix.js';
import { loadAdapter } from '../src/adapters/load-adapter.js';
import { mergeAdapter } from '../src/adapters/merge.js';
import { filesReadWith } from '../src/adapters/option-files.js';
import { savable } from '../src/adapters/saved-adapter.js';
import { composeAdapters } from '../src/attach/compose.js';
import { createHead } from '../src/attach/head.js';
import type { Adapter, Learner } from '../src/attach/method.js';
import { placeLearner } from '../src/attach/placed-prompt.js';
import { computeLogits } from '../src/evaluation/logits.js';
import { generate } from '../src/generation/generate.js';
import { createModelDecoder } from '../src/generation/model-decoder.js';
import { loadModel } from '../src/loading/load-model.js';
import { createLossEvaluator } from '../src/loss/evaluator.js';
import { methodNamed, methods } from '../src/methods/registry.js';
import type { LanguageModel } from '../src/models/model.js';
import { seededRandom } from '../src/random.js';
import { nextStep, startBatch } from './support/decode.js';
import { useWarmRuntime } from './support/warm-runtime.js';

useWarmRuntime();

const cases = join(import.meta.dirname, 'golden/cases');
const tokenizer = { encode: (text: string) => [...text].map((character) => character.charCodeAt(0) % 24) };
const sources = [
  [5, 17, 20, 2, 13, 1],
  [9, 1],
  [7, 7, 11, 1],
];
const asked = [[3, 8, 1], [12, 20, 4, 5, 1], [1]];
const examples = sources.map((ids, row) => ({
  inputIds: Int32Array.of(...ids, ...asked[row]!),
  lossMask: Uint8Array.of(...ids.map(() => 0), ...asked[row]!.map(() => 1)),
  taskId: row % 2,
}));

let model: LanguageModel;
let root: string;
/** The losses of the model alone, once they are known. */
let unlearned: number[] | undefined;
beforeAll(async () => {
  model = await loadModel(join(cases, 't5-small__base/model'), 'tiny-t5');
  root = await mkdtemp(join(tmpdir(), 'promptune-encoder-'));
});
afterAll(() => rm(root, { recursive: true }));

const newFolder = () => mkdtemp(join(root, 'adapter-'));
/** Moved a little from where it starts, as by training. */
async function learned(method: string, config: object = {}): Promise<Learner> {
  const learner = await methodNamed(method).createLearner({
    model,
    config,
    tokenizer,
    seed: 3,
    files: filesReadWith({}),
  });
  const random = seededRandom(8);
  for (const { data } of learner.tensors.values())
    for (let i = 0; i < data.length; i++) data[i]! += 0.2 * random.normal();
  return learner;
}

async function losses(adapter: Adapter | undefined, rows = examples, of = model): Promise<number[]> {
  const [found] = await lossesOfBatches(adapter, [rows], of);
  return found!;
}

async function lossesOfBatches(
  adapter: Adapter | undefined,
  batches: readonly (typeof examples)[],
  of = model,
): Promise<number[][]> {
  const evaluator = await createLossEvaluator(of, adapter);
  try {
    const found: number[][] = [];
    for (const rows of batches) found.push(await evaluator.evaluateRows(rows));
    return found;
  } finally {
    await evaluator.dispose();
  }
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-5): void {
  expect(actual.length).toBe(expected.length);
  const worst = Math.max(...Array.from(actual, (value, i) => Math.abs(value - expected[i]!)));
  expect(worst).toBeLessThan(tolerance);
}

const kinds: readonly (readonly [string, object])[] = [
  ['prompt-tuning', { numVirtualTokens: 3 }],
  ['p-tuning', { numVirtualTokens: 3, encoderHiddenSize: 4 }],
  ['prefix-tuning', { numVirtualTokens: 3 }],
  ['prefix-tuning', { numVirtualTokens: 3, prefixProjection: true, encoderHiddenSize: 4 }],
  ['multitask-prompt-tuning', { numVirtualTokens: 3, numTasks: 2, numRanks: 2 }],
  ['instance-prompt', { numVirtualTokens: 3, encoder: 'mlp', encoderHiddenSize: 4 }],
  [
    'instance-prompt',
    { numVirtualTokens: 2, encoder: 'transformer', encoderHiddenSize: 4, encoderReads: 'embeddings' },
  ],
  ['prompt-pool', { poolSize: 4, topN: 2, promptLength: 2 }],
  ['lora', { r: 2 }],
  ['ia3', {}],
  ['bottleneck-adapter', { kind: 'houlsby', reductionFactor: 2, crossAttention: true, leaveOut: [1] }],
  ['prompt-tuning+lora', { numVirtualTokens: 3, r: 2 }],
  ['multitask-prompt-tuning+prefix-tuning', { numVirtualTokens: 3, numTasks: 2, numRanks: 2 }],
];

describe.each(kinds)('%s %j', (method, config) => {
  it('gives each text of a batch what it gets alone, and the same once saved and loaded', async () => {
    const learner = await learned(method, config);
    const each = examples.map((example) => [example]);
    const [batch, ...alone] = (await lossesOfBatches(learner, [examples, ...each])) as [
      number[],
      ...number[][],
    ];
    expectClose(alone.flat(), batch);
    unlearned ??= await losses(undefined);
    expect(Math.abs(batch[0]! - unlearned[0]!)).toBeGreaterThan(1e-3);
    const folder = await newFolder();
    await savable(learner).save(folder);
    const loaded = await loadAdapter(folder, model);
    expect(loaded.numVirtualTokens).toBe(learner.numVirtualTokens);
    expectClose(await losses(loaded), batch);
  });

  it('generates from the scores that a whole pass gives, step by step', async () => {
    const learner = await learned(method, config);
    await expectStepsOfWholePasses(learner.tasks?.adapterFor(1) ?? learner);
  });
});

/** Rows that are dropped, repeated and moved must keep their own texts, whatever the decoder's cache does. */
async function expectStepsOfWholePasses(adapter: Adapter | undefined, of = model): Promise<void> {
  const decoder = await createModelDecoder({ model: of, adapter });
  const passed: { sources: readonly number[]; ids: readonly number[] }[] = [];
  const found: number[] = [];
  try {
    let rows = sources.map((ids) => ({ sources: ids, ids: [] as number[] }));
    passed.push(...rows);
    found.push(...(await startBatch(decoder, sources)).logits);
    for (const { tokens, parents } of [
      { tokens: [4, 9, 11] },
      { tokens: [5, 6, 7, 8], parents: [2, 0, 0, 1] },
      { tokens: [10, 3], parents: [3, 0] },
    ]) {
      rows = tokens.map((token, row) => {
        const { sources: text, ids } = rows[parents?.[row] ?? row]!;
        return { sources: text, ids: [...ids, token] };
      });
      passed.push(...rows);
      found.push(...(await nextStep(decoder, tokens, { parents })).logits);
    }
  } finally {
    await decoder.dispose();
  }
  const { data, shape } = await computeLogits({
    model: of,
    adapter,
    encoderIds: passed.map((text) => text.sources),
    texts: passed.map(({ ids }) => [of.encoder!.startTokenId, ...ids]),
  });
  const [, length, size] = shape as [number, number, number];
  const last = passed.map(({ ids }, row) => (row * length + ids.length) * size);
  expectClose(
    found,
    last.flatMap((at) => [...data.subarray(at, at + size)]),
  );
}

it('generates with the model alone', () => expectStepsOfWholePasses(undefined));

it("generates behind the decoder's prompt that PEFT's multitask adapters have", async () => {
  const folder = join(cases, 'mt5__multitask-prompt-tuning');
  const mt5 = await loadModel(join(folder, 'model'));
  const adapter = await loadAdapter(join(folder, 'adapter'), mt5);
  await expectStepsOfWholePasses(adapter.tasks!.adapterFor(1), mt5);
});

it("continues from PEFT's multitask adapter with its decoder's prompt, and saves both", async () => {
  const folder = join(cases, 'mt5__multitask-prompt-tuning');
  const mt5 = await loadModel(join(folder, 'model'));
  const source = await loadAdapter(join(folder, 'adapter'), mt5);
  const config = { initAdapter: join(folder, 'adapter'), initFrom: 'task', initTask: 1 };
  const learner = await methodNamed(source.method).createLearner({
    model: mt5,
    config,
    tokenizer,
    seed: 1,
    files: filesReadWith({}),
  });
  expect(learner.numVirtualTokens).toBe(3);
  const target = await newFolder();
  await savable(learner).save(target);
  const expected = await losses(source.tasks!.adapterFor(1), examples, mt5);
  expectClose(await losses((await loadAdapter(target, mt5)).tasks!.adapterFor(0), examples, mt5), expected);
});

it('has soft tokens anywhere in what the encoder reads', async () => {
  const prompt = await learned('prompt-tuning', { numVirtualTokens: 3 });
  const placed = placeLearner(prompt, '{soft:3}{text}', 3);
  const soft = [0, 1, 2].map((i) => model.config.vocabSize + i);
  const withSoft = (at: number) =>
    examples.map(({ inputIds, lossMask, taskId }) => ({
      inputIds: Int32Array.of(...inputIds.slice(0, at), ...soft, ...inputIds.slice(at)),
      lossMask: Uint8Array.of(0, 0, 0, ...lossMask),
      taskId,
    }));
  const before = await losses(prompt);
  expectClose(await losses(placed, withSoft(0)), before);
  const within = await losses(placed, withSoft(1));
  expect(Math.abs(within[0]! - before[0]!)).toBeGreaterThan(1e-3);

  const decoders = [
    await createModelDecoder({ model, adapter: prompt }),
    await createModelDecoder({ model, adapter: placed }),
  ] as const;
  const [one, other] = [
    await generate(decoders[0], sources, { maxNewTokens: 5 }),
    await generate(
      decoders[1],
      sources.map((ids) => [...soft, ...ids]),
      { maxNewTokens: 5 },
    ),
  ];
  expect(other.map(({ ids }) => ids)).toEqual(one.map(({ ids }) => ids));
  for (const decoder of decoders) await decoder.dispose();
});

it('beams of several texts are each what they are alone', async () => {
  const options = { numBeams: 3, maxNewTokens: 5, eosTokenId: 7 };
  const decoder = await createModelDecoder({ model });
  try {
    const together = await generate(decoder, sources, options);
    for (const [row, text] of sources.entries()) {
      const [alone] = await generate(decoder, [text], options);
      expect(together[row]!.ids).toEqual(alone!.ids);
      expect(together[row]!.score).toBeCloseTo(alone!.score!, 4);
    }
  } finally {
    await decoder.dispose();
  }
});

it("the repetition penalty counts the decoder's tokens, as in transformers, and not those of the input", async () => {
  const decoder = await createModelDecoder({ model });
  try {
    const text = Array.from({ length: 23 }, (_, i) => i + 1);
    const { data } = await computeLogits({ model, encoderIds: [text], texts: [[0]] });
    // Of all tokens only the start token stands before the answer.
    const scores = Array.from(data, (score, id) => (id > 0 ? score : score < 0 ? 9 * score : score / 9));
    const [row] = await generate(decoder, [text], { maxNewTokens: 1, repetitionPenalty: 9 });
    expect(row!.ids).toEqual([scores.indexOf(Math.max(...scores))]);
  } finally {
    await decoder.dispose();
  }
});

it('a merged LoRA gives the same', async () => {
  const lora = await learned('lora', { r: 2, targetModules: 'all-linear' });
  const output = join(root, 'merged');
  await mergeAdapter({ model, adapter: lora, output });
  expectClose(await losses(undefined, examples, await loadModel(output)), await losses(lora));
});

it('saves what was trained as a whole, and loads it', async () => {
  const learner = await learned('full-fine-tuning');
  const output = join(root, 'whole');
  await savable(learner).save(output);
  expectClose(await losses(undefined, examples, await loadModel(output)), await losses(learner), 1e-4);
});

it('refuses every other method, to be learned and to be loaded', async () => {
  const refused = methods.filter(
    ({ name }) => !kinds.some(([kind]) => kind.includes(name)) && name !== 'full-fine-tuning',
  );
  expect(refused.map(({ name }) => name)).toEqual(expect.arrayContaining(['cartridge', 'cpt', 'head-alone']));
  for (const { createLearner, name, load } of refused) {
    const message = `${name} does not support tiny-t5, a t5 model with an encoder: `;
    await expect(
      createLearner({ model, config: {}, tokenizer, seed: 1, files: filesReadWith({}) }),
    ).rejects.toThrow(message);
    if (load)
      expect(() => load({ form: 'peft', config: { peft_type: '' }, tensors: new Map() }, model)).toThrow(
        message,
      );
  }
});

it('refuses what is for decoders alone', async () => {
  const prompt = await learned('prompt-tuning', { numVirtualTokens: 2 });
  const message = /is not supported for tiny-t5: it is a t5 model, whose encoder reads the input/;
  await expect(createModelDecoder({ model, adapters: { prompt } })).rejects.toThrow(message);
  await expect(exportAsPrefix(prompt, model, join(root, 'prefix'))).rejects.toThrow(message);
  expect(() => createHead(model, 'sequence-classification', ['a', 'b'], 1)).toThrow(message);
  await expect(computeLogits({ model, texts: [[0]] })).rejects.toThrow(
    "has an encoder: set `encoderIds`, the encoder's input",
  );
  const decoder = await createModelDecoder({ model, adapter: composeAdapters([prompt]) });
  await expect(startBatch(decoder, [[]])).rejects.toThrow('the text of the encoder is empty');
  await decoder.dispose();
});
