/**
 * @file `node family-once.js MODEL`: prints, as JSON, the cost of a step of prompt tuning of a model in a process of
 *   its own.
 */

import { host } from '#platform';
import { loadModel } from '../src/loading/load-model.js';
import { createModelStep } from '../src/loss/model-step.js';
import { elementCount } from '../src/tensor.js';
import { promptLearner, randomExamples, rowLengthsOf, standardStep } from './example-step.js';
import { timesOf, watchPrivateMemory } from './measure.js';

export interface FamilyCost {
  readonly parameters: number;
  /** Until the first step can begin: model opened, graph written, session created. */
  readonly readySeconds: number;
  /** Median per step: forward and backward. */
  readonly seconds: number;
  /** Mean over the labels. */
  readonly loss: number;
  readonly privateBytes: number;
  readonly peakBytes: number;
  /**
   * The inputs of the step, for a reference to compute: the vectors of the prompt, and rows whose last ids are labels.
   */
  readonly step: {
    readonly prompt: readonly number[][];
    readonly rows: readonly { readonly ids: readonly number[]; readonly labels: number }[];
  };
}

const peak = watchPrivateMemory();
const start = performance.now();
const model = await loadModel(process.argv[2]!);
const learner = await promptLearner(model, standardStep.virtualTokens);
const step = await createModelStep(model, learner, { rowLengths: rowLengthsOf(standardStep) });
const readySeconds = (performance.now() - start) / 1000;

// A masked language model predicts the tokens themselves.
const examples = randomExamples(model, standardStep).map((example) => ({
  ...example,
  ...(model.bidirectional && { labels: example.inputIds }),
}));
const labels = standardStep.batch * standardStep.labels;
const seconds: number[] = [];
let lossSum = 0;
for (let run = -1; run < 5; run++) {
  const before = performance.now();
  lossSum = (await step.run(examples, 1 / labels)).lossSum;
  if (run >= 0) seconds.push((performance.now() - before) / 1000);
}
const [vectors] = [...learner.tensors.values()];
const [rows, hidden] = vectors!.shape as [number, number];
const cost: FamilyCost = {
  parameters: [...model.files.locations.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0),
  readySeconds,
  seconds: timesOf(seconds).median,
  loss: lossSum / labels,
  privateBytes: peak(),
  peakBytes: host.memoryUsage().peakBytes,
  step: {
    prompt: Array.from({ length: rows }, (_, row) => [
      ...vectors!.data.subarray(row * hidden, (row + 1) * hidden),
    ]),
    rows: examples.map(({ inputIds }) => ({ ids: [...inputIds], labels: standardStep.labels })),
  },
};
await step.dispose();
console.log(JSON.stringify(cost));
