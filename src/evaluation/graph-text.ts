/** @file The graphs of a model with an adapter as text, for debugging gradients. */
import { refuseHead } from '../attach/head.js';
import type { Adapter } from '../attach/method.js';
import { decodeGraph, promptGraph, stepModel } from '../generation/decode-graph.js';
import { toText } from '../graph/index.js';
import { lossGraph } from '../loss/loss-graph.js';
import { requireCausal } from '../models/causal-only.js';
import type { LanguageModel } from '../models/model.js';

/** A training step; or generation: the prompt, computed once, and one step. */
export const graphKinds = ['training', 'generation'] as const;
export type GraphKind = (typeof graphKinds)[number];

/**
 * The graph of a training step or of generation as text (see `toText` of `promptune/graph`). Runs nothing.
 * @param adapter a learner or adapter; without one a training step is the loss only, without a backward pass
 * @throws UsageError for generation with a model or adapter that labels texts
 */
export function graphText(model: LanguageModel, adapter: Adapter | undefined, kind: GraphKind): string {
  if (kind === 'training') return toText(lossGraph(model, adapter, { differentiate: adapter !== undefined }));
  requireCausal(model);
  refuseHead(adapter);
  const one = adapter?.tasks?.adapterFor(0) ?? adapter;
  const before = promptGraph(model, one);
  const step = `one step from the cache\n\n${toText(decodeGraph(model, stepModel(model, one)))}`;
  return before ? `once, before the first step\n\n${toText(before)}\n${step}` : step;
}
