import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadAdapter } from '../src/adapters/load-adapter.js';
import { filesReadWith } from '../src/adapters/option-files.js';
import { savable } from '../src/adapters/saved-adapter.js';
import { adaptModel } from '../src/attach/adapted-model.js';
import { composeAdapters } from '../src/attach/compose.js';
import { withDerived } from '../src/attach/derived.js';
import type { Adapter, Learner } from '../src/attach/method.js';
import { computeLogits } from '../src/evaluation/logits.js';
import { readWeight } from '../src/formats/model-folder.js';
import { decodeGraph } from '../src/generation/decode-graph.js';
import { createModelDecoder } from '../src/generation/model-decoder.js';
import { loadModel } from '../src/loading/load-model.js';
import { lossGraph } from '../src/loss/loss-graph.js';
import { createModelStep } from '../src/loss/model-step.js';
import { methodNamed, methods } from '../src/methods/registry.js';
import type { LanguageModel } from '../src/models/model.js';
import { seededRandom } from '../src/random.js';
import { Session } from '../src/runtime/index.js';
import { float32Tensor, type Tensor } from '../src/tensor.js';
import { startBatch } from './support/decode.js';

/** A GPT-2 of 2 layers, width 32, 4 heads and 96 tokens. */
const modelFolder = join(import.meta.dirname, 'golden/cases/gpt2__base/model');
const tokenizer = { encode: (text: string) => [...text].map((character) => character.charCodeAt(0) % 96) };
const texts = [
  [5, 17, 60, 2, 33],
  [90, 1, 44],
];

let model: LanguageModel;
let keeper: Session;
let root: string;
beforeAll(async () => {
  model = await loadModel(modelFolder);
  root = await mkdtemp(join(tmpdir(), 'promptune-methods-'));
  // One idle session keeps the worker thread alive between the tests.
  keeper = await createKeeper();
});
afterAll(async () => {
  await keeper.dispose();
  await rm(root, { recursive: true });
});

async function createKeeper() {
  const { bytes } = lossGraph(model, undefined, { differentiate: false });
  return Session.create(bytes, { weights: model.files });
}

const learn = (method: string, config: object = {}, seed = 3): Promise<Learner> =>
  methodNamed(method).createLearner({ model, config, tokenizer, seed, files: filesReadWith({}) });

