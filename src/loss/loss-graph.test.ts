import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { frozenGradients } from '../../test/support/frozen-gradients.js';
import { characters, loadTinyGpt2 } from '../../test/support/tiny-gpt2.js';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { filesReadWith } from '../adapters/option-files.js';
import type { Adapter } from '../attach/method.js';
import { computeLogits } from '../evaluation/logits.js';
import { fullFineTuning } from '../methods/full-fine-tuning.js';
import { instancePrompt } from '../methods/instance-prompt.js';
import { lora } from '../methods/lora.js';
import { multitaskPromptTuning } from '../methods/multitask-prompt-tuning.js';
import { promptTuning } from '../methods/prompt-tuning.js';
import { methods } from '../methods/registry.js';
import type { LanguageModel } from '../models/model.js';
import type { EncodedExample } from '../text/encode.js';
import { createLossEvaluator } from './evaluator.js';
import { lossGraph } from './loss-graph.js';
import { createModelStep } from './model-step.js';

useWarmRuntime();

let model: LanguageModel;
beforeAll(async () => {
  model = await loadTinyGpt2();
});

const learner = (method: (typeof methods)[number], config: object) =>
  method.createLearner({ model, config, tokenizer: characters, seed: 3, files: filesReadWith({}) });

/** Rows of three lengths; the second has its first token as a label, the third no label but that. */
const rows: EncodedExample[] = [
  [
    [5, 17, 80, 3, 41, 9, 9],
    [0, 0, 0, 1, 1, 1, 1],
  ],
  [
    [60, 2, 33],
    [1, 0, 1],
  ],
  [[77], [1]],
  [
    [8, 90, 1, 44, 20],
    [0, 1, 0, 0, 1],
  ],
].map(([ids, labels]) => ({ inputIds: Int32Array.from(ids!), lossMask: Uint8Array.from(labels!) }));

/** Σ -log p(label), from logits that are computed a row at a time, as plainly as can be. */
async function plainLoss(example: EncodedExample, adapter?: Adapter): Promise<number> {
  const ids = [...example.inputIds];
  const { data, shape } = await computeLogits({ model, adapter, texts: [ids] });
  const vocab = shape[2]!;
  let loss = 0;
  for (let i = 1; i < ids.length; i++) {
    if (!example.lossMask[i]) continue;
    const scores = data.subarray((i - 1) * vocab, i * vocab);
    loss += Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0)) - scores[ids[i]!]!;
  }
  return loss;
}

it('computes attention by pieces where rows are long, but not that of the learned prompt', async () => {
  const own = await learner(promptTuning, { numVirtualTokens: 3 });
  const attentions = (longest?: number, device?: string) =>
    lossGraph(model, own, {
      differentiate: true,
      rowLengths: longest === undefined ? undefined : { longest, padding: 0 },
      device,
    })
      .expression.nodes.filter(({ operator }) => operator.name.startsWith('attention'))
      .map(({ operator }) => operator.name);
  expect(attentions(256)).toEqual(['attention', 'attention', 'attentionGradient', 'attentionGradient']);
  expect(attentions(255)).toEqual([]);
  expect(attentions()).toEqual([]); // the model takes 64
  expect(attentions(256, 'webgpu')).toEqual([]);
});

it('computes what rows begin with alike once where it is the same in all of them', async () => {
  const shares = (adapter: Adapter, repetition = 0.03, device?: string) => {
    const rowLengths = { longest: 9, padding: 0, repetition };
    const graph = lossGraph(model, adapter, { differentiate: true, rowLengths, device });
    return graph.inputs.has('vector_places');
  };
  const prompt = await learner(promptTuning, { numVirtualTokens: 3 });
  expect(shares(prompt)).toBe(true);
  expect(shares(prompt, 0.02)).toBe(false);
  expect(shares(prompt, 0.03, 'webgpu')).toBe(false);
  // Their prompts differ from row to row.
  expect(shares(await learner(instancePrompt, { numVirtualTokens: 3, encoder: 'linear' }))).toBe(false);
  expect(shares(await learner(multitaskPromptTuning, { numVirtualTokens: 3, numTasks: 2 }))).toBe(false);
});

describe('the loss', () => {
  it('is the sum of -log p over the predicted labels', async () => {
    const evaluator = await createLossEvaluator(model, undefined);
    expect(evaluator.countsFirst).toBe(false);
    for (const row of rows) {
      expect((await evaluator.evaluate([row])).lossSum).toBeCloseTo(await plainLoss(row), 4);
    }
    expect((await evaluator.evaluate([rows[2]!])).lossSum).toBe(0); // its one label is its first token
    await evaluator.dispose();
  });

  it('counts a first token where a prompt predicts it', async () => {
    const text = 'prompt';
    const adapter = await learner(promptTuning, { initText: text });
    const evaluator = await createLossEvaluator(model, adapter);
    expect(evaluator.countsFirst).toBe(true);
    // A prompt that is still the text's own embeddings is that text: its last token predicts the first one.
    const before = characters.encode(text);
    for (const { inputIds, lossMask } of rows) {
      const whole = {
        inputIds: Int32Array.of(...before, ...inputIds),
        lossMask: Uint8Array.of(...before.map(() => 0), ...lossMask),
      };
      const { lossSum } = await evaluator.evaluate([{ inputIds, lossMask }]);
      expect(lossSum).toBeCloseTo(await plainLoss(whole), 4);
    }
    await evaluator.dispose();
  });
});

