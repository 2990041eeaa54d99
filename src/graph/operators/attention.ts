/**
 * @file Attention by pieces of the queries. The scores of a piece are computed, used and forgotten, and computed again
 *   in the backward pass, so that only those of one piece are in memory (after Dao et al. 2022, arXiv:2205.14135). A
 *   piece sees all its keys at once, so its softmax is whole, and nothing is kept for the backward pass.
 */
import { addDims, type Dim, multiplyDims } from '../dims.js';
import type { Emitter } from '../emitter.js';
import { apply, applyAll, type Node, type Operator, type Value } from '../value.js';
import { defineOperator, sameDtype } from './define.js';
import { emitProduct, type Product, plainProduct } from './products.js';

export interface AttentionOptions {
  /** Factor of the products of queries and keys. */
  readonly scale: number;
  /** If set, scores s become cap·tanh(s/cap) before the masks are added. */
  readonly cap?: number;
  /** The most queries of a piece. */
  readonly queriesAtOnce: number;
  /**
   * What the masks leave visible at most: keys up to `past` + i for query i, with `window` only that many. Keys that no
   * query of a piece sees are not computed. Default: every query may see all.
   */
  readonly sees?: { readonly past: Dim; readonly window?: number };
}

type AttentionNode = Node & { readonly attributes: AttentionOptions };

const describe = ({ scale, queriesAtOnce }: AttentionOptions) =>
  `scale=${scale} queriesAtOnce=${queriesAtOnce}`;

const attentionOperator: Operator<AttentionOptions> = defineOperator<AttentionOptions>({
  name: 'attention',
  infer: ([query, key, value]) => {
    const shape = [...query!.shape.slice(0, 3), value!.shape[3]!];
    return [{ dtype: sameDtype('attention', [query!, key!, value!]), shape }];
  },
  emit: emitAttention,
  describe,
  innerSize: ([, key]) => multiplyDims(2, key!.shape[2]!),
  // Masked scores and weights; the queries in pieces, and the results.
  scratchBytes: (node, sizeOf) => 2 * bytesOfScores(node, sizeOf) + 4 * bytesOfRows(node, sizeOf),
  gradient: ([dy], { inputs, attributes }) => {
    const ofInputs = applyAll(attentionGradient, [...inputs, dy!], attributes);
    return ofInputs.map((gradient) => () => gradient);
  },
});

/** The gradients of query, key and value. The inputs are those of the attention and the gradient of its result. */
const attentionGradient: Operator<AttentionOptions> = defineOperator<AttentionOptions>({
  name: 'attentionGradient',
  infer: ([query, key, value]) => [query!, key!, value!],
  emit: emitGradient,
  describe,
  innerSize: ([, key]) => multiplyDims(5, key!.shape[2]!),
  scratchBytes: (node, sizeOf) => 3 * bytesOfScores(node, sizeOf) + 8 * bytesOfRows(node, sizeOf),
});

/**
 * softmax(query·keyᵀ·scale + masks)·value, with the scores of `queriesAtOnce` queries in memory at a time.
 * @param query [batch, heads, queries, headDim]
 * @param key [batch, key-value heads, keys, headDim]; each of its heads serves a group of consecutive query heads
 * @param value like `key`
 * @param masks added to the scores, without a gradient of their own: [1 or batch, 1 or heads, 1 or queries, keys]
 */
export function attention(
  query: Value,
  key: Value,
  value: Value,
  masks: readonly Value[],
  options: AttentionOptions,
): Value {
  return apply(attentionOperator, [query, key, value, ...masks], options);
}

/** Bytes of the scores of one piece. */
function bytesOfScores(
  { inputs: [query, key], attributes: { queriesAtOnce } }: AttentionNode,
  sizeOf: (dim: Dim) => number,
): number {
  const [batch, heads, queries] = query!.shape.map(sizeOf) as [number, number, number];
  const pieces = Math.ceil(queries / queriesAtOnce);
  return 4 * batch * heads * Math.ceil(queries / pieces) * sizeOf(key!.shape[2]!);
}

/** Bytes of all queries. */
const bytesOfRows = ({ inputs: [query] }: AttentionNode, sizeOf: (dim: Dim) => number): number =>
  query!.shape.reduce<number>((bytes, dim) => bytes * sizeOf(dim), 4);

