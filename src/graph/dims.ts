/**
 * @file Sizes of tensor axes: a number, or a symbol such as "batch" that is known only at run time.
 * Sums and products of symbols are polynomials in canonical text ("20+batch*length"), so equal sizes are equal strings.
 */

/** A static size, or a polynomial in named symbols with integer coefficients, in canonical text. */
export type Dim = number | string;
export type Shape = readonly Dim[];

/** Monomial ("batch*length", or "" for the constant) → coefficient. */
export type Polynomial = ReadonlyMap<string, number>;

export function polynomialOf(dim: Dim): Polynomial {
  if (typeof dim === 'number') return new Map([['', dim]]);
  const terms = new Map<string, number>();
  for (const term of dim.split('+')) {
    const factors = term.split('*');
    const coefficient = /^-?\d+$/.test(factors[0]!) ? Number(factors.shift()) : 1;
    const monomial = factors.sort().join('*');
    terms.set(monomial, (terms.get(monomial) ?? 0) + coefficient);
  }
  return terms;
}

function dimOf(terms: Polynomial): Dim {
  const present = [...terms].filter(([, coefficient]) => coefficient !== 0);
  if (present.every(([monomial]) => monomial === '')) return present[0]?.[1] ?? 0;
  return present
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([monomial, coefficient]) =>
      monomial === '' ? `${coefficient}` : coefficient === 1 ? monomial : `${coefficient}*${monomial}`,
    )
    .join('+');
}

export function addDims(...dims: Dim[]): Dim {
  if (dims.every((dim) => typeof dim === 'number')) return dims.reduce((sum, dim) => sum + dim, 0);
  const sum = new Map<string, number>();
  for (const dim of dims) {
    for (const [monomial, coefficient] of polynomialOf(dim)) {
      sum.set(monomial, (sum.get(monomial) ?? 0) + coefficient);
    }
  }
  return dimOf(sum);
}

export function subtractDims(a: Dim, b: Dim): Dim {
  return addDims(a, multiplyDims(-1, b));
}

export function multiplyDims(...dims: Dim[]): Dim {
  if (dims.every((dim) => typeof dim === 'number')) return dims.reduce((product, dim) => product * dim, 1);
  let product = new Map<string, number>([['', 1]]);
  for (const dim of dims) {
    const next = new Map<string, number>();
    for (const [left, a] of product) {
      for (const [right, b] of polynomialOf(dim)) {
        const monomial = [...left.split('*'), ...right.split('*')].filter(Boolean).sort().join('*');
        next.set(monomial, (next.get(monomial) ?? 0) + a * b);
      }
    }
    product = next;
  }
  return dimOf(product);
}

/**
 * The shape of `a` broadcast with `b`, by numpy's rule. A symbolic size only matches itself and 1: it is never assumed
 * to be 1.
 */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[a.length - rank + axis] ?? 1;
    const right = b[b.length - rank + axis] ?? 1;
    if (left === right || right === 1) return left;
    if (left === 1) return right;
    throw new ShapeError(`shapes [${a}] and [${b}] do not broadcast: ${left} vs. ${right}`);
  });
}

/** Operand shapes that an operator cannot take: a mistake in the code that builds the graph, not in a user's data. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/** An axis as an index from the front. Negative axes count from the end. */
export function axisOf(axis: number, rank: number): number {
  const resolved = axis < 0 ? axis + rank : axis;
  if (!(resolved >= 0 && resolved < rank))
    throw new ShapeError(`axis ${axis} is out of range for a shape of ${rank} axes`);
  return resolved;
}
