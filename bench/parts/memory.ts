/**
 * @file `memory`: the peak private memory of a training process. Weights stay mapped from their file, and are not
 *   included.
 */

import { host } from '#platform';
import { loadModel } from '../../src/loading/load-model.js';
import { lossGraph } from '../../src/loss/loss-graph.js';
import { createModelStep } from '../../src/loss/model-step.js';
import { promptLearner, randomExamples, rowLengthsOf, standardStep } from '../example-step.js';
import { watchPrivateMemory } from '../measure.js';
import type { Part } from '../part.js';
import type { Row, Target } from '../report.js';

export const memory: Part = async ({ model: folder }) => {
  const rows: Row[] = [];
  const model = await loadModel(folder);
  const record = (moment: string, bytes: number) => {
    rows.push({ moment, MB: bytes / 1e6 });
    return bytes / 1e6;
  };
  record('private, before anything', host.memoryUsage().privateBytes);
  const targets: Target[] = [];
  for (const recomputes of [false, true]) {
    const learner = await promptLearner(model, standardStep.virtualTokens);
    const graph = lossGraph(model, learner, {
      differentiate: true,
      recomputes,
      rowLengths: rowLengthsOf(standardStep),
    });
    const step = await createModelStep(model, learner, { graph });
    const mode = recomputes ? ', low memory' : '';
    record(`private, session ready${mode}`, host.memoryUsage().privateBytes);
    for (const labels of [16, 64]) {
      const examples = randomExamples(model, { ...standardStep, labels });
      const peak = watchPrivateMemory();
      for (let i = 0; i < 4; i++) await step.run(examples, 1);
      const { batch, length } = standardStep;
      targets.push({
        name: `step of ${batch} × ${length} tokens, ${labels} labels a row${mode}: private memory at its peak`,
        value: record(`private, four steps with ${labels} labels a row${mode}: peak`, peak()),
        unit: 'MB',
        atMost: recomputes ? 400 : 500,
      });
    }
    await step.dispose();
    record(`private, session disposed of${mode}`, host.memoryUsage().privateBytes);
  }
  record('resident, mapped weights included: peak', host.memoryUsage().peakBytes);
  return { rows, targets };
};
