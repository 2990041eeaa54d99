/**
 * @file `node method-once.js MODEL METHOD OPTIONS ADAPTER`: prints, as JSON, the cost of one method in a process of its
 *   own; without a method, the cost of the bare model. Saves the adapter in the folder ADAPTER.
 */

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { savable } from '../src/adapters/saved-adapter.js';
import { createModelDecoder } from '../src/generation/model-decoder.js';
import { loadModel } from '../src/loading/load-model.js';
import { createModelStep } from '../src/loss/model-step.js';
import { optimizerSchema } from '../src/training/config.js';
import { createOptimizer } from '../src/training/optimizers.js';
import { randomPrompts, secondsPerStep } from './decoding.js';
import { createLearner, randomExamples, rowLengthsOf, standardStep } from './example-step.js';
import { interleave, timesOf, watchPrivateMemory } from './measure.js';

export interface MethodCost {
  readonly parameters: number;
  /** Size of the adapter's folder. */
  readonly bytes: number;
  /** Median seconds per step: forward, backward and AdamW. */
  readonly seconds: number;
  readonly peakBytes: number;
  /** Seconds by which a generated token takes longer than with the bare model; both are measured in turn. */
  readonly extraSecondsPerToken: number;
}

const [folder, method, options, adapterFolder] = process.argv.slice(2) as [string, string, string, string];
const model = await loadModel(folder);
const learner = await createLearner(model, method, JSON.parse(options));
await savable(learner).save(adapterFolder);

const peak = watchPrivateMemory();
const step = await createModelStep(model, learner, { rowLengths: rowLengthsOf(standardStep) });
const optimizer = createOptimizer(optimizerSchema.parse({ name: 'adamw' }), learner.tensors);
const examples = randomExamples(model, standardStep);
const labels = standardStep.batch * standardStep.labels;
const seconds: number[] = [];
for (let run = -1; run < 5; run++) {
  const start = performance.now();
  const { gradients } = await step.run(examples, 1 / labels);
  await optimizer.update(gradients, 0);
  if (run >= 0) seconds.push((performance.now() - start) / 1000);
}
const peakBytes = peak();
await step.dispose();

async function extraSecondsPerToken(): Promise<number> {
  if (method === 'full-fine-tuning') return 0; // it saves a model of the same size
  const adapter = learner.tasks?.adapterFor(0) ?? learner;
  const [plain, adapted] = [
    await createModelDecoder({ model }),
    await createModelDecoder({ model, adapter }),
  ];
  const prompts = randomPrompts(model, 1, 16);
  const perStep = (decoder: typeof plain) => secondsPerStep(decoder, prompts, { maxNewTokens: 32 });
  const times = await interleave(5, { plain: () => perStep(plain), adapted: () => perStep(adapted) });
  for (const decoder of [plain, adapted]) await decoder.dispose();
  return times.adapted.median - times.plain.median;
}

const cost: MethodCost = {
  parameters: [...learner.tensors.values()].reduce((sum, { data }) => sum + data.length, 0),
  bytes: readdirSync(adapterFolder).reduce((sum, name) => sum + statSync(join(adapterFolder, name)).size, 0),
  seconds: timesOf(seconds).median,
  peakBytes,
  extraSecondsPerToken: await extraSecondsPerToken(),
};
console.log(JSON.stringify(cost));
