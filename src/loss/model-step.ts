/** @file A training step that runs a model with an adapter as a graph. */

import type { Adapter } from '../attach/method.js';
import type { LanguageModel } from '../models/model.js';
import { startRuntime } from '../runtime/engine-connection.js';
import { float32Output, Session } from '../runtime/index.js';
import {
  createLossEvaluator,
  type LossEvaluator,
  lentTensors,
  type ModelStepOptions,
  sessionOptions,
} from './evaluator.js';
import { gradientsIn } from './gradient-outputs.js';
import { scale } from './inputs.js';
import { countLabels } from './label-counts.js';
import { type LossGraph, lossGraph } from './loss-graph.js';
import { unknownRows } from './row-lengths.js';
import type { TrainingStep } from './step.js';

/** A training step over `adapter.tensors`; `dispose` frees its sessions. */
export interface ModelStep extends TrainingStep {
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Loads the graph of loss and gradients. The graph of the loss only, for `evaluate`, is loaded on first use.
 * @param options.graph the graph of loss and gradients, if it exists already
 * @param options.validationGraph the same of the loss alone
 */
export async function createModelStep(
  model: LanguageModel,
  adapter: Adapter,
  {
    preference,
    graph: given,
    validationGraph,
    ...options
  }: ModelStepOptions & {
    graph?: LossGraph;
    validationGraph?: LossGraph;
  } = {},
): Promise<ModelStep> {
  startRuntime();
  const { device, rowLengths = unknownRows(model) } = options;
  const graph = given ?? lossGraph(model, adapter, { differentiate: true, preference, rowLengths, device });
  const session = await Session.create(graph.bytes, sessionOptions(model, graph, options));
  let evaluator: Promise<LossEvaluator> | undefined;
  const dispose = async () => {
    await session.dispose();
    await (await evaluator)?.dispose();
  };

  return {
    trainable: adapter.tensors,
    promptLabels: graph.promptLabels,
    count: (examples) => (preference ? examples.length : countLabels(examples, graph)),
    constrain: () => adapter.constrain?.(),
    async run(examples, factor) {
      const feeds = { ...graph.feeds(examples), [scale.name]: scale.feed(factor) };
      const outputs = await session.run(feeds, lentTensors(adapter, graph));
      const gradients = gradientsIn(outputs, adapter.tensors.keys());
      return { lossSum: float32Output(outputs, 'loss')[0]!, gradients };
    },
    async evaluate(examples) {
      evaluator ??= createLossEvaluator(model, adapter, { ...options, preference, graph: validationGraph });
      return (await evaluator).evaluate(examples);
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}
