/** @file Looks into a training graph for work that nobody needs: gradients of frozen parameters. */
import { reachableNodes } from '../../src/graph/emitter.js';
import type { Value } from '../../src/graph/index.js';
import { isGradientSeed, type Node } from '../../src/graph/value.js';
import type { CausalLM } from '../../src/models/model.js';
import { gradientName } from '../../src/training/loss-graph.js';

/**
 * The parameters of a model whose gradients are in a graph, those of `trained` tensors aside: parameters of whose shape
 * the backward pass computes something. What it computes of activations has the batch's sizes or those of the prompt,
 * so a prompt's length must be unlike the model's own sizes.
 * @param outputs as `lossOutputs` gives them
 */
export function frozenGradients(
  model: CausalLM,
  outputs: Readonly<Record<string, Value>>,
  trained: Iterable<string>,
): string[] {
  const wanted = new Set(Array.from(trained, (name) => outputs[gradientName(name)]));
  const backward = new Set<Node>();
  const shapes = new Set<string>();
  for (const node of reachableNodes(Object.values(outputs))) {
    if (!isGradientSeed(node) && !node.inputs.some((value) => backward.has(value.node))) continue;
    backward.add(node);
    for (const value of node.outputs) if (!wanted.has(value)) shapes.add(`${value.shape}`);
  }
  return [...model.parameters].flatMap(([name, shape]) => (shapes.has(`${shape}`) ? [name] : []));
}
