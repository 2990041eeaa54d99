/** @file Trades time for memory: the backward pass computes a layer's values again, instead of keeping them. */
import { reachableNodes } from './emitter.js';
import { applyLike, type Node, type Value } from './value.js';

/**
 * The graph of `outputs` with gradient checkpoints between layers (Chen et al. 2016, arXiv:1604.06174): what enters and
 * leaves a layer is kept from the forward pass, and its other values are computed again when the backward pass gets
 * there. That is one more forward pass through the layers for the memory of one layer instead of all.
 *
 * The session must not merge equal nodes (see `folding` of SessionOptions), which would undo it.
 */
export function recomputeLayers(outputs: Readonly<Record<string, Value>>): Record<string, Value> {
  const nodes = reachableNodes(Object.values(outputs));
  const keptValues = new Set<Value>(Object.values(outputs));
  for (const node of nodes)
    if (!node.rule)
      for (const value of node.inputs) if (layerOf(value.node) !== layerOf(node)) keptValues.add(value);

  const replaced = new Map<Value, Value>();
  const now = (value: Value) => replaced.get(value) ?? value;
  const again = new Map<Node, readonly Value[]>();
  const recomputed = (value: Value): Value => {
    const { node } = value;
    if (node.rule || keptValues.has(value) || node.operator.isHeldElsewhere || layerOf(node) === '')
      return now(value);
    const found = again.get(node) ?? applyLike(node, node.inputs.map(recomputed), now);
    again.set(node, found);
    return found[value.index]!;
  };
  for (const node of nodes.filter(({ rule }) => rule)) {
    const inputs = node.inputs.map(recomputed);
    if (inputs.every((input, i) => input === node.inputs[i])) continue;
    const remade = applyLike(node, inputs, now);
    for (const [i, value] of node.outputs.entries()) replaced.set(value, remade[i]!);
  }
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, now(value)]));
}

/** The layer of the model that a node of the forward pass stands in, such as "h.3"; empty outside of layers. */
const layerOf = ({ scope }: Node): string => /^.*?\.\d+(?=\.|$)/.exec(scope)?.[0] ?? '';
