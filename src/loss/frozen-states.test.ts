import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { filesReadWith } from '../adapters/option-files.js';
import { createHead, findsSpans } from '../attach/head.js';
import { learnerWithHead } from '../attach/head-files.js';
import type { Learner } from '../attach/method.js';
import { loadModel } from '../loading/load-model.js';
import { methodNamed } from '../methods/registry.js';
import type { HeadTaskType, LanguageModel } from '../models/model.js';
import { seededRandom } from '../random.js';
import { float32Output, type NamedTensors, Session } from '../runtime/index.js';
import { float32Tensor } from '../tensor.js';
import { lentTensors, sessionOptions } from './evaluator.js';
import { divideLoss, sizesOf } from './frozen-states.js';
import { scale } from './inputs.js';
import { type LossGraph, type LossGraphOptions, lossGraph } from './loss-graph.js';
import type { SharedRow } from './shared-rows.js';

useWarmRuntime();

const cases = join(import.meta.dirname, '../../test/golden/cases');
const tokenizer = { encode: (text: string) => [...text].map((character) => character.charCodeAt(0) % 32) };

/** A learner with a head, if `task` is one, whose tensors have moved from where they start. */
async function learn(
  model: LanguageModel,
  method: string,
  config: object,
  task?: HeadTaskType,
): Promise<Learner> {
  const options = { model, config, tokenizer, seed: 3, files: filesReadWith({}) };
  const plain = await methodNamed(method).createLearner(options);
  const learner = task ? learnerWithHead(plain, createHead(model, task, ['good', 'bad'], 3)) : plain;
  const random = seededRandom(8);
  for (const { data } of learner.tensors.values())
    for (let i = 0; i < data.length; i++) data[i]! += 0.05 * random.normal();
  return learner;
}

/** Texts of several lengths, labeled for the head or, without one, in their second half. */
function examplesFor({ head }: Learner): SharedRow[] {
  const texts = [
    [5, 17, 20, 2, 3, 8],
    [21, 2],
    [9, 1, 4],
    [1, 2, 3, 4],
  ];
  return texts.map((ids) => {
    const inputIds = Int32Array.from(ids);
    if (!head) return { inputIds, lossMask: Uint8Array.from(ids, (_, at) => Number(at >= ids.length / 2)) };
    const first = head.design.pools === 'first' ? 0 : ids.length - 1;
    const isLabel = (at: number) => findsSpans(head) || !head.design.pools || at === first;
    const isTarget = (at: number) => (findsSpans(head) ? at === 0 : isLabel(at));
    return {
      inputIds,
      labels: Int32Array.from(ids, (id) => id % 2),
      lossMask: Uint8Array.from(ids, (_, at) => Number(isTarget(at))),
    };
  });
}

/** Runs a graph once. */
async function run(model: LanguageModel, graph: LossGraph, learner: Learner, feeds: NamedTensors) {
  const session = await Session.create(graph.bytes, sessionOptions(model, graph, {}));
  const scaled = graph.inputs.has(scale.name) ? { [scale.name]: float32Tensor([], [1]) } : {};
  const outputs = await session.run({ ...feeds, ...scaled }, lentTensors(learner, graph));
  await session.dispose();
  return outputs;
}

function divided(
  model: LanguageModel,
  learner: Learner,
  options: LossGraphOptions = { differentiate: true },
  examples = examplesFor(learner),
) {
  const whole = lossGraph(model, learner, options);
  const sizes = sizesOf(whole, whole.feeds(examples));
  return { whole, examples, parts: divideLoss(whole, { hiddenSize: model.config.hiddenSize, sizes }) };
}

const decoders = ['gpt2', 'llama-llama3', 'qwen3', 'gemma2', 'phi', 'gpt_neox', 'opt'];
const inLastLayer = { r: 2, layersToTransform: [1] };
const reading = { numVirtualTokens: 2, encoder: 'linear' };
type Kind = readonly [folder: string, method: string, config: object, task?: HeadTaskType];
const kinds: readonly Kind[] = [
  ...decoders.map((family) => [`${family}__base`, 'lora', inLastLayer] as Kind),
  ['phi3-plain__base', 'lora', { ...inLastLayer, targetModules: ['qkv_proj'] }],
  ['gpt2__base', 'head-alone', {}, 'sequence-classification'],
  ['gpt2__base', 'head-alone', {}, 'token-classification'],
  ['gpt2__base', 'head-alone', {}, 'question-answering'],
  ['gpt2__base', 'lora', { ...inLastLayer, useDora: true }, 'sequence-classification'],
  ['gpt2__base', 'ia3', { targetModules: ['h.1.mlp.c_fc'], feedforwardModules: [] }],
  ['gpt2__base', 'bottleneck-adapter', { kind: 'houlsby', leaveOut: [0] }],
  ['gpt2__base', 'late-prompt-tuning', { numVirtualTokens: 3 }],
  ['qwen3__base', 'late-prompt-tuning', { numVirtualTokens: 3 }],
  ['llama-llama3__base', 'late-prefix-tuning', { numVirtualTokens: 3 }],
  ['gpt2__base', 'instance-prompt', reading],
  ['gpt2__base', 'instance-prompt', { numVirtualTokens: 2, encoder: 'transformer', encoderHiddenSize: 8 }],
  ['gpt2__base', 'prompt-pool', { poolSize: 4, topN: 2, promptLength: 2 }],
  ['gpt2__base', 'instance-prompt+lora', { ...reading, ...inLastLayer }],
  ['llama-llama3__base', 'head-alone', {}, 'sequence-classification'],
  ['bert-cls__base', 'head-alone', {}, 'sequence-classification'],
  ['bert-cls__base', 'lora', inLastLayer, 'token-classification'],
  ['roberta-cls__base', 'head-alone', {}, 'sequence-classification'],
  ['t5-small__base', 'lora', { r: 2, targetModules: ['decoder.block.1.layer.2.DenseReluDense.wo'] }],
  ['t5-small__base', 'instance-prompt', reading],
];

