/** @file A late prefix with a late prompt's keys and values has the losses of transformers' layers, one by one. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { computeLogits } from '../../src/evaluation/logits.js';
import type { PeftContent } from '../../src/formats/adapter-content.js';
import { promptGraph } from '../../src/generation/decode-graph.js';
import { createModelDecoder } from '../../src/generation/model-decoder.js';
import { loadModel } from '../../src/loading/load-model.js';
import { createModelStep } from '../../src/loss/model-step.js';
import { latePrefixTuning } from '../../src/methods/late-prefix-tuning.js';
import { latePromptTuning } from '../../src/methods/late-prompt-tuning.js';
import { cacheNames } from '../../src/runtime/cache-names.js';
import { Session } from '../../src/runtime/index.js';
import { float32Tensor, type Tensor } from '../../src/tensor.js';
import { useWarmRuntime } from '../support/warm-runtime.js';

useWarmRuntime();

const folder = import.meta.dirname;

interface LatePrompt {
  readonly case: string;
  readonly layer: number;
  readonly text: number[];
  readonly prompt: number[];
  readonly loss: number;
}
const latePrompts: readonly LatePrompt[] = JSON.parse(
  await readFile(join(folder, 'late-prompts.json'), 'utf8'),
);

it.each(latePrompts)('$case', async (wanted) => {
  const { layer, text, prompt } = wanted;
  const model = await loadModel(join(folder, 'cases', wanted.case, 'model'));
  const { hiddenSize, numLayers, numKeyValueHeads, headDim } = model.config;
  const count = prompt.length / hiddenSize;
  const filesOf = (peftType: string, tensor: Tensor<'float32'>): PeftContent => ({
    form: 'peft',
    config: {
      peft_type: peftType,
      task_type: 'CAUSAL_LM',
      num_virtual_tokens: count,
      insertion_layer: layer,
    },
    tensors: new Map([['prompt_embeddings', tensor]]),
  });
  const vectors = float32Tensor([count, hiddenSize], prompt);
  const late = latePromptTuning.load!(filesOf('LATE_PROMPT_TUNING', vectors), model);
  const session = await Session.create(promptGraph(model, late)!.bytes, { weights: model.files });
  const outputs = await session.run(Object.fromEntries(late.tensors));
  await session.dispose();
  const layerWidth = numKeyValueHeads * headDim;
  const width = 2 * (numLayers - layer) * layerWidth;
  const matrix = new Float32Array(count * width);
  for (let at = layer; at < numLayers; at++)
    for (const [part, name] of [cacheNames(at).newKey, cacheNames(at).newValue].entries()) {
      const { data } = outputs[name]!;
      for (let head = 0; head < numKeyValueHeads; head++)
        for (let row = 0; row < count; row++)
          for (let i = 0; i < headDim; i++)
            matrix[row * width + (2 * (at - layer) + part) * layerWidth + head * headDim + i] = Number(
              data[(head * count + row) * headDim + i],
            );
    }
  const keyValues = float32Tensor([count, width], matrix);
  const adapter = latePrefixTuning.load!(filesOf('LATE_PREFIX_TUNING', keyValues), model);
  await using step = await createModelStep(model, adapter);
  const lossMask = Uint8Array.from(text, (_, i) => Number(i > 0));
  const { lossSum } = await step.run([{ inputIds: Int32Array.from(text), lossMask }], 1);
  expect(lossSum).toBeCloseTo(wanted.loss, 4);

  // What is generated from the cache is what the whole text predicts.
  const { data, shape } = await computeLogits({ model, adapter, texts: [text] });
  const vocab = shape.at(-1)!;
  await using decoder = await createModelDecoder({ model, adapter });
  await decoder.admit([{ ids: text.slice(0, 3) }], 'all');
  const { logits } = await decoder.step([text[3]!], 'all');
  for (let id = 0; id < vocab; id++) expect(logits[id]).toBeCloseTo(data[3 * vocab + id]!, 4);
});
