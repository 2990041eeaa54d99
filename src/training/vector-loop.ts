/**
 * @file Loops over float32 arrays in WebAssembly, with four numbers per instruction. JavaScript has no such
 *   instructions and computes in 64 bits, so that the same loop takes it twice as long. The bits of the results are the
 *   same on every machine.
 */
import {
  advance,
  branchIf,
  type Code,
  end,
  get,
  int32,
  loop,
  moduleOf,
  set,
  type,
  unsigned,
  vector,
} from './wasm-code.js';

/** What is used of WebAssembly: the types of Node.js and of ECMAScript leave it out. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Exports };
};

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** @param size of each array, in bytes */
  run(size: number, ...scalars: number[]): void;
}

/** Instructions that leave four numbers on the stack. */
export type Expression = Code;

const binary = (instruction: number) => (a: Expression, b: Expression) => [
  ...a,
  ...b,
  ...vector(instruction),
];
const splat = vector(0x13);
export const sqrt = (x: Expression): Expression => [...x, ...vector(0xe3)];
export const add = binary(0xe4);
export const subtract = binary(0xe5);
export const multiply = binary(0xe6);
export const divide = binary(0xe7);

/** Numbers of each array that are in WebAssembly's memory at once: with those of the others they fit into caches. */
const count = 4096;

/** What follows a load or store of a vector: log2 of its alignment, and the offset of its array. */
const inArray = (array: number) => [4, ...unsigned(4 * count * array)];

/** The new numbers of the arrays that change, from those of all arrays at the same place. */
export type Formula<ArrayName extends string, ScalarName extends string> = (terms: {
  readonly at: Readonly<Record<ArrayName, Expression>>;
  readonly scalars: Readonly<Record<ScalarName, Expression>>;
  /** Computes once what is used more than once. */
  once(result: Expression): Expression;
}) => Readonly<Partial<Record<ArrayName, Expression>>>;

/** Computes the places `from` up to but not including `to` of arrays of one length, in place. */
export type VectorLoop<ArrayName extends string, ScalarName extends string> = (
  arrays: Readonly<Record<ArrayName, Float32Array>>,
  scalars: Readonly<Record<ScalarName, number>>,
  from: number,
  to: number,
) => void;

/** A loop over arrays, compiled when it is first used. */
export function vectorLoop<ArrayName extends string, ScalarName extends string>(
  arrays: readonly ArrayName[],
  scalars: readonly ScalarName[],
  formula: Formula<ArrayName, ScalarName>,
): VectorLoop<ArrayName, ScalarName> {
  const compile = (): VectorLoop<ArrayName, ScalarName> => {
    const { module, changed } = assemble(arrays, scalars, formula);
    const { memory, run } = new WebAssembly.Instance(new WebAssembly.Module(module)).exports;
    const windows = arrays.map((_, i) => new Float32Array(memory.buffer, 4 * count * i, count));
    return (data, values, from, to) => {
      const factors = scalars.map((name) => values[name]);
      for (let first = from; first < to; first += count) {
        const last = Math.min(first + count, to);
        for (const [i, name] of arrays.entries()) windows[i]!.set(data[name].subarray(first, last));
        run(4 * (last - first), ...factors);
        for (const i of changed) data[arrays[i]!].set(windows[i]!.subarray(0, last - first), first);
      }
    };
  };
  let compiled: VectorLoop<ArrayName, ScalarName> | undefined;
  return (...range) => {
    compiled ??= compile();
    compiled(...range);
  };
}

/** The module that exports `memory` and `run`, and the indices of the arrays that change. */
function assemble<ArrayName extends string, ScalarName extends string>(
  arrays: readonly ArrayName[],
  scalars: readonly ScalarName[],
  formula: Formula<ArrayName, ScalarName>,
): { module: Uint8Array; changed: number[] } {
  // Locals: the parameters of `run`, the place in bytes, the scalars as vectors, and results.
  const size = 0;
  const place = 1 + scalars.length;
  const firstScalar = place + 1;
  const firstResult = firstScalar + scalars.length;
  const results: Expression[] = [];
  const once = (result: Expression) => get(firstResult + results.push(result) - 1);
  const byName = <Name extends string>(names: readonly Name[], of: (index: number) => Expression) =>
    Object.fromEntries(names.map((name, i) => [name, of(i)])) as Record<Name, Expression>;
  const found = formula({
    at: byName(arrays, (i) => [...get(place), ...vector(0x00), ...inArray(i)]),
    scalars: byName(scalars, (i) => get(firstScalar + i)),
    once,
  });
  const changed = arrays.flatMap((name, i) => (found[name] ? i : []));
  // All are computed before the first is stored, so that every formula sees the old numbers.
  const stored = changed.map((i) => [i, once(found[arrays[i]!]!)] as const);

  const body = [
    ...scalars.flatMap((_, i) => [...get(1 + i), ...splat, ...set(firstScalar + i)]),
    ...[loop, type.none],
    ...results.flatMap((result, i) => [...result, ...set(firstResult + i)]),
    ...stored.flatMap(([i, result]) => [...get(place), ...result, ...vector(0x0b), ...inArray(i)]),
    ...advance(place, 16),
    ...[...get(place), ...get(size), int32.isLess, branchIf, 0],
    end,
  ];
  const module = moduleOf({
    parameters: [type.i32, ...scalars.map(() => type.f32)],
    locals: [
      [1, type.i32],
      [scalars.length + results.length, type.v128],
    ],
    body,
    bytes: 4 * count * arrays.length,
  });
  return { module, changed };
}