/** Every method, in each of its kinds. */
const kinds: readonly (readonly [string, string, object])[] = [
  ['prompt-tuning', 'prompt-tuning', { numVirtualTokens: 4 }],
  ['prompt-tuning, projected', 'prompt-tuning', { projected: true, initText: 'abc' }],
  ['late-prompt-tuning', 'late-prompt-tuning', { numVirtualTokens: 4 }],
  [
    'late-prompt-tuning, predicted',
    'late-prompt-tuning',
    { numVirtualTokens: 4, predicted: true, encoderHiddenSize: 8 },
  ],
  ['p-tuning, MLP', 'p-tuning', { numVirtualTokens: 4, encoderHiddenSize: 8 }],
  [
    'p-tuning, LSTM',
    'p-tuning',
    { numVirtualTokens: 3, encoderHiddenSize: 4, encoderReparameterizationType: 'LSTM' },
  ],
  ['prefix-tuning', 'prefix-tuning', { numVirtualTokens: 4 }],
  [
    'prefix-tuning, MLP',
    'prefix-tuning',
    { numVirtualTokens: 4, prefixProjection: true, encoderHiddenSize: 8 },
  ],
  ['late-prefix-tuning', 'late-prefix-tuning', { numVirtualTokens: 4 }],
  ['cartridge', 'cartridge', { initText: 'a long text', numVirtualTokens: 5, numFrozenTokens: 2 }],
  ['cartridge, nothing frozen', 'cartridge', { numVirtualTokens: 3, numFrozenTokens: 0 }],
  // Of the texts' loss alone: that of the examples is in cpt.test.ts.
  ['cpt', 'cpt', { examplesFile: join(import.meta.dirname, 'support/examples.jsonl'), lossDecayFactor: 0 }],
  ['multitask-prompt-tuning', 'multitask-prompt-tuning', { numVirtualTokens: 4, numTasks: 2, numRanks: 2 }],
  ['instance-prompt, linear', 'instance-prompt', { numVirtualTokens: 3, encoder: 'linear' }],
  [
    'instance-prompt of embeddings',
    'instance-prompt',
    { numVirtualTokens: 3, encoder: 'linear', encoderReads: 'embeddings' },
  ],
  ['instance-prompt, bottleneck', 'instance-prompt', { numVirtualTokens: 3, encoderHiddenSize: 8 }],
  [
    'instance-prompt, Transformer',
    'instance-prompt',
    { numVirtualTokens: 3, encoder: 'transformer', encoderHiddenSize: 8, encoderNumLayers: 2 },
  ],
  // Of the loss alone: the penalty moves the keys (see prompt-pool.test.ts).
  ['prompt-pool', 'prompt-pool', { poolSize: 4, topN: 2, promptLength: 2, keyLossWeight: 0 }],
  ['lora', 'lora', { r: 2, targetModules: 'all-linear' }],
  ['lora, rank-stabilized', 'lora', { r: 3, loraAlpha: 6, useRslora: true }],
  ['lora, DoRA', 'lora', { r: 2, useDora: true, targetModules: ['c_attn', 'mlp.c_proj'] }],
  ['ia3', 'ia3', {}],
  ['bottleneck-adapter, Houlsby', 'bottleneck-adapter', { kind: 'houlsby', reductionFactor: 5 }],
  // Not with relu: differences step over its kink. Its gradients are among the golden cases.
  ['bottleneck-adapter, Pfeiffer', 'bottleneck-adapter', { kind: 'pfeiffer', nonLinearity: 'tanh' }],
  ['bottleneck-adapter, parallel', 'bottleneck-adapter', { kind: 'parallel', nonLinearity: 'gelu' }],
  [
    'bottleneck-adapter, parallel with learned scales',
    'bottleneck-adapter',
    { kind: 'parallel', placement: 'both', leaveOut: [0], scaling: 'learned', nonLinearity: 'gelu_new' },
  ],
];

const logitsOf = async (adapter?: Adapter, rows: readonly (readonly number[])[] = texts) =>
  (await computeLogits({ model, adapter: adapter?.tasks?.adapterFor(1) ?? adapter, texts: rows })).data;

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));
}

/** Moves every tensor a little, as training would. */
function perturb({ tensors }: Adapter): void {
  const random = seededRandom(8);
  for (const { data } of tensors.values())
    for (let i = 0; i < data.length; i++) data[i]! += 0.05 * random.normal();
}

const examples = texts.map((ids, taskId) => ({
  inputIds: Int32Array.from(ids),
  lossMask: new Uint8Array(ids.length).fill(1, 1),
  taskId,
}));

it('is each covered by one of the kinds below', () => {
  const covered = new Set(kinds.map(([, method]) => method));
  // A head alone is in heads.test.ts.
  expect(methods.map(({ name }) => name).filter((name) => !covered.has(name))).toEqual([
    'head-alone',
    'full-fine-tuning',
  ]);
});