function emitAttention(emitter: Emitter, node: AttentionNode): void {
  const pieces = piecesOf(emitter, node, node.inputs.slice(3));
  const { outputs } = emitter.scan({
    states: [pieces.start],
    sequences: [pieces.divided(node.inputs[0]!), ...pieces.masks],
    axis: 2,
    body: ([start], [query, ...masks]) => {
      const { value, weights, product, inHeads } = pieces.at(start!, query!, masks);
      return { states: [pieces.next(start!)], outputs: [inHeads(product(weights, value))] };
    },
  });
  pieces.join(outputs[0]!, node.outputs[0]!);
}

/**
 * With P the weights of a piece and dO its part of the gradient of the result: dV = Σ Pᵀ·dO, dP = dO·Vᵀ,
 * dS = P ∘ (dP - Σ P ∘ dP), dQ = dS·K and dK = Σ dSᵀ·Q.
 */
function emitGradient(emitter: Emitter, node: AttentionNode): void {
  const pieces = piecesOf(emitter, node, node.inputs.slice(3, -1));
  const { scale: alpha } = node.attributes;
  const [query, key, value] = node.inputs as [Value, Value, Value];
  const zeros = [key, value].map(({ shape, dtype }) => emitter.zeros(shape, dtype));
  const { states, outputs } = emitter.scan({
    states: [pieces.start, ...zeros],
    sequences: [pieces.divided(query), pieces.divided(node.inputs.at(-1)!), ...pieces.masks],
    axis: 2,
    body: ([start, dKey, dValue], [ownQuery, ownGradient, ...masks]) => {
      const { query, key, value, weights, product, ...piece } = pieces.at(start!, ownQuery!, masks);
      const dOut = piece.inGroups(ownGradient!);
      const dScores = piece.gradientOfScores(product(dOut, value, { transposeB: true }));
      return {
        states: [
          pieces.next(start!),
          piece.addAtKeys(dKey!, product(dScores, query, { transposeA: true, alpha })),
          piece.addAtKeys(dValue!, product(weights, dOut, { transposeA: true })),
        ],
        outputs: [piece.inHeads(product(dScores, key, { alpha }))],
      };
    },
  });
  pieces.join(outputs[0]!, node.outputs[0]!);
  for (const [i, state] of states.slice(1).entries())
    emitter.node('Identity', [state], [emitter.name(node.outputs[i + 1]!)]);
}

/** The queries of an attention in pieces of one size, of which the last is filled up with zeros. */
function piecesOf(emitter: Emitter, node: AttentionNode, masks: readonly Value[]) {
  const queries = emitter.shape([node.inputs[0]!.shape[2]!]);
  const [zero, one] = [emitter.integers([0]), emitter.integers([1])];
  /** Integers that all attentions of such rows share. */
  const shared = (type: string, ...operands: string[]) =>
    emitter.once(`${type} ${operands}`, () =>
      emitter.node(type, operands, undefined, type === 'Concat' ? { axis: 0 } : {}),
    );
  const roundedUp = (a: string, b: string) => shared('Div', shared('Add', a, shared('Sub', b, one)), b);
  const count = roundedUp(queries, emitter.integers([node.attributes.queriesAtOnce]));
  const size = roundedUp(queries, count);
  const missing = shared('Sub', shared('Mul', count, size), queries);

  /** [a, b, queries, c] as [a, b, pieces, size, c]. */
  const divided = (value: Value) =>
    emitter.once(`${emitter.name(value)} by ${count}`, () => {
      const pads = shared('Concat', zero, missing);
      const whole = emitter.node('Pad', [emitter.name(value), pads, '', emitter.integers([2])]);
      const width = emitter.shape([value.shape[3]!]);
      const shape = shared('Concat', emitter.integers([0, 0]), count, emitter.integers([-1]), width);
      return emitter.node('Reshape', [whole, shape]);
    });

  return {
    divided,
    masks: masks.filter(differsByQuery).map(divided),
    /** The index of the first piece's first query, and that of the piece after one that begins at `start`. */
    start: zero,
    next: (start: string) => emitter.node('Add', [start, size]),
    /** The inverse of `divided`, as `output`. */
    join(pieces: string, output: Value): void {
      const shape = emitter.integers([0, 0, -1, output.shape[3] as number]);
      const whole = emitter.node('Reshape', [pieces, shape]);
      emitter.node('Slice', [whole, zero, queries, emitter.integers([2])], [emitter.name(output)]);
    },
    /**
     * The attention of one piece.
     * @param query [batch, heads, size, headDim]
     * @param own its parts of those masks that differ by query
     */
    at(start: string, query: string, own: readonly string[]) {
      const left = [...own];
      const ofPiece = masks.map((mask) => (differsByQuery(mask) ? left.shift()! : emitter.name(mask)));
      return pieceOf(emitter, node, { query, masks: ofPiece, ...keysSeen(emitter, node, { start, size }) });
    },
  };
}

