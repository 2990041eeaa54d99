/**
 * @file Divides the graph of a loss into what the frozen layers make of a text, which is the same in every epoch, and
 *   the rest. It follows from the graph alone, whatever the method: with a head alone the states are those that the
 *   head reads, with LoRA in the upper layers those that enter the lowest of them.
 */
import { encoderTokenPlaces, graphInput, tokenPlaces } from '../attach/text-inputs.js';
import {
  cheapestCut,
  multiplyDims,
  type OnnxGraph,
  pickRows,
  replaceValues,
  reshape,
  type Shape,
  type Sizes,
  toOnnx,
  type Value,
} from '../graph/index.js';
import type { NamedTensors } from '../runtime/index.js';
import { float32Tensor } from '../tensor.js';
import { isOfExamples, type LossInput, type LossRow, lossFeeds, rowsOf } from './inputs.js';
import type { LossGraph } from './loss-graph.js';
import type { SharedRow } from './shared-rows.js';

/** A loss graph in two: the graph of the frozen states, and that of the loss for examples with `states`. */
export interface DividedLoss {
  readonly states: StatesGraph;
  readonly loss: LossGraph;
  /** The fraction of the multiplications in the undivided graph's matrix products that the states save: 0 to 1. */
  readonly share: number;
}

export interface StatesGraph extends OnnxGraph {
  /** The feeds for examples. */
  feeds(examples: readonly SharedRow[]): NamedTensors;
  /** Each example's states, in the outputs of a run on `examples`: of a pair, those of both its rows. */
  statesIn(outputs: NamedTensors, examples: readonly SharedRow[]): Float32Array[][];
  /** The example with its states. */
  withStates(example: SharedRow, states: readonly Float32Array[]): SharedRow;
  /** How many numbers the states of a data set have, at most. */
  count(size: DatasetSize): number;
}

export interface DatasetSize {
  readonly rows: number;
  readonly tokens: number;
  readonly labels: number;
}

/** Axes whose entries belong to one row each. */
const axes: Readonly<Record<string, StateAxis>> = {
  batch: { shape: ['batch'], count: () => 1, total: ({ rows }) => rows },
  labels: { shape: ['labels'], count: ({ labels }) => labels.length, total: ({ labels }) => labels },
  tokens: {
    shape: ['tokens'],
    count: ({ ids }) => Math.max(1, ids.length), // as in tokenPlaces
    total: ({ rows, tokens }) => rows + tokens,
    withoutPadding: { places: tokenPlaces.value, of: ['batch', 'length'] },
  },
  encoder_tokens: {
    shape: ['encoder_tokens'],
    count: ({ encoderIds = [] }) => Math.max(1, encoderIds.length),
    total: ({ rows, tokens }) => rows + tokens,
    withoutPadding: { places: encoderTokenPlaces.value, of: ['batch', 'encoder_length'] },
  },
  'batch*length': {
    shape: ['batch', 'length'],
    count: ({ ids }) => ids.length,
    total: ({ rows, tokens }) => rows + tokens, // a decoder has a token more, which starts its text
  },
  'batch*encoder_length': {
    shape: ['batch', 'encoder_length'],
    count: ({ encoderIds = [] }) => encoderIds.length,
    total: ({ tokens }) => tokens,
  },
};

interface StateAxis {
  /** The axis as one, where rows follow one another, or as two, where each is padded to the longest. */
  readonly shape: Shape;
  /** How many entries a row has. */
  count(row: LossRow): number;
  /** How many a data set has, at most. */
  total(size: DatasetSize): number;
  /** Of the vectors of a stream without padding: their places among the positions of padded rows. */
  readonly withoutPadding?: { readonly places: Value; readonly of: Shape };
}

/** A value at the cut: rows of `width` numbers. */
interface State {
  readonly value: Value;
  readonly axis: StateAxis;
  readonly width: number;
}

/**
 * Divides `graph` where it is cheapest to; undefined if its frozen part saves nothing that is worth keeping.
 *
 * A state must save as much as three products with a square matrix of the model's width. So it is worth keeping the
 * states between layers, but not the products of a frozen matrix that LoRA adds to.
 * @param sizes of a typical batch (see `sizesOf`)
 */
