import { expect, it } from 'vitest';
import { productModule, tile } from './wasm-product.js';

declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
  ) => {
    readonly exports: { memory: { buffer: ArrayBuffer }; run(a: number, b: number, c: number): void };
  };
};

it('multiplies matrices', () => {
  const [rows, depth, columns] = [2 * tile.rows, 8, 2 * tile.columns];
  const module = new WebAssembly.Module(productModule({ rows, depth, columns }));
  const { memory, run } = new WebAssembly.Instance(module).exports;
  const [ofB, ofC] = [rows * depth, rows * depth + depth * columns];
  const numbers = new Float32Array(memory.buffer);
  for (let i = 0; i < ofC; i++) numbers[i] = (i * 7) % 11;
  for (const panel of [0, 1])
    run(0, 4 * (ofB + panel * depth * tile.columns), 4 * (ofC + panel * rows * tile.columns));
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const [panel, within] = [Math.floor(column / tile.columns), column % tile.columns];
      let expected = 0;
      for (let k = 0; k < depth; k++)
        expected += numbers[row * depth + k]! * numbers[ofB + (panel * depth + k) * tile.columns + within]!;
      const found = numbers[ofC + panel * rows * tile.columns + row * tile.columns + within];
      expect(found, `row ${row}, column ${column}`).toBe(expected);
    }
});
