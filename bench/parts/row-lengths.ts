/**
 * @file `rowLengths`: steps of prompt tuning in graphs that are written for the lengths of their rows, beside plain
 *   ones: about 2,000 tokens in rows of 64 to 1,004, and rows of 64 tokens with more and more padding. CPU time of one
 *   thread, in turns.
 */
import { loadModel } from '../../src/loading/load-model.js';
import { sizesOf } from '../../src/loss/frozen-states.js';
import { lossGraph } from '../../src/loss/loss-graph.js';
import { createModelStep } from '../../src/loss/model-step.js';
import { rowLengthsOf } from '../../src/loss/row-lengths.js';
import { datasetOf } from '../../src/text/dataset.js';
import { promptLearner, randomExamples, standardStep } from '../example-step.js';
import { interleave } from '../measure.js';
import type { Part } from '../part.js';
import type { Row } from '../report.js';
import { cpuSecondsOf } from '../serving.js';

const repeated = (count: number, length: number): number[] => new Array(count).fill(length);

/** The lengths of the rows of a batch. */
const batches: readonly (readonly number[])[] = [
  repeated(32, 64),
  repeated(16, 128),
  repeated(8, 256),
  repeated(4, 512),
  repeated(2, 1004),
  [64, 62, 60, 58, 56, 54, 52, 55],
  [64, 60, 56, 52, 48, 44, 40, 46],
  [64, 50, 45, 40, 35, 30, 25, 18],
];

const plain = { longest: 0, padding: 0 };

export const rowLengths: Part = async ({ model: folder }) => {
  const model = await loadModel(folder);
  const learner = await promptLearner(model, standardStep.virtualTokens);
  const rows: Row[] = [];
  for (const lengths of batches) {
    const examples = lengths.flatMap((length) =>
      randomExamples(model, { batch: 1, length, labels: Math.min(standardStep.labels, length / 2) }),
    );
    const found = rowLengthsOf(datasetOf(examples), undefined, { batchSize: lengths.length, seed: 1 });
    const graphs = [plain, found].map((rowLengths) =>
      lossGraph(model, learner, { differentiate: true, rowLengths }),
    );
    const steps = [];
    for (const graph of graphs) steps.push(await createModelStep(model, learner, { graph, threads: 1 }));
    const [before, now] = steps.map((step) => () => cpuSecondsOf(() => step.run(examples, 1)));
    const times = await interleave(3, { plain: before!, written: now! });
    const [plainBytes, bytes] = graphs.map((graph) => graph.peakBytes(sizesOf(graph, graph.feeds(examples))));
    rows.push({
      rows: lengths.length,
      longest: found.longest,
      'padding, %': 100 * found.padding,
      'plain: CPU s per step': times.plain.median,
      'for these lengths': times.written.median,
      ratio: times.written.median / times.plain.median,
      'plain: values, MB': plainBytes! / 1e6,
      'values, MB': bytes! / 1e6,
    });
    for (const step of steps) await step.dispose();
  }
  return { rows, notes: ['The memory of values is that of the estimate, from shapes and order.'] };
};
