/**
 * @file `memory`: the peak private memory of a training process. Weights stay mapped from their file, and are not
 *   included.
 */

import { host } from '#platform';
import { loadModel } from '../../src/loading/load-model.js';
import { createModelStep } from '../../src/loss/model-step.js';
import { promptLearner, randomExamples, standardStep } from '../example-step.js';
import { watchPrivateMemory } from '../measure.js';
import type { Part } from '../part.js';
import type { Row } from '../report.js';

export const memory: Part = async ({ model: folder }) => {
  const rows: Row[] = [];
  const model = await loadModel(folder);
  const record = (moment: string, bytes: number) => {
    rows.push({ moment, MB: bytes / 1e6 });
    return bytes / 1e6;
  };
  record('private, before anything', host.memoryUsage().privateBytes);
  const step = await createModelStep(model, await promptLearner(model, standardStep.virtualTokens));
  record('private, session ready', host.memoryUsage().privateBytes);
  const peakOf = async (labels: number) => {
    const examples = randomExamples(model, { ...standardStep, labels });
    const peak = watchPrivateMemory();
    for (let i = 0; i < 4; i++) await step.run(examples, 1);
    return record(`private, four steps with ${labels} labels a row: peak`, peak());
  };
  const { batch, length } = standardStep;
  const target = (labels: number, value: number) => ({
    name: `step of ${batch} × ${length} tokens, ${labels} labels a row: private memory at its peak`,
    value,
    unit: 'MB',
    atMost: 500,
  });
  const targets = [target(16, await peakOf(16)), target(64, await peakOf(64))];
  record('private, after the steps', host.memoryUsage().privateBytes);
  await step.dispose();
  record('private, session disposed of', host.memoryUsage().privateBytes);
  record('resident, mapped weights included: peak', host.memoryUsage().peakBytes);
  return { rows, targets };
};