describe.each(kinds)('%s', (_, method, config) => {
  it('starts the same from the same seed', async () => {
    const [one, other] = [await learn(method, config), await learn(method, config)];
    expect([...one.tensors]).toEqual([...other.tensors]);
  });

  it('trains its own tensors alone', async () => {
    const learner = await learn(method, config);
    const { outputs } = lossGraph(model, learner, { differentiate: true });
    expect([...outputs].sort()).toEqual(
      ['loss', ...[...learner.tensors.keys()].map((name) => `gradient.${name}`)].sort(),
    );
  });

  it('gives the same logits once saved and loaded', async () => {
    const learner = await learn(method, config);
    perturb(learner);
    const folder = await mkdtemp(join(root, 'adapter-'));
    await savable(learner).save(folder);
    const loaded = await loadAdapter(folder, model);
    expect(loaded).toMatchObject({ method, numVirtualTokens: learner.numVirtualTokens });
    expect(largestDifference(await logitsOf(loaded), await logitsOf(learner))).toBeLessThan(1e-5);
    expect(largestDifference(await logitsOf(learner), await logitsOf())).toBeGreaterThan(1e-3);
  });

  // The length of DoRA's rows counts as a constant where gradients are built, so differences do not give its gradient.
  it.skipIf(config && 'useDora' in config)('has the gradient that differences of the loss give', async () => {
    const learner = await learn(method, config);
    perturb(learner);
    const step = await createModelStep(model, learner);
    const { gradients } = await step.run(examples, 1);
    const random = seededRandom(5);
    const size = 2e-3;
    for (const [name, tensor] of learner.tensors) {
      const { length } = tensor.data;
      const direction = Float32Array.from({ length }, () => random.normal());
      const norm = Math.hypot(...direction);
      const lossAt = async (distance: number) => {
        const data = tensor.data;
        const moved = data.map((value, i) => value + (distance * direction[i]!) / norm);
        Object.assign(tensor, { data: moved });
        const { lossSum } = await step.evaluate(examples);
        Object.assign(tensor, { data });
        return lossSum;
      };
      const numeric = ((await lossAt(size)) - (await lossAt(-size))) / (2 * size);
      const exact = direction.reduce((sum, d, i) => sum + (d * gradients.get(name)![i]!) / norm, 0);
      const scale = Math.hypot(...gradients.get(name)!) / Math.sqrt(length);
      expect(Math.abs(numeric - exact), name).toBeLessThan(0.02 * Math.max(Math.abs(exact), scale) + 2e-3);
    }
    await step.dispose();
  });
});

it.each([
  ['lora', {}],
  ['lora', { useDora: true, targetModules: 'all-linear' }],
  ['ia3', {}],
  ['bottleneck-adapter', { kind: 'houlsby' }],
  ['bottleneck-adapter', { kind: 'pfeiffer' }],
  ['bottleneck-adapter', { kind: 'parallel' }],
])('%s %j starts as the model without it', async (method, config) => {
  const learner = await learn(method, config);
  expect(largestDifference(await logitsOf(learner), await logitsOf())).toBeLessThan(1e-5);
});

it.each(['prompt-tuning', 'prefix-tuning', 'cartridge'])(
  '%s from a text starts as that text before the input',
  async (method) => {
    const learner = await learn(method, { initText: 'hello' });
    const prefix = tokenizer.encode('hello');
    const whole = await computeLogits({ model, texts: [[...prefix, ...texts[0]!]] });
    const [, , vocab] = whole.shape as [number, number, number];
    const expected = whole.data.subarray(prefix.length * vocab);
    expect(largestDifference(await logitsOf(learner, [texts[0]!]), expected)).toBeLessThan(1e-5);
  },
);

it('a cartridge trains all but its first positions, and continues from a prefix', async () => {
  const learner = await learn('cartridge', { initText: 'abcdef', numVirtualTokens: 5, numFrozenTokens: 2 });
  expect([...learner.tensors.values()].map(({ shape }) => shape)).toEqual([[3, 128]]);
  const prefix = await learn('prefix-tuning', { numVirtualTokens: 4 });
  perturb(prefix);
  const folder = await mkdtemp(join(root, 'adapter-'));
  await savable(prefix).save(folder);
  const continued = await learn('cartridge', { initAdapter: folder });
  expect(continued.numVirtualTokens).toBe(4);
  expect(largestDifference(await logitsOf(continued), await logitsOf(prefix))).toBe(0);
});

it('a multitask prompt starts close to its text for every task', async () => {
  const plain = await learn('prompt-tuning', { initText: 'hello' });
  const shared = await learn('multitask-prompt-tuning', { initText: 'hello', numTasks: 3 });
  for (const task of [0, 1, 2])
    expect(
      largestDifference(await logitsOf(shared.tasks!.adapterFor(task)), await logitsOf(plain)),
    ).toBeLessThan(0.2);
});

