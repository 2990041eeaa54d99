/**
 * @file `states`: steps that start from kept hidden states, beside steps that compute them. CPU time, all cases in
 *   turn.
 */
import { createHead } from '../../src/attach/head.js';
import { learnerWithHead } from '../../src/attach/head-files.js';
import { loadModel } from '../../src/loading/load-model.js';
import { lossGraph } from '../../src/loss/loss-graph.js';
import { createModelStep } from '../../src/loss/model-step.js';
import { keepStates } from '../../src/runs/kept-states.js';
import { planEpoch } from '../../src/text/batches.js';
import { datasetOf } from '../../src/text/dataset.js';
import { trainingSchema } from '../../src/training/config.js';
import { createLearner, randomExamples, rowLengthsOf, standardStep } from '../example-step.js';
import { interleave } from '../measure.js';
import type { Part } from '../part.js';
import type { Row } from '../report.js';

const cases = [
  { title: 'prompt tuning', method: 'prompt-tuning', options: { numVirtualTokens: 20 } },
  { title: 'head alone', method: 'head-alone', options: {}, hasHead: true },
  { title: 'LoRA, last 2 layers', method: 'lora', options: { layersToTransform: [10, 11] } },
  { title: 'LoRA, last 6 layers', method: 'lora', options: { layersToTransform: [6, 7, 8, 9, 10, 11] } },
  {
    title: 'bottleneck adapters, last 3 layers',
    method: 'bottleneck-adapter',
    options: { leaveOut: [0, 1, 2, 3, 4, 5, 6, 7, 8] },
  },
  { title: 'late prompt, layer 6', method: 'late-prompt-tuning', options: {} },
  { title: 'instance prompt, bottleneck', method: 'instance-prompt', options: {} },
  { title: 'prompt pool', method: 'prompt-pool', options: {} },
];

const rounds = 5;

export const states: Part = async ({ model: folder }) => {
  const model = await loadModel(folder);
  const rows: Row[] = [];
  for (const { title, method, options, hasHead } of cases) {
    const plain = await createLearner(model, method, options);
    const learner = hasHead
      ? learnerWithHead(plain, createHead(model, 'sequence-classification', ['a', 'b'], 1))
      : plain;
    const graph = lossGraph(model, learner, { differentiate: true, rowLengths: rowLengthsOf(standardStep) });
    const rowCount = standardStep.batch * (rounds + 1); // the states of a batch are computed once
    const examples = randomExamples(model, { ...standardStep, batch: rowCount }).map((example, i) => {
      if (!hasHead) return example;
      const lossMask = new Uint8Array(example.inputIds.length).fill(1, -1);
      return { ...example, lossMask, labels: example.inputIds.map(() => i % 2) };
    });
    const data = { dataset: datasetOf(examples), validation: undefined };
    const config = trainingSchema.parse({ learningRate: 1, batchSize: standardStep.batch });
    const kept = await keepStates({ model, learner, graph, data, config });
    const batches = planEpoch({ ...data.dataset, ...config, epoch: 0 });
    const withStates = (batch: number) =>
      Promise.all(batches[batch]!.map((index) => kept.data.dataset.get(index)));
    let computed = 0;
    const whole = await createModelStep(model, learner, { graph });
    const above = await createModelStep(model, learner, { graph: kept.graph });
    const { bytes = 0, share = 0 } = kept.summary ?? {};
    const times = await interleave(rounds, {
      whole: () => cpuSeconds(() => whole.run(examples.slice(0, standardStep.batch), 1)),
      first: () => cpuSeconds(async () => above.run(await withStates(computed++), 1)),
      later: () => cpuSeconds(async () => above.run(await withStates(0), 1)),
    });
    rows.push({
      method: title,
      'kB per text': bytes / 1000 / examples.length,
      'products saved': `${Math.round(100 * share)} %`,
      'whole: CPU s per step': times.whole.median,
      'from states': times.later.median,
      gain: times.whole.median / times.later.median,
      'first epoch': times.first.median,
      '× whole': times.first.median / times.whole.median,
    });
    for (const part of [whole, above, kept]) await part.dispose();
  }
  return {
    rows,
    notes: ['CPU time of all threads, so that other work on the machine counts little; all cases in turn.'],
  };
};

async function cpuSeconds(run: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
