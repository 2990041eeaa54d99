/** @file `lengths`: how a step's time and memory grow with the length and number of rows. */
import { loadModel } from '../../src/loading/load-model.js';
import { createModelStep } from '../../src/loss/model-step.js';
import { promptLearner, randomExamples, standardStep } from '../example-step.js';
import { secondsOf, timesOf, watchPrivateMemory } from '../measure.js';
import type { Part } from '../part.js';
import type { Row } from '../report.js';
import { requiredWork } from '../required-work.js';

/** The longest row that fits beside the virtual tokens. */
const longest = 1024 - standardStep.virtualTokens;

/** Rows and tokens per row, least work first: ONNX Runtime keeps the memory of the largest step so far. */
const shapes = [
  [1, 64],
  [2, 64],
  [4, 64],
  [1, 256],
  [8, 64],
  [16, 64],
  [1, longest],
  [8, 128],
  [8, 256],
  [4, 512],
  [8, 512],
  [8, longest],
] as const;

export const lengths: Part = async ({ model: folder }) => {
  const model = await loadModel(folder);
  const step = await createModelStep(model, await promptLearner(model, standardStep.virtualTokens));
  const rows: Row[] = [];
  for (const [batch, length] of shapes) {
    const shape = { ...standardStep, batch, length, labels: length / 4 };
    const examples = randomExamples(model, shape);
    const peak = watchPrivateMemory();
    const seconds = timesOf(await runsOf(() => step.run(examples, 1)));
    const work = requiredWork(model, shape);
    rows.push({
      batch,
      'tokens a row': length,
      'median s': seconds.median,
      'min s': seconds.min,
      'max s': seconds.max,
      'tokens/s': (batch * length) / seconds.median,
      'GFLOP/s': (2 * (work.inProducts + work.inAttention)) / seconds.median / 1e9,
      'private MB so far': peak() / 1e6,
    });
  }
  await step.dispose();
  return { rows, notes: ['A quarter of each row are labels.'] };
};

/** One run to warm up and then as many as fit into a few seconds, at least one. */
async function runsOf(run: () => Promise<unknown>): Promise<number[]> {
  const warmUp = await secondsOf(run);
  const count = Math.min(7, Math.max(1, Math.floor(8 / warmUp)));
  const seconds: number[] = [];
  for (let i = 0; i < count; i++) seconds.push(await secondsOf(run));
  return seconds;
}