describe.each([
  ['prompt tuning', promptTuning, { numVirtualTokens: 5 }],
  ['a projected prompt', promptTuning, { initText: 'prompt', projected: true }],
  ['full fine-tuning', fullFineTuning, {}],
] as const)('a right-padded batch: %s', (_, method, config) => {
  it('has the loss and the gradients of its rows alone, put together', async () => {
    const adapter = await learner(method, config);
    const step = await createModelStep(model, adapter);
    const batch = await step.run(rows, 0.5);
    let lossSum = 0;
    const sums = new Map([...batch.gradients].map(([name, { length }]) => [name, new Float64Array(length)]));
    for (const row of rows) {
      const alone = await step.run([row], 0.5);
      lossSum += alone.lossSum;
      for (const [name, gradient] of alone.gradients) {
        const sum = sums.get(name)!;
        gradient.forEach((value, i) => {
          sum[i]! += value;
        });
      }
    }
    expect(batch.lossSum).toBeCloseTo(lossSum, 4);
    for (const [name, sum] of sums) {
      const gradient = batch.gradients.get(name)!;
      const largest = sum.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const difference = sum.reduce((most, value, i) => Math.max(most, Math.abs(value - gradient[i]!)), 0);
      expect(largest, name).toBeGreaterThan(0);
      expect(difference / largest, name).toBeLessThan(1e-5);
    }
    await step.dispose();
  });
});

describe('the gradient graph', () => {
  const built = (adapter: Adapter) => () => lossGraph(model, adapter, { differentiate: true });

  it.each(methods.filter(({ name }) => name !== fullFineTuning.name))(
    'of $name holds no gradient of a frozen weight',
    async (method) => {
      const examplesFile = join(import.meta.dirname, '../../test/support/examples.jsonl');
      const adapter = await learner(method, method.name === 'cpt' ? { examplesFile } : {});
      expect(frozenGradients(adapter.tensors.keys(), built(adapter))).toEqual([]);
    },
  );

  it('of a projected prompt holds none either', async () => {
    const adapter = await learner(promptTuning, { initText: 'prompt', projected: true });
    expect(frozenGradients(adapter.tensors.keys(), built(adapter))).toEqual([]);
  });

  it('of full fine-tuning has those of all weights, or of the trainable ones only', async () => {
    const adapter = await learner(fullFineTuning, {});
    const names = [...adapter.tensors.keys()];
    expect(frozenGradients(names, built(adapter))).toEqual([]);
    const found = frozenGradients([], built(adapter));
    for (const name of names) expect(found).toContain(name);
  });

  it('takes the adapter, the batch and the scale, and gives a gradient per tensor', async () => {
    const adapter = await learner(promptTuning, { numVirtualTokens: 5 });
    const { inputs, outputs } = lossGraph(model, adapter, { differentiate: true });
    expect([...inputs.keys()].sort()).toEqual(
      'first_labels input_ids label_rows labels prompt_embeddings query_positions scale'.split(' '),
    );
    expect(outputs).toEqual(['loss', 'gradient.prompt_embeddings']);
    const plain = lossGraph(model, adapter, { differentiate: false });
    expect(plain.inputs.has('scale')).toBe(false);
    expect(plain.outputs).toEqual(['loss', 'label_losses']);
  });
});

it.each([
  ['prompt-tuning', promptTuning, { numVirtualTokens: 5 }],
  ['lora', lora, {}],
  ['full-fine-tuning', fullFineTuning, {}],
] as const)(
  'has the same loss and gradients where layers are computed again: %s',
  async (_, method, config) => {
    const adapter = await learner(method, config);
    const graph = lossGraph(model, adapter, { differentiate: true, recomputes: true });
    await using again = await createModelStep(model, adapter, { graph });
    await using kept = await createModelStep(model, adapter);
    const [found, wanted] = [await again.run(rows, 1), await kept.run(rows, 1)];
    expect(found.lossSum).toBeCloseTo(wanted.lossSum, 5);
    for (const [name, gradient] of wanted.gradients) {
      const largest = Math.max(1, ...gradient.map(Math.abs));
      const worst = Math.max(...gradient.map((x, i) => Math.abs(x - found.gradients.get(name)![i]!)));
      expect(worst / largest, name).toBeLessThan(1e-6);
    }
  },
);
