/** @file An emitted graph as text to read, one node per line. */
import { elementTypes } from './element-types.js';
import { type OnnxGraph, reachableNodes } from './emitter.js';
import { isGradientSeed, isInput, isWeight, type Node, type Value, type ValueType } from './value.js';

/**
 * A readable listing of a graph: its inputs, the weights it reads from files, the nodes of the forward and of the
 * backward pass, and its outputs.
 *
 *     %7 [batch*length, 64] f32 = linear %6 h.0.attn.c_proj.weight h.0.attn.c_proj.bias  # h.0.attn.c_proj
 *     %9 [batch*length, 64] f32 = multiply %8 %2  # h.0.mlp, gradient of %3 through %5
 *
 * A node shows its number, shape, type, operator, operands and attributes, and after the # its place in the model. A
 * node of the backward pass also names the operand whose gradient it computes and the node it goes through. Constants
 * are shown inline. Attributes that follow from shape and type are left out.
 */
export function toText({ expression: { nodes, outputs } }: Pick<OnnxGraph, 'expression'>): string {
  const computed = nodes.filter(({ operator }) => !operator.isHeldElsewhere).sort((a, b) => a.id - b.id);
  const numbers = new Map(computed.flatMap((node) => node.outputs).map((value, i) => [value, i + 1]));
  const nameOf = (value: Value): string => {
    const number = numbers.get(value);
    return number === undefined ? attributesOf(value.node) : `%${number}`;
  };
  const line = (node: Node): string => {
    const results = node.outputs.map((value) => `${nameOf(value)} ${typeText(value)}`);
    const call = [node.operator.name, ...node.inputs.map(nameOf), attributesOf(node)].filter(Boolean);
    const origin = [node.scope, ruleText(node, nameOf)].filter(Boolean).join(', ');
    return `${results.join(', ')} = ${call.join(' ')}${origin && `  # ${origin}`}`;
  };
  const held = (isWanted: (value: Value) => boolean) =>
    nodes
      .flatMap((node) => node.outputs.filter(isWanted))
      .map((value) => `${nameOf(value)} ${typeText(value)}`);
  const isBackward = backwardOf(nodes, Object.values(outputs));
  return [
    section('inputs', held(isInput)),
    section('weights', held(isWeight)),
    section('forward', computed.filter((node) => !isBackward(node)).map(line)),
    section('backward', computed.filter(isBackward).map(line)),
    section(
      'outputs',
      Object.entries(outputs).map(([name, value]) => `${name} ${typeText(value)} = ${nameOf(value)}`),
    ),
  ].join('');
}

/**
 * The nodes of the backward pass: those made after the gradient's seed, except those that an output that is not a
 * gradient needs too. Depending on the seed is not the criterion, since gradient rules also compute from forward
 * values alone.
 */
function backwardOf(nodes: readonly Node[], outputs: readonly Value[]): (node: Node) => boolean {
  const begin = nodes.find(isGradientSeed)?.id ?? Number.POSITIVE_INFINITY;
  const ofGradients = new Set<Node>();
  for (const node of nodes)
    if (isGradientSeed(node) || node.inputs.some((value) => ofGradients.has(value.node)))
      ofGradients.add(node);
  const forward = new Set(reachableNodes(outputs.filter(({ node }) => !ofGradients.has(node))));
  return (node) => node.id >= begin && !forward.has(node);
}

function section(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return '';
  return `${title} (${lines.length})\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

const typeText = ({ shape, dtype }: ValueType) => `[${shape.join(', ')}] ${elementTypes[dtype].short}`;

function ruleText({ rule }: Node, nameOf: (value: Value) => string): string {
  if (!rule) return '';
  const of = rule.input === undefined ? '' : ` of ${nameOf(rule.of.inputs[rule.input]!)}`;
  return `gradient${of} through ${nameOf(rule.of.outputs[0]!)}`;
}

/** Attributes that do not follow from the shapes and types of the results. */
function attributesOf({ operator, attributes, outputs }: Node): string {
  if (operator.describe) return operator.describe(attributes);
  const shown = new Set(
    outputs.flatMap(({ shape, dtype }) => [JSON.stringify(shape), JSON.stringify(dtype)]),
  );
  return Object.entries(attributes)
    .filter(([, value]) => value !== false && value !== undefined && !shown.has(JSON.stringify(value)))
    .map(([name, value]) =>
      value === true ? name : `${name}=${Array.isArray(value) ? `[${value}]` : value}`,
    )
    .join(' ');
}