const named = kinds.map(([folder, method, config, task]) => ({ folder, method, config, task }));
describe.each(named)('$folder, $method $config $task', ({ folder, method, config, task }) => {
  it('has the losses and gradients of the undivided graph, whatever the states were computed beside', async () => {
    const model = await loadModel(join(cases, folder, 'model'));
    const learner = await learn(model, method, config, task);
    await expectSame(model, learner, divided(model, learner));
  });
});

it.each<[folder: string, method: string, config: object]>([
  ['gpt2__base', 'lora', inLastLayer],
  ['gemma2__base', 'lora', inLastLayer],
  ['gpt2__base', 'late-prompt-tuning', { numVirtualTokens: 3 }],
  ['gpt2__base', 'instance-prompt', reading],
  ['t5-small__base', 'lora', { r: 2, targetModules: ['encoder.block.1.layer.1.DenseReluDense.wo'] }],
  ['t5-small__base', 'lora', { r: 2, targetModules: ['decoder.block.1.layer.2.DenseReluDense.wo'] }],
])('divides a graph that leaves out padding: %s, %s', async (folder, method, config) => {
  const model = await loadModel(join(cases, folder, 'model'));
  const learner = await learn(model, method, config);
  const rowLengths = { longest: 6, padding: 0.4 };
  await expectSame(model, learner, divided(model, learner, { differentiate: true, rowLengths }));
});

it('divides the loss of preferences, each pair with the states of both answers', async () => {
  const model = await loadModel(join(cases, 'gpt2__base/model'));
  const learner = await learn(model, 'lora', inLastLayer);
  const [first, second, third, fourth] = examplesFor(learner) as [SharedRow, SharedRow, SharedRow, SharedRow];
  const pairs = [
    { ...first, rejected: second, referenceMargin: 0.3 },
    { ...third, rejected: fourth },
    { ...second, rejected: first },
    { ...fourth, rejected: first },
  ];
  const preference = { name: 'dpo', beta: 0.1 } as const;
  await expectSame(model, learner, divided(model, learner, { differentiate: true, preference }, pairs));
});

async function expectSame(
  model: LanguageModel,
  learner: Learner,
  { whole, examples, parts }: ReturnType<typeof divided>,
) {
  const { states, loss, share } = parts!;
  expect(share).toBeGreaterThan(0.05);
  const session = await Session.create(states.bytes, sessionOptions(model, states, {}));
  const withStates: SharedRow[] = [];
  for (const group of [examples.slice(0, 1), examples.slice(1, 3), examples.slice(3)]) {
    const found = states.statesIn(await session.run(states.feeds(group)), group);
    for (const [i, example] of group.entries()) {
      withStates.push(states.withStates(example, found[i]!));
    }
  }
  await session.dispose();
  const order = [2, 0, 1];
  const wanted = await run(model, whole, learner, whole.feeds(order.map((i) => examples[i]!)));
  const found = await run(model, loss, learner, loss.feeds(order.map((i) => withStates[i]!)));
  expect(Object.keys(found)).toEqual(Object.keys(wanted));
  for (const name of Object.keys(wanted)) {
    const [ours, theirs] = [float32Output(found, name), float32Output(wanted, name)];
    const size = Math.max(1, ...theirs.map(Math.abs));
    expect(ours.length).toBe(theirs.length);
    for (const [i, x] of ours.entries()) expect(Math.abs(x - theirs[i]!) / size, name).toBeLessThan(1e-6);
  }
}

it.each([
  ['prompt-tuning', { numVirtualTokens: 2 }],
  ['prefix-tuning', { numVirtualTokens: 2 }],
  ['lora', { r: 2 }],
  ['full-fine-tuning', {}],
])('is not divided with %s, which changes what the first layer does', async (method, config) => {
  const model = await loadModel(join(cases, 'gpt2__base/model'));
  expect(divided(model, await learn(model, method, config)).parts).toBeUndefined();
});

it('leaves only the head above the states if only a head is trained', async () => {
  const model = await loadModel(join(cases, 'gpt2__base/model'));
  const learner = await learn(model, 'head-alone', {}, 'sequence-classification');
  const { parts, examples } = divided(model, learner, { differentiate: false });
  expect(parts!.loss.expression.nodes.filter(({ operator }) => operator.name === 'weight')).toEqual([]);
  expect(parts!.states.count({ rows: examples.length, tokens: 15, labels: 4 })).toBe(4 * 32);
  expect(parts!.share).toBeGreaterThan(0.95);
});
