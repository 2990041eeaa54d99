/** @file Estimates the memory of a training step from shapes, before anything runs. */

import { sizesOf } from '../loss/frozen-states.js';
import type { LossGraph } from '../loss/loss-graph.js';
import type { TrainableTensors } from '../tensor.js';
import { planEpoch } from '../text/batches.js';
import type { Dataset } from '../text/dataset.js';
import type { OptimizerConfig, TrainingConfig } from '../training/config.js';

/** Memory of Node.js, ONNX Runtime and a loaded graph before the first step. */
const processBytes = 130e6;

/**
 * Peak private memory of a run's largest step in bytes, without the weights, which stay memory-mapped: the values of
 * the step's graph that are alive at once, the trained tensors and their copies in transit, and the optimizer's
 * moments.
 * @param graph the graph of loss and gradients
 * @param parts the graphs that take its place, if it is divided. ONNX Runtime keeps the memory of each
 */
export async function estimateMemory(
  graph: LossGraph,
  trained: TrainableTensors,
  dataset: Dataset,
  run: TrainingConfig,
  parts: readonly Pick<LossGraph, 'peakBytes'>[] = [graph],
): Promise<number> {
  let ofStep = 0;
  for (const batch of largestBatches(dataset, run)) {
    const examples = await Promise.all(batch.map((index) => dataset.get(index)));
    const sizes = sizesOf(graph, graph.feeds(examples));
    ofStep = Math.max(
      ofStep,
      parts.reduce((sum, part) => sum + part.peakBytes(sizes), 0),
    );
  }
  const numbers = [...trained.values()].reduce((sum, { data }) => sum + data.length, 0);
  return processBytes + ofStep + 4 * (4 + momentsOf(run.optimizer)) * numbers;
}

/** The batches with the most tokens, padding included, and the most labels. Batches are alike in all epochs. */
function largestBatches(dataset: Dataset, run: TrainingConfig): number[][] {
  const batches = planEpoch({ ...dataset, ...run, epoch: 0 });
  const most = (size: (batch: readonly number[]) => number) =>
    batches.reduce((largest, batch) => (size(batch) > size(largest) ? batch : largest));
  const longest = (batch: readonly number[]) =>
    Math.max(...batch.map((index) => dataset.tokenCounts[index]!));
  const largest = [
    most((batch) => batch.length * longest(batch)),
    most((batch) => batch.reduce((sum, index) => sum + dataset.labelCounts[index]!, 0)),
  ];
  return [...new Set(largest)];
}

/** Numbers that an optimizer keeps per trained number. Adafactor's rows and columns are negligible. */
function momentsOf(optimizer: OptimizerConfig): number {
  if (optimizer.name === 'adamw') return 2;
  return optimizer.name === 'sgd' && optimizer.momentum > 0 ? 1 : 0;
}
