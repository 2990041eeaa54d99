/** @file A training step that runs a model with an adapter as a graph. */

import type { Adapter } from '../attach/method.js';
import type { LanguageModel } from '../models/model.js';
import { float32Output, Session, startRuntime } from '../runtime/index.js';
import { tensorOf } from '../tensor.js';
import type { EncodedExample } from '../text/encode.js';
import { batchFeeds } from './batch-feeds.js';
import {
  countsFirst,
  createLossEvaluator,
  feedOptionsOf,
  type LossEvaluator,
  lentTensors,
  type ModelStepOptions,
  sessionOptions,
} from './evaluator.js';
import { gradientName, lossGraph } from './loss-graph.js';
import type { TrainingStep } from './step.js';

/** A training step over `adapter.tensors`; `dispose` frees its sessions. */
export interface ModelStep extends TrainingStep {
  dispose(): Promise<void>;
}

/**
 * Loads the graph of loss and gradients. That of the loss alone, for `evaluate`, is loaded when it is first used.
 */
export async function createModelStep(
  model: LanguageModel,
  adapter: Adapter,
  { device, threads }: ModelStepOptions = {},
): Promise<ModelStep> {
  startRuntime();
  const graph = lossGraph(model, adapter, { differentiate: true });
  const feedOptions = feedOptionsOf(graph, model);
  const session = await Session.create(graph.bytes, sessionOptions(model, graph, { device, threads }));
  let evaluator: Promise<LossEvaluator> | undefined;

  return {
    trainable: adapter.tensors,
    predictsFirst: countsFirst(feedOptions, adapter),
    promptLabels: graph.promptLabels,
    project: () => adapter.project?.(),
    async run(examples: readonly EncodedExample[], scale: number) {
      const feeds = {
        ...batchFeeds(examples, feedOptions),
        scale: tensorOf('float32', [], Float32Array.of(scale)),
      };
      const outputs = await session.run(feeds, lentTensors(adapter, graph));
      const names = [...adapter.tensors.keys()];
      const gradients = new Map(names.map((name) => [name, float32Output(outputs, gradientName(name))]));
      return { lossSum: float32Output(outputs, 'loss')[0]!, gradients };
    },
    async evaluate(examples) {
      evaluator ??= createLossEvaluator(model, adapter, { device, threads });
      return (await evaluator).evaluate(examples);
    },
    async dispose() {
      await session.dispose();
      await (await evaluator)?.dispose();
    },
  };
}
