/** @file `responsiveness`: the longest time for which the main thread's event loop was blocked while steps ran. */
import { setTimeout } from 'node:timers/promises';
import { loadModel } from '../../src/loading/load-model.js';
import { createModelStep } from '../../src/loss/model-step.js';
import { promptLearner, randomExamples, standardStep } from '../example-step.js';
import type { Part } from '../part.js';

export const responsiveness: Part = async ({ model: folder }) => {
  const model = await loadModel(folder);
  const learner = await promptLearner(model, standardStep.virtualTokens);
  const idle = await worstGap(() => setTimeout(2000));
  let step: Awaited<ReturnType<typeof createModelStep>> | undefined;
  const creating = await worstGap(async () => {
    step = await createModelStep(model, learner);
  });
  const examples = randomExamples(model, standardStep);
  const running = await worstGap(async () => {
    for (let i = 0; i < 5; i++) await step!.run(examples, 1);
  });
  await step!.dispose();
  return {
    rows: [
      { 'main thread, while': 'nothing runs', 'worst gap ms': idle },
      { 'main thread, while': 'a session is made', 'worst gap ms': creating },
      { 'main thread, while': 'five steps run', 'worst gap ms': running },
    ],
    notes: ['A timer is set for every millisecond; the gap is the longest time between two of its ticks.'],
  };
};

async function worstGap(work: () => Promise<unknown>): Promise<number> {
  let worst = 0;
  let last = performance.now();
  const tick = () => {
    const now = performance.now();
    worst = Math.max(worst, now - last);
    last = now;
  };
  const timer = setInterval(tick, 1);
  await work();
  clearInterval(timer);
  tick();
  return worst;
}
