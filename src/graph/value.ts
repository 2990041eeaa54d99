/**
 * @file Values and nodes: an expression graph, built by calling operators on values.
 * There is no graph object. A graph is whatever a set of outputs needs, so what nobody needs is never emitted.
 */
import type { DType, Tensor } from '../tensor.js';
import type { Dim, Shape } from './dims.js';
import type { Emitter } from './emitter.js';

/** One tensor in the graph. Until the graph runs, only its type and shape are known. */
export interface Value {
  readonly node: Node;
  /** Which of the node's outputs this is. */
  readonly index: number;
  readonly dtype: DType;
  readonly shape: Shape;
}

export interface Node {
  /** Grows with each node, so operands have smaller ids than their users. */
  readonly id: number;
  readonly operator: Operator;
  readonly inputs: readonly Value[];
  readonly attributes: object;
  readonly outputs: readonly Value[];
  /** Place in the model, such as "h.0.attn". Names in the ONNX file begin with it. */
  readonly scope: string;
  /** The gradient rule that made it, if it belongs to the backward pass. */
  readonly rule?: GradientRule;
}

/** The gradient rule of node `of`, for one of its inputs or, without `input`, for what they share. */
export interface GradientRule {
  readonly of: Node;
  readonly input?: number;
}

export interface ValueType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** Builds the gradient of one input. Called only if that gradient is needed. */
export type GradientThunk = (() => Value) | undefined;

/**
 * One row of the calculus: how an operator's result types follow from its inputs, which ONNX nodes compute it, and its
 * gradient. Differentiating through an operator without a gradient rule throws an error that names it.
 */
export interface Operator<Attributes extends object = object> {
  readonly name: string;
  /** No gradient flows through it. */
  readonly stopsGradient?: boolean;
  /** Its result reuses its input's memory under another shape. */
  readonly aliasesInput?: boolean;
  /** Its result is not allocated by the graph: it is fed, a constant, or in a file. `describe` says which. */
  readonly isHeldElsewhere?: boolean;
  infer(inputs: readonly Value[], attributes: Attributes): readonly ValueType[];
  emit(emitter: Emitter, node: Node & { readonly attributes: Attributes }): void;
  /** How `toText` prints its attributes. Default: name=value of each. */
  describe?(attributes: Attributes): string;
  /** Of a matrix product: the size of the axis that it sums over. */
  innerSize?(inputs: readonly Value[], attributes: Attributes): Dim;
  /** Bytes of scratch memory while it computes, besides its results. Default 0. */
  scratchBytes?(node: Node & { readonly attributes: Attributes }, sizeOf: (dim: Dim) => number): number;
  /**
   * `dy[i]` is the gradient of output i, undefined if that output does not lead to the loss. Returns one thunk per
   * input.
   */
  gradient?(
    dy: readonly (Value | undefined)[],
    node: Node & { readonly attributes: Attributes },
  ): readonly GradientThunk[];
}

let nextId = 0;
let currentScope = '';
let currentRule: GradientRule | undefined;

/** Applies an operator and returns all of its outputs. */
export function applyAll<A extends object>(
  operator: Operator<A>,
  inputs: readonly Value[],
  attributes: A,
): readonly Value[] {
  return make({ operator: operator as Operator, inputs, attributes, scope: currentScope, rule: currentRule });
}

function make(parts: Omit<Node, 'id' | 'outputs'>): readonly Value[] {
  const outputs: Value[] = [];
  const node: Node = { ...parts, id: nextId++, outputs };
  parts.operator.infer(parts.inputs, parts.attributes).forEach(({ dtype, shape }, index) => {
    outputs.push({ node, index, dtype, shape });
  });
  return outputs;
}

/**
 * Applies a node's operator to other inputs, in its place in the model.
 * @param now what has taken the place of an earlier value
 */
export function applyLike(
  { operator, attributes, scope, rule }: Node,
  inputs: readonly Value[],
  now: (value: Value) => Value,
): readonly Value[] {
  const ofNow = rule && { ...rule, of: now(rule.of.outputs[0]!).node };
  return make({ operator, inputs, attributes, scope, rule: ofNow });
}

/** Applies an operator with one output. */
export function apply<A extends object>(
  operator: Operator<A>,
  inputs: readonly Value[],
  attributes: A,
): Value {
  return applyAll(operator, inputs, attributes)[0]!;
}

/** Builds under a nested scope: nodes made in `build` are named "outer.name". */
export function scope<T>(name: string, build: () => T): T {
  return within(currentScope ? `${currentScope}.${name}` : name, currentRule, build);
}

/** Marks the nodes made in `build` as made by a gradient rule, in the scope of the rule's node. */
export function ruled<T>(rule: GradientRule, build: () => T): T {
  return within(rule.of.scope, rule, build);
}