it('new tasks start from the mean, or from one, of the earlier tasks', async () => {
  const source = await learn('multitask-prompt-tuning', { numVirtualTokens: 3, numTasks: 2 });
  perturb(source);
  const folder = await mkdtemp(join(root, 'adapter-'));
  await savable(source).save(folder);
  const [average, second] = [
    await learn('multitask-prompt-tuning', { initAdapter: folder }),
    await learn('multitask-prompt-tuning', { initAdapter: folder, initFrom: 'task', initTask: 1 }),
  ];
  expect(
    largestDifference(
      await logitsOf(second.tasks!.adapterFor(0)),
      await logitsOf(source.tasks!.adapterFor(1)),
    ),
  ).toBe(0);
  const cols = source.tensors.get('prefix_task_cols')!.data;
  expect(average.tensors.get('prefix_task_cols')!.data[0]).toBeCloseTo((cols[0]! + cols[3]!) / 2, 6);
});

it('P-tuning starts at the scale of embeddings, and a prefix through an MLP at that of real keys and values', async () => {
  const spread = ({ data }: Pick<Tensor<'float32'>, 'data'>) =>
    Math.hypot(...(data as Float32Array)) / Math.sqrt(data.length);
  const folder = await mkdtemp(join(root, 'adapter-'));
  const embeddings = await readWeight(model.source, model.files.locations.get(model.embeddingName)!.name);
  for (const [method, config, wanted] of [
    ['p-tuning', { numVirtualTokens: 16 }, spread(embeddings)],
    ['prefix-tuning', { numVirtualTokens: 16, prefixProjection: true }, undefined],
  ] as const) {
    await savable(await learn(method, config)).save(folder);
    const start = spread((await loadAdapter(folder, model)).tensors.get('prompt_embeddings')!);
    const direct = (await learn('prefix-tuning', { numVirtualTokens: 16 })).tensors.get('prompt_embeddings')!;
    expect(start / (wanted ?? spread(direct))).toBeGreaterThan(0.7);
    expect(start / (wanted ?? spread(direct))).toBeLessThan(1.4);
  }
});

it('DoRA is m ∘ (W + sBA) / ‖W + sBA‖ in the place of W', async () => {
  const learner = await learn('lora', { r: 2, loraAlpha: 3, useDora: true, targetModules: ['mlp.c_fc'] });
  perturb(learner);
  const parameters = new Map<string, Tensor<'float32'>>();
  for (const layer of [0, 1].map((index) => `transformer.h.${index}.mlp.c_fc`)) {
    const weight = await readWeight(model.source, model.files.locations.get(`${layer}.weight`)!.name);
    const [inSize, outSize] = weight.shape as [number, number];
    const tensor = (part: string) => learner.tensors.get(`base_model.model.${layer}.${part}`)!.data;
    const [a, b, m] = ['lora_A.weight', 'lora_B.weight', 'lora_magnitude_vector'].map(tensor);
    const changed = float32Tensor(weight.shape);
    for (let out = 0; out < outSize; out++) {
      const row = Array.from({ length: inSize }, (_, i) => {
        const delta = b![out * 2]! * a![i]! + b![out * 2 + 1]! * a![inSize + i]!;
        return weight.data[i * outSize + out]! + (3 / 2) * delta;
      });
      for (const [i, value] of row.entries())
        changed.data[i * outSize + out] = (m![out]! * value) / Math.hypot(...row);
    }
    parameters.set(`${layer}.weight`, changed);
  }
  const merged: Adapter = {
    method: 'merged',
    numVirtualTokens: 0,
    tensors: parameters,
    attach: (values) => ({ parameters: values }),
  };
  expect(largestDifference(await logitsOf(learner), await logitsOf(merged))).toBeLessThan(1e-5);
});

