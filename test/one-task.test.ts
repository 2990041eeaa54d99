import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadAdapter } from '../src/adapters/load-adapter.js';
import { computeLogits } from '../src/evaluation/logits.js';
import { createModelDecoder } from '../src/generation/model-decoder.js';
import { loadModel } from '../src/loading/load-model.js';

it('an adapter with tasks is refused where no text names its task', async () => {
  const cases = join(import.meta.dirname, 'golden/cases');
  const model = await loadModel(join(cases, 'gpt2__base/model'));
  const adapter = await loadAdapter(join(cases, 'gpt2__multitask-prompt-tuning/adapter'), model);
  const refusal = 'the adapter has 3 tasks; choose one of them first (adapter.tasks.adapterFor)';
  await expect(computeLogits({ model, adapter, texts: [[1, 2], [3]] })).rejects.toThrow(refusal);
  await expect(createModelDecoder({ model, adapter })).rejects.toThrow(refusal);
});