function within<T>(scope: string, rule: GradientRule | undefined, build: () => T): T {
  const outer = [currentScope, currentRule] as const;
  [currentScope, currentRule] = [scope, rule];
  try {
    return build();
  } finally {
    [currentScope, currentRule] = outer;
  }
}

/** A tensor's bytes in a file, row-major and little-endian: frozen weights enter the graph without a copy. */
export interface FileRange {
  /** File name relative to the session's folder. */
  readonly location: string;
  readonly offset: number;
  readonly byteLength: number;
}

export interface InputAttributes {
  readonly name: string;
  readonly type: ValueType;
}

const inputOperator: Operator<InputAttributes> = {
  name: 'input',
  isHeldElsewhere: true,
  describe: ({ name }) => name,
  infer: (_, { type }) => [type],
  emit: (emitter, node) => emitter.input(node.outputs[0]!, node.attributes.name),
};

/** A tensor that every run feeds. Symbols in its shape define the graph's symbolic sizes. */
export function input(name: string, dtype: DType, shape: Shape): Value {
  return apply(inputOperator, [], { name, type: { dtype, shape } });
}

export function isInput(value: Value): boolean {
  return value.node.operator === (inputOperator as Operator);
}

const weightOperator: Operator<{ name: string; type: ValueType; range: FileRange }> = {
  name: 'weight',
  isHeldElsewhere: true,
  describe: ({ name }) => name,
  infer: (_, { type }) => [type],
  emit: (emitter, { outputs, attributes: { name, type, range } }) =>
    emitter.alias(outputs[0]!, emitter.fileConstant(name, type.dtype, type.shape.map(Number), range)),
};

/** A frozen tensor that stays in its file, memory-mapped by ONNX Runtime. */
export function weight(name: string, dtype: DType, shape: readonly number[], range: FileRange): Value {
  return apply(weightOperator, [], { name, type: { dtype, shape }, range });
}

/** Rows `from` up to but not including `to` of a frozen tensor: a range of the same file. */
export function weightRows(value: Value, from: number, to: number): Value {
  const { name, range } = value.node.attributes as { name: string; range: FileRange };
  const [rows, ...row] = value.shape as number[];
  const perRow = range.byteLength / rows!;
  return weight(`${name}[${from}:${to}]`, value.dtype, [to - from, ...row], {
    location: range.location,
    offset: range.offset + from * perRow,
    byteLength: (to - from) * perRow,
  });
}

export function isWeight(value: Value): boolean {
  return value.node.operator === (weightOperator as Operator);
}

const constantOperator: Operator<{ tensor: Tensor }> = {
  name: 'constant',
  isHeldElsewhere: true,
  describe: ({ tensor }) => shortText(tensor),
  infer: (_, { tensor }) => [tensor],
  emit: (emitter, node) => emitter.alias(node.outputs[0]!, emitter.constant(node.attributes.tensor)),
};

/** A small tensor stored in the graph. Equal constants are stored once. */
export function constant(tensor: Tensor): Value {
  return apply(constantOperator, [], { tensor });
}

/** The first few elements, such as "0.5" or "[0, 1, 2, …]". */
function shortText({ shape, data }: Tensor): string {
  const first = [...data.subarray(0, 4)].map((value) => `${Number(Number(value).toPrecision(6))}`);
  if (shape.length === 0) return first[0]!;
  return `[${[...first, ...(data.length > first.length ? ['…'] : [])].join(', ')}]`;
}

/** A number as a scalar of type `dtype`. */
export function scalar(value: number, dtype: DType): Value {
  return constant(scalarTensor(value, dtype));
}

export function scalarTensor(value: number, dtype: DType): Tensor {
  if (dtype === 'float32') return { dtype, shape: [], data: Float32Array.of(value) };
  if (dtype === 'float64') return { dtype, shape: [], data: Float64Array.of(value) };
  if (dtype === 'int64') return { dtype, shape: [], data: BigInt64Array.of(BigInt(value)) };
  throw new Error(`cannot make a scalar constant of type ${dtype}`);
}

const gradientSeedOperator: Operator<{ dtype: DType }> = {
  name: 'gradientSeed',
  isHeldElsewhere: true,
  describe: () => '1',
  infer: (_, { dtype }) => [{ dtype, shape: [] }],
  emit: (emitter, node) =>
    emitter.alias(node.outputs[0]!, emitter.constant(scalarTensor(1, node.attributes.dtype))),
};

/** The 1 that every gradient starts from. `executionOrder` puts everything that depends on it last. */
export function gradientSeed(dtype: DType): Value {
  return apply(gradientSeedOperator, [], { dtype });
}

export function isGradientSeed(node: Node): boolean {
  return node.operator === (gradientSeedOperator as Operator);
}
