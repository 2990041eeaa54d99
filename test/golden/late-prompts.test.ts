/** @file Late prompts agree with transformers' layers run one by one: losses and gradients, and what is generated. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { computeLogits } from '../../src/evaluation/logits.js';
import { createModelDecoder } from '../../src/generation/model-decoder.js';
import { loadModel } from '../../src/loading/load-model.js';
import { createModelStep } from '../../src/loss/model-step.js';
import { latePromptTuning } from '../../src/methods/late-prompt-tuning.js';
import { float32Tensor } from '../../src/tensor.js';
import { useWarmRuntime } from '../support/warm-runtime.js';

useWarmRuntime();

interface Expected {
  readonly case: string;
  readonly layer: number;
  readonly text: number[];
  readonly prompt: number[];
  readonly loss: number;
  readonly gradient: number[];
}

const folder = import.meta.dirname;
const expected: readonly Expected[] = JSON.parse(await readFile(join(folder, 'late-prompts.json'), 'utf8'));

describe.each(expected)('$case', ({ case: name, layer, text, prompt, loss, gradient }) => {
  const load = async () => {
    const model = await loadModel(join(folder, 'cases', name, 'model'));
    const width = model.config.hiddenSize;
    const learner = latePromptTuning.load!(
      {
        form: 'peft',
        config: {
          peft_type: 'LATE_PROMPT_TUNING',
          task_type: 'CAUSAL_LM',
          num_virtual_tokens: prompt.length / width,
          insertion_layer: layer,
        },
        tensors: new Map([['prompt_embeddings', float32Tensor([prompt.length / width, width], prompt)]]),
      },
      model,
    );
    return { model, learner };
  };

  it("has transformers' loss and gradient", async () => {
    const { model, learner } = await load();
    await using step = await createModelStep(model, learner);
    const lossMask = Uint8Array.from(text, (_, i) => Number(i > 0));
    const { lossSum, gradients } = await step.run([{ inputIds: Int32Array.from(text), lossMask }], 1);
    expect(lossSum).toBeCloseTo(loss, 4);
    const found = gradients.get('prompt_embeddings')!;
    const worst = Math.max(...found.map((number, i) => Math.abs(number - gradient[i]!)));
    expect(worst).toBeLessThan(1e-5);
  });

  it('generates from the cache what the whole text predicts', async () => {
    const { model, learner: adapter } = await load();
    const { data, shape } = await computeLogits({ model, adapter, texts: [text] });
    const vocab = shape.at(-1)!;
    await using decoder = await createModelDecoder({ model, adapter });
    const first = await decoder.admit([{ ids: text.slice(0, 3) }], 'all');
    const rows = [first, ...(await steps(decoder, text.slice(3)))];
    for (const [i, { logits }] of rows.entries()) {
      const wanted = data.subarray((i + 2) * vocab, (i + 3) * vocab);
      const worst = Math.max(...wanted.map((number, id) => Math.abs(number - logits[id]!)));
      expect(worst).toBeLessThan(1e-4);
    }
  });
});

async function steps(decoder: Awaited<ReturnType<typeof createModelDecoder>>, tokens: readonly number[]) {
  const scores = [];
  for (const token of tokens) scores.push(await decoder.step([token], 'all'));
  return scores;
}
