/**
 * @file Writes the graph behind a set of output values as an ONNX model (onnx/onnx.proto3, IR version 10).
 * Operators call the emitter; it names things, stores each constant once and computes symbolic sizes at run time.
 */
import type { DType, Tensor } from '../tensor.js';
import { type Dim, polynomialOf, type Shape } from './dims.js';
import { type FileDType, onnxTypeOf } from './element-types.js';
import { peakBytes, type Sizes } from './peak-memory.js';
import { ProtobufWriter } from './protobuf.js';
import { type FileRange, isGradientSeed, isInput, type Node, scalarTensor, type Value } from './value.js';

const irVersion = 10;
const opset = 21;

/** Attributes of an ONNX node: numbers are written as ints, `{ float: x }` as a float, a message as a tensor
 * or, in `{ graph }`, as a graph. */
export type OnnxAttributes = Record<
  string,
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly graph: ProtobufWriter }
  | ProtobufWriter
>;

export interface OnnxGraph {
  /** The serialized ModelProto. Weights are references into files, relative to the folder given to the session. */
  readonly bytes: Uint8Array;
  /** The inputs that a run must feed, by name. Inputs that no output needs are left out. */
  readonly inputs: ReadonlyMap<string, { readonly dtype: DType; readonly shape: Shape }>;
  readonly outputs: readonly string[];
  /** Whether weights are packed (see operators/packed.ts). Their session should not unpack them ahead of their use. */
  readonly hasPackedWeights: boolean;
  /** How it was written, for graphs that are made from it. */
  readonly options: Required<OnnxOptions>;
  /** Whether it multiplies by 8- or 4-bit matrices without unpacking them, which is slow without `prepacking`. */
  readonly usesBlockProducts: boolean;
  /** Peak memory of its values in bytes, for these sizes of its inputs (see peak-memory.ts). */
  readonly peakBytes: (sizes: Sizes) => number;
  /** The nodes in the order of the file, for `toText`. */
  readonly expression: Expression;
}

/** Outputs and every node they need, operands before users. */
export interface Expression {
  readonly nodes: readonly Node[];
  readonly outputs: Readonly<Record<string, Value>>;
}

/** Writes `outputs` and everything they need. Throws if a symbolic size belongs to no input that the graph uses. */
export function toOnnx(outputs: Readonly<Record<string, Value>>, options: OnnxOptions = {}): OnnxGraph {
  const nodes = executionOrder(reachableNodes(Object.values(outputs)));
  const { unpacksBlocks = nodes.some(isGradientSeed), device = 'cpu' } = options;
  return new Emitter(nodes, { unpacksBlocks, device }).write(outputs);
}

export interface OnnxOptions {
  /**
   * Whether products with 8- or 4-bit matrices unpack them, in which they are as exact as in float32. Default: only if
   * the graph has a backward pass.
   */
  readonly unpacksBlocks?: boolean;
  /**
   * Whose kernels it is written for. Default: the CPU's. WebGPU has none for transposed and scaled products
   * (FusedMatMul), each of which would be a copy to the CPU and back; computes no second output of
   * SimplifiedLayerNormalization; and has a sine that is exact for small angles alone.
   */
  readonly device?: 'cpu' | 'webgpu';
}

/**
 * All nodes that `values` need, operands before users.
 * @param given values that need no node of theirs
 */
