/**
 * @file Changes of layers as numbers that can differ between the rows of a batch. All changes of linear layers (LoRA,
 *   DoRA, IA3, nested) have one form, for x [in] and the frozen W with its bias:
 *
 *     y = f ∘ (W(g ∘ x) + bias) + B A x + c
 *
 * and all changes of sub-layers have the form of a bottleneck, U φ(D h + d) + e.
 */
import { UsageError } from '../errors.js';
import { say } from '../say.js';

/** A change of a linear layer; missing terms change nothing. */
export interface LinearRowChange {
  /** g [in]. */
  readonly inputFactors?: Float32Array;
  /** f [out]. */
  readonly outputFactors?: Float32Array;
  /** A [rank, in]. */
  readonly down?: Float32Array;
  /** The transpose of B, [rank, out]. */
  readonly up?: Float32Array;
  /** c [out]. */
  readonly bias?: Float32Array;
}

/** A bottleneck after or beside a sub-layer. */
export interface SubLayerRowChange {
  /** The definition of h: the sub-layer's output, its sum with the residual, or the residual. */
  readonly reads: 'output' | 'sum' | 'residual';
  /** φ, a key of `activations`. */
  readonly nonLinearity: string;
  /** D [size, hidden]. */
  readonly down: Float32Array;
  /** d [size]. */
  readonly downBias: Float32Array;
  /** The transpose of U, [size, hidden]. */
  readonly up: Float32Array;
  /** e [hidden]. */
  readonly upBias: Float32Array;
}

/** By the names of layers and sub-layers. */
export interface RowChanges {
  readonly linear: ReadonlyMap<string, LinearRowChange>;
  readonly subLayers: ReadonlyMap<string, SubLayerRowChange>;
}

/** The change that results from `outer` around `inner`. */
export function nestRowChanges(inner: LinearRowChange, outer: LinearRowChange): LinearRowChange {
  return {
    inputFactors: inner.inputFactors ? product(inner.inputFactors, outer.inputFactors) : outer.inputFactors,
    outputFactors: inner.outputFactors
      ? product(inner.outputFactors, outer.outputFactors)
      : outer.outputFactors,
    down: joined(product(inner.down, outer.inputFactors), outer.down),
    up: joined(product(inner.up, outer.outputFactors), outer.up),
    bias: sum(product(inner.bias, outer.outputFactors), outer.bias),
  };
}

/**
 * The changes of several adapters, nested, with the first one innermost.
 * @throws UsageError if two of them change the same sub-layer: the second would read the output of the first
 */
export function joinRowChanges(changes: readonly RowChanges[]): RowChanges {
  const linear = new Map<string, LinearRowChange>();
  const subLayers = new Map<string, SubLayerRowChange>();
  for (const own of changes) {
    for (const [name, change] of own.linear) {
      const inner = linear.get(name);
      linear.set(name, inner ? nestRowChanges(inner, change) : change);
    }
    for (const [name, change] of own.subLayers) {
      if (subLayers.has(name))
        throw new UsageError(
          say`two of its parts have a bottleneck behind ${name}, which rows of one batch cannot have`,
          { code: 'unsupported' },
        );
      subLayers.set(name, change);
    }
  }
  return { linear, subLayers };
}

/** Multiplies each line of `lines` by `factors`, element by element; without factors, returns the lines. */
function product(lines?: Float32Array, factors?: Float32Array): Float32Array | undefined {
  return factors ? lines?.map((value, i) => value * factors[i % factors.length]!) : lines;
}

function sum(a?: Float32Array, b?: Float32Array): Float32Array | undefined {
  return a && b ? a.map((value, i) => value + b[i]!) : (a ?? b);
}

function joined(a?: Float32Array, b?: Float32Array): Float32Array | undefined {
  if (!a || !b) return a ?? b;
  const both = new Float32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** The transpose of `data` [rows, columns], times `scale`. */
export function transposed(data: Float32Array, rows: number, columns: number, scale = 1): Float32Array {
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      result[column * rows + row] = scale * data[row * columns + column]!;
  return result;
}