const differsByQuery = ({ shape }: Value): boolean => shape[2] !== 1;

/** The keys that some query of a piece sees: from which to before which, as vectors of one integer. */
function keysSeen(
  emitter: Emitter,
  { inputs, attributes: { sees } }: AttentionNode,
  { start, size }: { start: string; size: string },
): { readonly range?: { readonly from: string; readonly to: string } } {
  if (!sees) return {};
  const { past, window } = sees;
  const zero = emitter.integers([0]);
  const end = emitter.node('Add', [emitter.node('Add', [start, size]), emitter.shape([past])]);
  const to = emitter.node('Min', [end, emitter.shape([inputs[1]!.shape[2]!])]);
  if (window === undefined) return { range: { from: zero, to } };
  const first = emitter.node('Add', [start, emitter.shape([addDims(past, 1 - window)])]);
  return { range: { from: emitter.node('Max', [first, zero]), to } };
}

interface PieceParts {
  readonly query: string;
  readonly masks: readonly string[];
  readonly range?: { readonly from: string; readonly to: string };
}

/**
 * The attention of a piece's queries. In products, the queries of all heads that share keys are one matrix, a group:
 * [batch, key-value heads, heads of a group · size, n].
 */
function pieceOf(
  emitter: Emitter,
  { inputs, attributes }: AttentionNode,
  { query, masks, range }: PieceParts,
) {
  const { scale, cap } = attributes;
  const { dtype, shape } = inputs[0]!;
  const [heads, keyHeads] = [shape[1] as number, inputs[1]!.shape[1] as number];
  const withHeads = (count: number) => (x: string) =>
    heads === keyHeads ? x : emitter.node('Reshape', [x, emitter.integers([0, count, -1, 0])]);
  const [inHeads, inGroups] = [withHeads(heads), withHeads(keyHeads)];
  const math = (type: string, ...operands: string[]) => emitter.node(type, operands);
  const number = (value: number) => emitter.number(value, dtype);
  const product = (a: string, b: string, options: Partial<Product> = {}) =>
    emitProduct(
      emitter,
      [a, b].map((name) => ({ name, rank: 4 })),
      { ...plainProduct, ...options },
      dtype,
    );
  const seen = (x: string, axis: number) =>
    range ? math('Slice', x, range.from, range.to, emitter.integers([axis])) : x;

  const own = inGroups(query);
  const [key, value] = [1, 2].map((i) => seen(emitter.name(inputs[i]!), 2)) as [string, string];
  const products = inHeads(product(own, key, { transposeB: true, alpha: scale }));
  const bent = cap === undefined ? undefined : math('Tanh', math('Mul', products, number(1 / cap)));
  const scores = bent === undefined ? products : math('Mul', bent, number(cap!));
  const masked = masks.reduce((sum, mask) => math('Add', sum, seen(mask, 3)), scores);
  const weights = inGroups(emitter.node('Softmax', [masked], undefined, { axis: -1 }));
  return {
    query: own,
    key,
    value,
    weights,
    product,
    inHeads,
    inGroups,
    /** The gradient of the products of queries and keys, from that of the weights. */
    gradientOfScores(dWeights: string): string {
      const weighted = math('Mul', weights, dWeights);
      const sums = emitter.node('ReduceSum', [weighted, emitter.integers([-1])], undefined, { keepdims: 1 });
      const ofScores = math('Mul', weights, math('Sub', dWeights, sums));
      if (bent === undefined) return ofScores;
      const slope = math('Sub', number(1), math('Mul', inGroups(bent), inGroups(bent))); // tanh' = 1 - tanh²
      return math('Mul', ofScores, slope);
    },
    /** `sum`, over all keys, with a gradient of the keys that the piece sees added. */
    addAtKeys(sum: string, gradient: string): string {
      if (!range) return math('Add', sum, gradient);
      const after = math('Sub', emitter.shape([inputs[1]!.shape[2]!]), range.to);
      const pads = emitter.node('Concat', [range.from, after], undefined, { axis: 0 });
      return math('Add', sum, math('Pad', gradient, pads, '', emitter.integers([2])));
    },
  };
}
