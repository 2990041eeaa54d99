/**
 * @file A product of float32 matrices in WebAssembly, written by hand: the rate that a browser's instructions allow on
 *   its shape, against which ONNX Runtime's is measured.
 */
import {
  advance,
  branchIf,
  end,
  get,
  int32,
  integer,
  loop,
  moduleOf,
  set,
  type,
  unsigned,
  vector,
} from '../src/training/wasm-code.js';

export interface ProductShape {
  /** A multiple of `tile.rows`. */
  readonly rows: number;
  /** A multiple of `unrolled`. */
  readonly depth: number;
  /** A multiple of `tile.columns`. */
  readonly columns: number;
}

/** What is computed at once: its sums, and a line of each matrix, fit into the 16 registers of x86. */
export const tile = { rows: 3, columns: 12 };
const unrolled = 4;

const [load, loadSplat, store, makeSplat] = [vector(0x00), vector(0x09), vector(0x0b), vector(0x11)];
const [add, multiply] = [vector(0xe4), vector(0xe6)];

/**
 * The module of a × b, whose `run(a, b, c)` takes places in memory and computes `tile.columns` columns. a is as usual;
 * b and the result lie as panels of so many columns.
 */
export function productModule({ rows, depth, columns }: ProductShape): Uint8Array<ArrayBuffer> {
  const vectors = tile.columns / 4;
  const [a, b, c, lastRow, lastColumn, ofA, firstOfB] = [0, 1, 2, 3, 4, 5, 6] as const;
  const sum = (row: number, of: number) => firstOfB + vectors + row * vectors + of;
  const at = (align: number, element: number) => [align, ...unsigned(4 * element)];
  const each = <T>(count: number, of: (index: number) => T[]) =>
    Array.from({ length: count }, (_, i) => of(i)).flat();
  const multiplyAdds = each(unrolled, (k) => [
    ...each(vectors, (of) => [...get(b), ...load, ...at(4, 4 * (k * vectors + of)), ...set(firstOfB + of)]),
    ...each(tile.rows, (row) => [
      ...[...get(a), ...loadSplat, ...at(2, row * depth + k), ...set(ofA)],
      ...each(vectors, (of) => [
        ...[...get(sum(row, of)), ...get(ofA), ...get(firstOfB + of), ...multiply, ...add],
        ...set(sum(row, of)),
      ]),
    ]),
  ]);
  const body = [
    ...[...get(a), ...integer(4 * rows * depth), int32.add, ...set(lastRow)],
    ...[loop, type.none],
    ...each(tile.rows * vectors, (i) => [...integer(0), ...makeSplat, ...set(sum(0, i))]),
    ...[...get(a), ...integer(4 * depth), int32.add, ...set(lastColumn)],
    ...[loop, type.none],
    ...multiplyAdds,
    ...[...advance(a, 4 * unrolled), ...advance(b, 4 * unrolled * tile.columns)],
    ...[...get(a), ...get(lastColumn), int32.isLess, branchIf, 0],
    end,
    ...each(tile.rows * vectors, (i) => [...get(c), ...get(sum(0, i)), ...store, ...at(4, 4 * i)]),
    ...[...advance(a, 4 * depth * (tile.rows - 1)), ...advance(b, -4 * depth * tile.columns)],
    ...advance(c, 4 * tile.rows * tile.columns),
    ...[...get(a), ...get(lastRow), int32.isLess, branchIf, 0],
    end,
  ];
  return moduleOf({
    parameters: [type.i32, type.i32, type.i32],
    locals: [
      [2, type.i32],
      [1 + vectors + tile.rows * vectors, type.v128],
    ],
    body,
    bytes: 4 * (rows * depth + depth * columns + rows * columns),
  });
}
