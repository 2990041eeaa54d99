/** @file What a model's encoder made of a batch's given texts: computed once, and seen by every step of the decoder. */
import type { NamedTensors } from '../runtime/index.js';
import { float32Tensor, type Tensor } from '../tensor.js';
import { crossMaskName, crossNames } from './decode-graph.js';

/** The keys and values of cross-attention, and their mask, for the rows of a running batch. */
export class EncodedTexts {
  /** One row a text. */
  #ofTexts: NamedTensors = {};
  #ofRows: NamedTensors = {};
  /** The text of each row. */
  #texts: readonly number[] = [];

  constructor(private readonly numLayers: number) {}

  /** Starts a batch of one row a text. @param outputs of `promptGraph` */
  start(outputs: NamedTensors): void {
    const layers = Array.from({ length: this.numLayers }, (_, layer) => Object.values(crossNames(layer)));
    const names = [crossMaskName, ...layers.flat()];
    this.#ofTexts = Object.fromEntries(names.map((name) => [name, outputs[name]!]));
    this.#ofRows = this.#ofTexts;
    this.#texts = Array.from({ length: outputs[crossMaskName]!.shape[0]! }, (_, text) => text);
  }

  /** Row r becomes what row `parents[r]` was. Returns whether that changes anything: beams of the same texts do not. */
  select(parents: readonly number[]): boolean {
    const texts = parents.map((parent) => this.#texts[parent]!);
    const isSame =
      texts.length === this.#texts.length && texts.every((text, row) => text === this.#texts[row]);
    if (isSame) return false;
    this.#texts = texts;
    this.#ofRows = Object.fromEntries(
      Object.entries(this.#ofTexts).map(([name, all]) => [name, rowsOf(all as Tensor<'float32'>, texts)]),
    );
    return true;
  }

  /** By the graph's input names. */
  tensors(): NamedTensors {
    return this.#ofRows;
  }
}

function rowsOf({ shape, data }: Tensor<'float32'>, rows: readonly number[]): Tensor<'float32'> {
  const [, ...one] = shape;
  const chosen = float32Tensor([rows.length, ...one]);
  const size = one.reduce((product, length) => product * length, 1);
  for (const [to, from] of rows.entries())
    chosen.data.set(data.subarray(from * size, (from + 1) * size), to * size);
  return chosen;
}
