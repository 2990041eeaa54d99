/** @file Peak memory of a graph's values, from their shapes and the order in which ONNX Runtime computes them. */
import { type Dim, polynomialOf } from './dims.js';
import { elementTypes } from './element-types.js';
import type { Node, Value } from './value.js';

/** Values of the symbols in a graph's shapes, by name. */
export type Sizes = ReadonlyMap<string, number>;

/** Evaluates sizes; throws for a symbol without a value. */
export function sizer(sizes: Sizes): (dim: Dim) => number {
  const known = new Map<Dim, number>();
  return (dim) => {
    const size = known.get(dim) ?? evaluate(dim, sizes);
    known.set(dim, size);
    return size;
  };
}

function evaluate(dim: Dim, sizes: Sizes): number {
  let sum = 0;
  for (const [monomial, coefficient] of polynomialOf(dim)) {
    let product = coefficient;
    for (const symbol of monomial.split('*').filter(Boolean)) {
      const size = sizes.get(symbol);
      if (size === undefined) throw new Error(`the size "${symbol}" has no value`);
      product *= size;
    }
    sum += product;
  }
  return sum;
}

/**
 * Peak bytes of the values that are alive at the same time. `nodes` are in the order of the graph's file. Inputs,
 * weights and constants are held elsewhere and not counted; a reshape shares its operand's memory; every other result
 * is allocated before its operands are freed.
 */
export function peakBytes(nodes: readonly Node[], outputs: readonly Value[], sizes: Sizes): number {
  const storage = (value: Value): Value =>
    value.node.operator.aliasesInput ? storage(value.node.inputs[0]!) : value;
  const sizeOf = sizer(sizes);
  const bytesOf = ({ dtype, shape }: Value) =>
    shape.reduce<number>((bytes, dim) => bytes * sizeOf(dim), elementTypes[dtype].bytes);
  const uses = new Map<Value, number>();
  const use = (value: Value, count: number) => {
    const held = storage(value);
    const left = (uses.get(held) ?? 0) + count;
    uses.set(held, left);
    return left === 0 && !held.node.operator.isHeldElsewhere ? bytesOf(held) : 0;
  };
  for (const output of outputs) use(output, 1);
  for (const { inputs } of nodes) for (const value of inputs) use(value, 1);

  let live = 0;
  let peak = 0;
  for (const node of computationOrder(nodes)) {
    const { aliasesInput, isHeldElsewhere } = node.operator;
    if (!aliasesInput && !isHeldElsewhere)
      for (const value of node.outputs) if (uses.has(value)) live += bytesOf(value);
    peak = Math.max(peak, live + (node.operator.scratchBytes?.(node, sizeOf) ?? 0));
    for (const value of node.inputs) live -= use(value, -1);
  }
  return peak;
}

/**
 * ONNX Runtime's order: depth first from the nodes without users, the last one first, and from a node to its last
 * operand in the file. So values that only the backward pass needs are computed when it gets there.
 */
export function computationOrder(nodes: readonly Node[]): Node[] {
  const position = new Map(nodes.map((node, i) => [node, i]));
  const used = new Set(nodes.flatMap(({ inputs }) => inputs.map(({ node }) => node)));
  const open: { node: Node; isDone: boolean }[] = nodes
    .filter((node) => !used.has(node))
    .map((node) => ({ node, isDone: false }));
  const seen = new Set<Node>();
  const order: Node[] = [];
  for (let next = open.pop(); next; next = open.pop()) {
    const { node, isDone } = next;
    if (isDone) order.push(node);
    if (isDone || seen.has(node)) continue;
    seen.add(node);
    open.push({ node, isDone: true });
    const operands = [...new Set(node.inputs.map((value) => value.node))]
      .filter((operand) => !seen.has(operand))
      .sort((a, b) => position.get(a)! - position.get(b)!);
    open.push(...operands.map((operand) => ({ node: operand, isDone: false })));
  }
  return order;
}