export function divideLoss(
  graph: LossGraph,
  { hiddenSize, sizes }: { hiddenSize: number; sizes: Sizes },
): DividedLoss | undefined {
  const { outputs } = graph.expression;
  const cut = cheapestCut(Object.values(outputs), {
    isFixed: ({ node }) => isOfExamples((node.attributes as { name: string }).name),
    canKeep: (value) => axisOf(value) !== undefined,
    sizes,
    price: 3 * hiddenSize,
  });
  if (!cut) return undefined;
  const states = cut.values.map((value) => ({
    value,
    axis: axisOf(value)!,
    width: (value.shape.slice(1) as number[]).reduce((product, size) => product * size, 1),
  }));
  const { reading, recomputes, promptLabels, countsFirst } = graph;
  const inputs = states.map(stateInput);
  const fed = states.map((state, i) => [state.value, valueFrom(state, inputs[i]!)] as const);
  const rest = toOnnx(replaceValues(outputs, new Map(fed)), graph.options);
  return {
    states: statesGraph(states, graph),
    loss: {
      ...rest,
      recomputes,
      reading,
      promptLabels,
      countsFirst,
      feeds: (examples) => lossFeeds(rest.inputs, examples, reading, inputs),
    },
    share: cut.share,
  };
}

function axisOf({ dtype, shape: [first, ...rest] }: Value): StateAxis | undefined {
  const isOfRows = dtype === 'float32' && rest.every((size) => typeof size === 'number');
  return isOfRows && first !== undefined ? axes[first] : undefined;
}

const nameOf = (index: number) => `states_${index}`;

/**
 * The states as an input of the upper graph, which rows with `states` feed. Those of a stream without padding are fed
 * with it, since the upper graph may have no other input with the length of the rows.
 */
function stateInput({ axis: own, width }: State, index: number): LossInput {
  const axis = own.withoutPadding ? { ...own, shape: own.withoutPadding.of } : own;
  return graphInput(nameOf(index), 'float32', [...axis.shape, width], (rows) => {
    const { sizes, starts } = layoutOf(axis, rows);
    const tensor = float32Tensor([...sizes, width]);
    for (const [i, { states }] of rows.entries()) tensor.data.set(states![index]!, starts[i]! * width);
    return tensor;
  });
}

/** The value at the cut, from the states that are fed. */
function valueFrom({ value, axis, width }: State, { value: states }: LossInput): Value {
  if (!axis.withoutPadding) return reshape(states, value.shape);
  const { places, of } = axis.withoutPadding;
  const padded = reshape(states, [multiplyDims(...of), width]);
  return reshape(pickRows(padded, places), value.shape);
}

function statesGraph(states: readonly State[], { reading, options }: LossGraph): StatesGraph {
  const outputs = Object.fromEntries(states.map(({ value }, i) => [nameOf(i), value]));
  const graph = toOnnx(outputs, options);
  return {
    ...graph,
    feeds: (examples) => lossFeeds(graph.inputs, examples, reading),
    statesIn(found, examples) {
      const rows = rowsOf(examples, reading);
      const ofRows = rows.map((): Float32Array[] => []);
      for (const [index, { axis, width }] of states.entries()) {
        const data = found[nameOf(index)]!.data as Float32Array;
        const { starts } = layoutOf(axis, rows);
        for (const [i, row] of rows.entries())
          ofRows[i]!.push(data.slice(starts[i]! * width, (starts[i]! + axis.count(row)) * width));
      }
      return examples.map(({ rejected }) => ofRows.splice(0, rejected ? 2 : 1).flat());
    },
    withStates: (example, found) => ({
      ...example,
      states: found.slice(0, states.length),
      ...(example.rejected && { rejected: { ...example.rejected, states: found.slice(states.length) } }),
    }),
    count: (size) => states.reduce((sum, { axis, width }) => sum + axis.total(size) * width, 0),
  };
}

/** The sizes of an axis for some rows, and where on it each row starts. */
function layoutOf(
  { shape, count }: StateAxis,
  rows: readonly LossRow[],
): { sizes: number[]; starts: number[] } {
  const counts = rows.map(count);
  if (shape.length === 2) {
    const longest = Math.max(1, ...counts); // as in paddedIds
    return { sizes: [rows.length, longest], starts: rows.map((_, i) => i * longest) };
  }
  const starts: number[] = [];
  let end = 0;
  for (const own of counts) {
    starts.push(end);
    end += own;
  }
  return { sizes: [end], starts };
}

/** The sizes of the symbols in a graph's inputs in a run with these tensors. */
export function sizesOf({ inputs }: Pick<OnnxGraph, 'inputs'>, feeds: NamedTensors): Sizes {
  const sizes = new Map<string, number>();
  for (const [name, { shape }] of Object.entries(feeds))
    for (const [axis, dim] of (inputs.get(name)?.shape ?? []).entries())
      if (typeof dim === 'string') sizes.set(dim, shape[axis]!);
  return sizes;
}
