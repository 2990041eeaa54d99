/**
 * @file `node precision-once.js MODEL DTYPE CACHE JOB`: prints, as JSON, the memory and time that a model in DTYPE
 *   takes in a process of its own, to train a soft prompt (with or without --low-memory), to generate, or only to load
 *   (which also fills the cache).
 */

import { host } from '#platform';
import { createModelDecoder } from '../src/generation/model-decoder.js';
import { loadModel } from '../src/loading/load-model.js';
import { weightBytes } from '../src/loading/precision.js';
import { lossGraph } from '../src/loss/loss-graph.js';
import { createModelStep } from '../src/loss/model-step.js';
import type { ModelDtype } from '../src/models/dtype.js';
import { randomPrompts, secondsPerStep } from './decoding.js';
import { promptLearner, randomExamples, rowLengthsOf, standardStep } from './example-step.js';
import { timesOf, watchPrivateMemory } from './measure.js';

export interface PrecisionCost {
  readonly weightBytes: number;
  /** Per training step, or per generated token. */
  readonly seconds: number;
  /** Private memory of the process. */
  readonly privateBytes: number;
  /** Resident memory, including mapped weights. */
  readonly peakBytes: number;
}

const [folder, dtype, cacheDir, job] = process.argv.slice(2) as [string, ModelDtype, string, string];
const model = await loadModel(folder, folder, { dtype, cacheDir });
const peak = watchPrivateMemory();
let seconds = 0;
if (job.startsWith('train')) {
  const learner = await promptLearner(model, standardStep.virtualTokens);
  const recomputes = job === 'train-in-low-memory';
  const graph = lossGraph(model, learner, {
    differentiate: true,
    recomputes,
    rowLengths: rowLengthsOf(standardStep),
  });
  const step = await createModelStep(model, learner, { graph });
  const examples = randomExamples(model, standardStep);
  const times: number[] = [];
  for (let run = 0; run < 3; run++) {
    const start = performance.now();
    await step.run(examples, 1);
    times.push((performance.now() - start) / 1000);
  }
  seconds = timesOf(times).min;
  await step.dispose();
} else if (job === 'generate') {
  const decoder = await createModelDecoder({ model });
  seconds = await secondsPerStep(decoder, randomPrompts(model, 1, 16), { maxNewTokens: 12 });
  await decoder.dispose();
}
const cost: PrecisionCost = {
  weightBytes: weightBytes(model),
  seconds,
  privateBytes: peak(),
  peakBytes: host.memoryUsage().peakBytes,
};
console.log(JSON.stringify(cost));
