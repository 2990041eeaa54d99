/** @file Reverse-mode differentiation: new values that hold the gradient of a loss. */
import { reachableNodes } from './emitter.js';
import { add } from './operators/elementwise.js';
import { joinedProducts } from './operators/products.js';
import { gradientSeed, type Node, ruled, type Value } from './value.js';

/**
 * The gradient of `loss` with respect to each of `targets`.
 * Only paths from a target to the loss are built: nodes that depend on no target are skipped, and the others get a
 * gradient only for inputs that lead to a target.
 *
 * @param loss a scalar value
 * @param targets values that the loss depends on
 * @returns one value per target, in the same order, of the target's shape
 * @throws if the loss does not depend on a target, or an operator on the way has no gradient
 */
export function gradients<const Targets extends readonly Value[]>(
  loss: Value,
  targets: Targets,
): { [Index in keyof Targets]: Value } {
  if (loss.shape.length !== 0) throw new Error(`the loss must be a scalar, got shape [${loss.shape}]`);
  const nodes = reachableNodes([loss]);
  const isTarget = new Set(targets);
  const leadsToTarget = new Set<Node>();
  const needed = (value: Value) => isTarget.has(value) || leadsToTarget.has(value.node);
  for (const node of nodes)
    if (!node.operator.stopsGradient && node.inputs.some(needed)) leadsToTarget.add(node);

  const gradientOf = new Map<Value, Value>([[loss, gradientSeed(loss.dtype)]]);
  const accumulate = (value: Value, gradient: Value) => {
    const sum = gradientOf.get(value);
    gradientOf.set(value, sum ? (joinedProducts(sum, gradient) ?? add(sum, gradient)) : gradient);
  };
  for (const node of nodes.reverse()) {
    const dy = node.outputs.map((output) => gradientOf.get(output));
    if (!leadsToTarget.has(node) || !dy.some(Boolean)) continue;
    if (!node.operator.gradient) throw new MissingGradientError(node);
    const thunks = ruled({ of: node }, () => node.operator.gradient!(dy, node));
    node.inputs.forEach((operand, i) => {
      if (!needed(operand)) return;
      const thunk = thunks[i];
      if (!thunk) throw new MissingGradientError(node, i);
      ruled({ of: node, input: i }, () => accumulate(operand, thunk()));
    });
  }
  const gradientOfTarget = (target: Value): Value => {
    const gradient = gradientOf.get(target);
    if (!gradient)
      throw new Error(`the loss does not depend on ${target.node.operator.name} [${target.shape}]`);
    return gradient;
  };
  return targets.map(gradientOfTarget) as { [Index in keyof Targets]: Value };
}

/** An operator between a trained tensor and the loss has no gradient. */
export class MissingGradientError extends Error {
  override readonly name = 'MissingGradientError';

  constructor(node: Node, input?: number) {
    const place = `${node.operator.name}${node.scope ? ` in ${node.scope}` : ''}`;
    super(
      `${place} has no gradient${input === undefined ? '' : ` for its input ${input}`}, but a trained tensor leads to it`,
    );
  }
}