export function reachableNodes(
  values: readonly Value[],
  given: { has(value: Value): boolean } = new Set(),
): Node[] {
  const seen = new Set<Node>();
  const open = values.filter((value) => !given.has(value)).map((value) => value.node);
  for (let node = open.pop(); node; node = open.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    for (const operand of node.inputs) if (!given.has(operand)) open.push(operand.node);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/**
 * Operands before users, and everything that does not depend on the loss's gradient before everything that does.
 *
 * ONNX Runtime walks back from the outputs and visits a node's youngest input first. With this order that is the
 * gradient coming down from the loss, so what a gradient rule computes from forward values alone is computed when the
 * backward pass reaches it, instead of being kept from the forward pass on. That saves a third of the memory.
 */
function executionOrder(nodes: readonly Node[]): Node[] {
  const backward = new Set<Node>();
  for (const node of nodes) {
    if (isGradientSeed(node) || node.inputs.some((value) => backward.has(value.node))) backward.add(node);
  }
  return [...nodes.filter((node) => !backward.has(node)), ...backward];
}

/** A loop over pieces of tensors, which are given by their names in the graph (see `Emitter.scan`). */
export interface Scan {
  readonly states: readonly string[];
  readonly sequences: readonly string[];
  /** The axis along which sequences are cut, and outputs joined. */
  readonly axis: number;
  body(
    states: readonly string[],
    pieces: readonly string[],
  ): { readonly states: readonly string[]; readonly outputs: readonly string[] };
}

export class Emitter {
  readonly #graph = new ProtobufWriter();
  readonly #outerNodes: ProtobufWriter[] = [];
  /** Where new nodes go: the graph's, or those of a body. */
  #nodes = this.#outerNodes;
  readonly #unpacking: ProtobufWriter[] = [];
  readonly #names = new Map<Value, string>();
  readonly #constants = new Map<string, string>();
  readonly #shared = new Map<string, string>();
  readonly #inputs = new Map<string, Value>();
  readonly #fileConstants = new Set<string>();
  readonly #used = new Set<Value>();
  /** See OnnxGraph. */
  hasPackedWeights = false;
  usesBlockProducts = false;
  #count = 0;

  /** @param options see OnnxOptions */
  constructor(
    private readonly nodes: readonly Node[],
    readonly options: Required<OnnxOptions>,
  ) {}

  write(outputs: Readonly<Record<string, Value>>): OnnxGraph {
    for (const value of [...Object.values(outputs), ...this.nodes.flatMap(({ inputs }) => inputs)])
      this.#used.add(value);
    // An output has its public name from the start. A value that is two outputs needs a copy.
    for (const [name, value] of Object.entries(outputs))
      if (!this.#names.has(value)) this.#names.set(value, name);
    for (const node of this.nodes)
      if (node.outputs[0] && isInput(node.outputs[0])) node.operator.emit(this, node);
    for (const node of this.nodes) if (!isInput(node.outputs[0]!)) node.operator.emit(this, node);
    for (const [name, value] of Object.entries(outputs)) {
      if (this.name(value) !== name) this.node('Identity', [this.name(value)], [name]);
      this.#graph.bytes(12, valueInfo(name, value.dtype, value.shape));
    }
    this.#tellShapes(Object.keys(outputs));
    for (const node of [...this.#unpacking, ...this.#nodes]) this.#graph.bytes(1, node);
    this.#graph.bytes(2, 'promptune');
    const model = new ProtobufWriter()
      .integer(1, irVersion)
      .bytes(2, 'promptune')
      .bytes(7, this.#graph)
      .bytes(8, new ProtobufWriter().bytes(1, '').integer(2, opset))
      .bytes(8, new ProtobufWriter().bytes(1, 'com.microsoft').integer(2, 1));
    return {
      bytes: model.finish(),
      inputs: new Map(this.#inputs),
      outputs: Object.keys(outputs),
      hasPackedWeights: this.hasPackedWeights,
      options: this.options,
      usesBlockProducts: this.usesBlockProducts,
      peakBytes: (sizes) => peakBytes(this.nodes, Object.values(outputs), sizes),
      expression: { nodes: this.nodes, outputs },
    };
  }

  /**
   * Adds the shape of every value that is computed on the way to the outputs. ONNX Runtime infers few shapes when sizes
   * are symbolic. Its memory planner then compares every value of unknown size with all free buffers, which takes time
   * quadratic in a model's depth.
   */
  #tellShapes(outputs: readonly string[]): void {
    const constants = [...this.#fileConstants, ...this.#constants.values()];
    const known = new Set([...this.#inputs.keys(), ...constants, ...outputs]);
    for (const node of this.nodes) {
      for (const value of node.outputs) {
        const name = this.#names.get(value);
        if (name === undefined || known.has(name)) continue;
        known.add(name);
        this.#graph.bytes(13, valueInfo(name, value.dtype, value.shape));
      }
    }
  }

  /** The ONNX name of a value that has been emitted already or is about to be. */
  name(value: Value): string {
    const known = this.#names.get(value);
    if (known !== undefined) return known;
    const fresh = this.fresh(value.node.operator.name, value.node.scope);
    this.#names.set(value, fresh);
    return fresh;
  }

  fresh(hint: string, scope = ''): string {
    return `${scope ? `${scope}.` : ''}${hint}_${this.#count++}`;
  }

  /** Whether a node or an output of the graph reads a value. */
  isUsed(value: Value): boolean {
    return this.#used.has(value);
  }

  alias(value: Value, name: string): void {
    this.#names.set(value, name);
  }

  /** Adds one node, by default with one new output. Returns the first output's name. */
  node(
    type: string,
    inputs: readonly string[],
    outputs: readonly string[] = [this.fresh(type)],
    attributes: OnnxAttributes = {},
    domain: '' | 'com.microsoft' = '',
  ): string {
    const message = new ProtobufWriter();
    for (const name of inputs) message.bytes(1, name);
    for (const name of outputs) message.bytes(2, name);
    message.bytes(3, outputs.find(Boolean) ?? type).bytes(4, type);
    for (const [name, value] of Object.entries(attributes)) message.bytes(5, attribute(name, value));
    this.#nodes.push(message.bytes(7, domain));
    return outputs[0]!;
  }

  /**
   * Moves the nodes that `emit` adds, which depend on weights alone, before all others. ONNX Runtime visits a node's
   * youngest input first (see executionOrder): if these were young, it would unpack every weight before doing anything
   * else.
   */
  first<T>(emit: () => T): T {
    const count = this.#nodes.length;
    const result = emit();
    this.#unpacking.push(...this.#nodes.splice(count));
    return result;
  }

  /** Adds one node that computes `node`'s outputs from its inputs. */
  direct(node: Node, type: string, attributes: OnnxAttributes = {}, domain: '' | 'com.microsoft' = ''): void {
    this.node(
      type,
      node.inputs.map((value) => this.name(value)),
      node.outputs.map((value) => this.name(value)),
      attributes,
      domain,
    );
  }

  input(value: Value, name: string): void {
    const earlier = this.#inputs.get(name);
    if (earlier) throw new Error(`two inputs of the graph are named "${name}"`);
    this.#inputs.set(name, value);
    this.#names.set(value, name);
    this.#graph.bytes(11, valueInfo(name, value.dtype, value.shape));
  }

  /** A constant that lies in a file. It keeps its name in the graph; using the name again gives the same constant. */
  fileConstant(name: string, dtype: FileDType, shape: readonly number[], range: FileRange): string {
    if (!this.#fileConstants.has(name)) this.#graph.bytes(5, externalTensor(name, dtype, shape, range));
    this.#fileConstants.add(name);
    return name;
  }

  constant({ dtype, shape, data }: Tensor): string {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const key = `${dtype}[${shape}]${bytes}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.fresh('constant');
    this.#constants.set(key, name);
    this.#graph.bytes(5, tensorHeader(name, dtype, shape).bytes(9, bytes));
    return name;
  }

  integers(values: readonly number[]): string {
    return this.constant({
      dtype: 'int64',
      shape: [values.length],
      data: BigInt64Array.from(values, BigInt),
    });
  }

  /** `shape` as a vector of int64: a constant if it is static, else computed from the inputs' sizes. */
  shape(shape: Shape): string {
    if (shape.every((dim) => typeof dim === 'number')) return this.integers(shape);
    // Reshape and Expand could use -1 for one symbolic size, but this way all users share the same few nodes.
    const key = shape.join(',');
    return this.once(key, () =>
      shape.length === 1
        ? this.#size(shape[0]!)
        : this.node(
            'Concat',
            shape.map((dim) => this.#size(dim)),
            undefined,
            { axis: 0 },
          ),
    );
  }

  /** A scalar of a type that numbers have. */
  number(value: number, dtype: DType): string {
    return this.constant(scalarTensor(value, dtype));
  }

  zeros(shape: Shape, dtype: DType): string {
    const value = new ProtobufWriter().integer(1, 1).integer(2, onnxTypeOf(dtype));
    const zero = value.bytes(9, new Uint8Array(dtype === 'float64' || dtype === 'int64' ? 8 : 4));
    return this.node('ConstantOfShape', [this.shape(shape)], undefined, { value: zero });
  }

  /** A scalar int64 holding one size. */
  size(dim: Dim): string {
    return this.once(`scalar ${dim}`, () => this.node('Squeeze', [this.#size(dim)]));
  }

  #size(dim: Dim): string {
    if (typeof dim === 'number') return this.integers([dim]);
    return this.once(dim, () => {
      const terms = [...polynomialOf(dim)].map(([monomial, coefficient]) => {
        const factors = monomial
          .split('*')
          .filter(Boolean)
          .map((symbol) => this.#symbol(symbol));
        if (coefficient !== 1 || factors.length === 0) factors.unshift(this.integers([coefficient]));
        return factors.reduce((a, b) => this.node('Mul', [a, b]));
      });
      return terms.reduce((a, b) => this.node('Add', [a, b]));
    });
  }

  #symbol(symbol: string): string {
    return this.once(`symbol ${symbol}`, () => {
      for (const [name, { shape }] of this.#inputs) {
        const axis = shape.indexOf(symbol);
        if (axis >= 0) return this.node('Shape', [name], undefined, { start: axis, end: axis + 1 });
      }
      throw new Error(`the size "${symbol}" belongs to no input that the graph uses`);
    });
  }

  /**
   * What `make` adds, once per graph for each key: sizes, and what follows from them. It stands before a Scan whose
   * body asks for it.
   */
  once(key: string, make: () => string): string {
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const nodes = this.#nodes;
    this.#nodes = this.#outerNodes;
    const name = make();
    this.#nodes = nodes;
    this.#shared.set(key, name);
    return name;
  }

  /**
   * Runs `body` for each piece along `axis` of the sequences, in order.
   * @param states values at the start, which the body takes and gives anew
   * @returns the states at the end, and the body's outputs joined along `axis`
   */
  scan({ states, sequences, axis, body }: Scan): { states: readonly string[]; outputs: readonly string[] } {
    const [stateInputs, pieces] = [states, sequences].map((names) => names.map(() => this.fresh('piece')));
    const outer = this.#nodes;
    this.#nodes = [];
    const results = body(stateInputs!, pieces!);
    const graph = new ProtobufWriter();
    for (const node of this.#nodes) graph.bytes(1, node);
    this.#nodes = outer;
    const named = (name: string) => new ProtobufWriter().bytes(1, name);
    graph.bytes(2, 'body');
    for (const name of [...stateInputs!, ...pieces!]) graph.bytes(11, named(name));
    for (const name of [...results.states, ...results.outputs]) graph.bytes(12, named(name));
    const outputs = [...results.states, ...results.outputs].map(() => this.fresh('Scan'));
    this.node('Scan', [...states, ...sequences], outputs, {
      body: { graph },
      num_scan_inputs: sequences.length,
      scan_input_axes: sequences.map(() => axis),
      scan_output_axes: results.outputs.map(() => axis),
    });
    return { states: outputs.slice(0, states.length), outputs: outputs.slice(states.length) };
  }
}

function attribute(name: string, value: OnnxAttributes[string]): ProtobufWriter {
  const message = new ProtobufWriter().bytes(1, name);
  if (typeof value === 'number') return message.integer(3, value).integer(20, 2);
  if (typeof value === 'string') return message.bytes(4, value).integer(20, 3);
  if (value instanceof ProtobufWriter) return message.bytes(5, value).integer(20, 4);
  if ('graph' in value) return message.bytes(6, value.graph).integer(20, 5);
  if ('float' in value) return message.float(2, value.float).integer(20, 1);
  for (const item of value) message.integer(8, item);
  return message.integer(20, 7);
}

function externalTensor(
  name: string,
  dtype: FileDType,
  shape: readonly number[],
  { location, offset, byteLength }: FileRange,
): ProtobufWriter {
  const message = tensorHeader(name, dtype, shape).integer(14, 1);
  for (const [key, text] of Object.entries({ location, offset, length: byteLength }))
    message.bytes(13, new ProtobufWriter().bytes(1, key).bytes(2, String(text)));
  return message;
}

function tensorHeader(name: string, dtype: FileDType, shape: readonly number[]): ProtobufWriter {
  const message = new ProtobufWriter();
  for (const size of shape) message.integer(1, size);
  return message.integer(2, onnxTypeOf(dtype)).bytes(8, name);
}

function valueInfo(name: string, dtype: DType, shape: Shape): ProtobufWriter {
  const sizes = new ProtobufWriter();
  for (const dim of shape) {
    const size = new ProtobufWriter();
    sizes.bytes(1, typeof dim === 'number' ? size.integer(1, dim) : size.bytes(2, dim));
  }
  const tensorType = new ProtobufWriter().integer(1, onnxTypeOf(dtype)).bytes(2, sizes);
  return new ProtobufWriter().bytes(1, name).bytes(2, new ProtobufWriter().bytes(1, tensorType));
}
