/**
 * @file Divides a graph: below the cut are values that are the same in every run on the same data, above it those that
 *   change with the trained tensors. The values at the cut can be computed once and kept.
 */
import type { Dim } from './dims.js';
import { reachableNodes } from './emitter.js';
import { type Sizes, sizer } from './peak-memory.js';
import { applyLike, isGradientSeed, isInput, type Node, type Value } from './value.js';

export interface CutOptions {
  /** Whether an input has the same numbers in every run on the same data. */
  readonly isFixed: (input: Value) => boolean;
  /** Whether a value can be kept between runs. */
  readonly canKeep: (value: Value) => boolean;
  /** Sizes of a typical run, by which costs are compared. */
  readonly sizes: Sizes;
  /** How many multiplications of a matrix product each kept number must save to be worth keeping. */
  readonly price: number;
}

export interface Cut {
  /** The values to keep. Whatever else is above the cut follows from them, from inputs and from weights. */
  readonly values: readonly Value[];
  /** The fraction of the graph's multiplications in matrix products that stand below: 0 to 1. */
  readonly share: number;
}

/**
 * The cheapest place to divide the graph of `outputs`; undefined if nothing is worth keeping.
 *
 * The nodes of a graph are made in the order in which a model is written down, so every beginning of that order is a
 * possible lower part: cuts between layers are among them. Each costs the products above it that a larger lower part
 * would have saved, and `price` for every number at the cut. What no product precedes (embeddings, masks) is not kept
 * but computed again.
 */
export function cheapestCut(outputs: readonly Value[], options: CutOptions): Cut | undefined {
  const { canKeep, sizes, price } = options;
  const nodes = reachableNodes(outputs);
  const lower = fixedProducts(nodes, options.isFixed);
  const sizeOf = sizer(sizes);
  const numbersOf = ({ shape }: Value) => shape.reduce<number>((count, dim) => count * sizeOf(dim), 1);
  const productsOf = (node: Node) => numbersOf(node.outputs[0]!) * sizeOf(innerSize(node) ?? 0);

  const place = new Map(lower.map((node, i) => [node, i]));
  /** The last place of each value's users; past the end if one can never be in the lower part. */
  const lastUse = new Map<Value, number>(outputs.map((value) => [value, lower.length]));
  for (const node of nodes)
    for (const value of node.inputs)
      lastUse.set(value, Math.max(lastUse.get(value) ?? 0, place.get(node) ?? lower.length));

  let saved = 0; // products of the nodes before a place
  let kept = 0; // numbers at the cut before it
  let refused = 0; // values there that cannot be kept
  const count = (value: Value, sign: 1 | -1) => {
    if (canKeep(value)) kept += sign * numbersOf(value);
    else refused += sign;
  };
  let best = { cost: 0, place: 0, saved: 0 };
  for (const [i, node] of lower.entries()) {
    for (const value of new Set(node.inputs))
      if (place.has(value.node) && lastUse.get(value) === i) count(value, -1);
    for (const value of node.outputs) if (lastUse.has(value)) count(value, 1);
    saved += productsOf(node);
    const cost = price * kept - saved;
    if (refused === 0 && cost <= best.cost) best = { cost, place: i + 1, saved };
  }
  if (best.cost === 0) return undefined;
  const values = lower
    .slice(0, best.place)
    .flatMap((node) => node.outputs.filter((value) => (lastUse.get(value) ?? 0) >= best.place));
  const all = nodes.reduce((sum, node) => sum + productsOf(node), 0);
  return { values, share: best.saved / all };
}

/** The nodes, in order, that follow from fixed inputs alone and compute a product of them or come after one. */
function fixedProducts(nodes: readonly Node[], isFixed: (input: Value) => boolean): Node[] {
  const changing = new Set<Node>();
  const ofData = new Set<Node>();
  const afterProduct = new Set<Node>();
  for (const node of nodes) {
    const some = (set: ReadonlySet<Node>) => node.inputs.some((value) => set.has(value.node));
    const isData = node.outputs.some(isInput);
    if (isData ? !node.outputs.every(isFixed) : isGradientSeed(node) || some(changing)) changing.add(node);
    else if (isData || some(ofData)) ofData.add(node);
    if (ofData.has(node) && (some(afterProduct) || innerSize(node) !== undefined)) afterProduct.add(node);
  }
  return nodes.filter((node) => afterProduct.has(node));
}

const innerSize = ({ operator, inputs, attributes }: Node): Dim | undefined =>
  operator.innerSize?.(inputs, attributes);

/** The graph of `outputs` with some of its values replaced by others of the same types. */
export function replaceValues(
  outputs: Readonly<Record<string, Value>>,
  replacements: ReadonlyMap<Value, Value>,
): Record<string, Value> {
  const replaced = new Map(replacements);
  const now = (value: Value) => replaced.get(value) ?? value;
  for (const node of reachableNodes(Object.values(outputs), replacements)) {
    const needed = node.rule ? [...node.inputs, ...node.rule.of.outputs] : node.inputs;
    if (needed.every((value) => now(value) === value)) continue;
    const remade = applyLike(node, node.inputs.map(now), now);
    for (const [i, value] of node.outputs.entries())
      if (!replaced.has(value)) replaced.set(value, remade[i]!);
  }
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, now(value)]));
}
