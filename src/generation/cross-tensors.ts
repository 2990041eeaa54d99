/** @file The encoder's outputs for a batch's rows, as inputs of the decoder's steps. */
import type { NamedTensors } from '../runtime/index.js';
import type { RowPrompt } from '../runtime/row-cache.js';
import { float32Tensor, type Tensor } from '../tensor.js';
import { crossMaskName, crossNames } from './decode-graph.js';

/**
 * The keys, values and mask of cross-attention, by the graph's input names. Row r is taken from `texts[r]`'s outputs of
 * a `promptGraph`. Texts of several runs are padded to the longest.
 */
export function crossTensors(texts: readonly RowPrompt[], numLayers: number): NamedTensors {
  const layers = Array.from({ length: numLayers }, (_, layer) => Object.values(crossNames(layer)));
  const parts = (name: string) => texts.map(({ tensors, row }) => ({ part: tensors[name] as Part, row }));
  return Object.fromEntries([
    [crossMaskName, joinRows(parts(crossMaskName), 3, Number.NEGATIVE_INFINITY)],
    ...layers.flat().map((name) => [name, joinRows(parts(name), 2, 0)]),
  ]);
}

type Part = Tensor<'float32'>;

/** Joins one row of each tensor into a batch. Rows that are shorter along `axis` are padded with `padding`. */
function joinRows(rows: readonly { part: Part; row: number }[], axis: number, padding: number): Part {
  const { part: first } = rows[0]!;
  const isWhole = rows.every(({ part, row }, i) => part === first && row === i);
  if (isWhole && rows.length === first.shape[0]) return first;
  const longest = Math.max(...rows.map(({ part }) => part.shape[axis]!));
  const sizes = first.shape.slice(1);
  sizes[axis - 1] = longest;
  const joined = float32Tensor([rows.length, ...sizes]);
  if (padding !== 0) joined.data.fill(padding);
  const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
  const lines = product(first.shape.slice(1, axis));
  const width = product(first.shape.slice(axis + 1));
  for (const [to, { part, row }] of rows.entries()) {
    const size = part.shape[axis]! * width;
    for (let line = 0; line < lines; line++) {
      const from = (row * lines + line) * size;
      joined.data.set(part.data.subarray(from, from + size), (to * lines + line) * longest * width);
    }
  }
  return joined;
}