it('DoRA divides by norms that are computed once where it is only used, alone or composed', async () => {
  const dora = await learn('lora', { r: 2, useDora: true, targetModules: ['mlp.c_fc'] });
  perturb(dora);
  const soft = await learn('prompt-tuning', { numVirtualTokens: 3 });
  for (const adapter of [dora, composeAdapters([soft, dora])]) {
    const used = await withDerived(adapter);
    const { inputs } = decodeGraph(model, adaptModel(model, used));
    const named = (part: string) => [...inputs.keys()].filter((name) => name.endsWith(part));
    expect(named('dora_factors')).toHaveLength(2);
    expect(named('lora_magnitude_vector')).toEqual([]);
    expect(largestDifference(await logitsOf(used), await logitsOf(adapter))).toBeLessThan(1e-6);
  }
});

it('the ranks, alphas and layers of LoRA follow the patterns', async () => {
  const learner = await learn('lora', {
    r: 4,
    targetModules: ['c_attn', 'c_fc'],
    rankPattern: { 'h\\.1\\.mlp\\.c_fc': 2 },
    layersToTransform: [1],
  });
  expect(
    [...learner.tensors].map(([name, { shape }]) => [
      name.replace('base_model.model.transformer.', ''),
      shape,
    ]),
  ).toEqual([
    ['h.1.attn.c_attn.lora_A.weight', [4, 32]],
    ['h.1.attn.c_attn.lora_B.weight', [96, 4]],
    ['h.1.mlp.c_fc.lora_A.weight', [2, 32]],
    ['h.1.mlp.c_fc.lora_B.weight', [128, 2]],
  ]);
});

it.each([
  ['lora', { targetModules: ['q_proj'] }, 'matches no layer of .*; its layers have attn.c_attn'],
  ['lora', { targetModules: '(' }, 'is not a valid regular expression'],
  ['lora', { layersToTransform: [2] }, 'there is no layer 2; expected 0 to 1'],
  ['lora', { rank: 3 }, 'lora: .*rank'],
  ['bottleneck-adapter', { leaveOut: [2] }, 'there is no layer 2; expected 0 to 1'],
  ['bottleneck-adapter', { leaveOut: [0, 1] }, 'leaves out all layers'],
  ['bottleneck-adapter', { scaling: 'big' }, 'scaling: expected a number above 0, learned or channel'],
  ['bottleneck-adapter', { nonLinearity: 'sine' }, 'nonLinearity: .*"relu"'],
  ['prefix-tuning', { init: 'text' }, 'initText: required by init "text"'],
  ['prefix-tuning', { prefixProjection: true, initText: 'a' }, 'an MLP starts from random values'],
  ['multitask-prompt-tuning', { initText: 'a', initAdapter: 'b' }, 'use it or initAdapter'],
  ['cartridge', { initText: 'a', initFile: 'b' }, 'initFile: use only one of initText and initFile'],
  ['cartridge', { initFile: 'missing.txt' }, 'missing.txt'],
  ['cartridge', { initText: 'abc', numVirtualTokens: 4 }, 'the text has 3 tokens'],
  ['cartridge', { initText: 'abc', numFrozenTokens: 3 }, 'leaves nothing to train'],
])('%s refuses %j', async (method, config, message) => {
  await expect(learn(method, config)).rejects.toThrow(new RegExp(message));
});

it.each(kinds.filter(([, method]) => method !== 'multitask-prompt-tuning'))(
  '%s: generation starts from the same scores, in a batch of unequal texts',
  async (_, method, config) => {
    const learner = await learn(method, config);
    perturb(learner);
    const decoder = await createModelDecoder({ model, adapter: learner });
    const { logits, candidates } = await startBatch(decoder, texts);
    for (const [row, text] of texts.entries()) {
      const alone = await logitsOf(learner, [text]);
      const last = alone.subarray((text.length - 1) * candidates);
      expect(largestDifference(logits.subarray(row * candidates, (row + 1) * candidates), last)).toBeLessThan(
        1e-5,
      );
    }
    await decoder.dispose();
  },
);
