/** @file How long a run will take, from one of its steps. */

import { createModelStep } from '../loss/model-step.js';
import type { LanguageModel } from '../models/model.js';
import { planEpoch } from '../text/batches.js';
import type { Dataset } from '../text/dataset.js';
import { planTraining } from '../training/plan.js';
import type { PreparedRun } from './prepare-run.js';
import { preferenceOf } from './run-config.js';

/**
 * Computes a batch of middle length, and one of validation, and multiplies. The learner stays as it is.
 * @returns seconds, without loading the model and without stopping early
 */
export async function estimateSeconds(model: LanguageModel, run: PreparedRun): Promise<number> {
  const { config, learner, graph, validationGraph, rowLengths, data } = run;
  const preference = preferenceOf(config);
  const parts = { graph, validationGraph, rowLengths, preference };
  await using step = await createModelStep(model, learner, { ...config, ...parts });
  const { evalEvery, totalSteps } = planTraining(config, {
    examples: data.dataset.length,
    hasValidation: data.validation !== undefined,
  });
  const ofBatch = await secondsPerBatch(data.dataset, config.batchSize, (examples) => step.run(examples, 1));
  const seconds = totalSteps * config.gradientAccumulationSteps * ofBatch;
  if (!data.validation) return seconds;
  const ofOne = await secondsPerBatch(data.validation, config.batchSize, step.evaluate);
  const batches = Math.ceil(data.validation.length / config.batchSize);
  return seconds + Math.ceil(totalSteps / evalEvery) * batches * ofOne;
}

async function secondsPerBatch(
  dataset: Dataset,
  batchSize: number,
  compute: (examples: Awaited<ReturnType<Dataset['get']>>[]) => Promise<unknown>,
): Promise<number> {
  const longest = (batch: readonly number[]) =>
    Math.max(...batch.map((index) => dataset.tokenCounts[index]!));
  const batches = planEpoch({ ...dataset, batchSize, seed: 0, epoch: 0 });
  const middle = batches.sort((a, b) => longest(a) - longest(b))[Math.floor(batches.length / 2)]!;
  // The margin of pairs is not computed yet: any has the same cost.
  const examples = await Promise.all(
    middle.map(async (index) => ({ referenceMargin: 0, ...(await dataset.get(index)) })),
  );
  await compute(examples); // the first one also prepares the session
  const start = performance.now();
  await compute(examples);
  return (performance.now() - start) / 1000;
}
