/**
 * @file The keys and values of a running batch, in buffers that go into the graph as they are and grow in steps. They stay in
 * the session's thread: buffers that change threads with every token have V8 collect garbage with every token, for each counts
 * as newly allocated where it arrives.
 */
import { float32Tensor, type Tensor, tensorOf } from '../tensor.js';
import type { NamedTensors } from './protocol.js';

/** Columns that buffers grow by. Products over unfilled columns are wasted, and so is copying at each growth. */
const columnsPerGrowth = 128;

type Float32 = Tensor<'float32'>;

export interface CacheSizes {
  readonly numLayers: number;
  readonly numKeyValueHeads: number;
  readonly headDim: number;
}

/** Names of one layer's tensors in a graph: the cache that goes in, and the new keys and values that come out. */
export const cacheNames = (layer: number) => ({
  key: `cache_key_${layer}`,
  value: `cache_value_${layer}`,
  newKey: `new_key_${layer}`,
  newValue: `new_value_${layer}`,
});

/** Whether a graph's output is one of the new keys and values. */
export const isNewName = (name: string): boolean => /^new_(key|value)_\d+$/.test(name);

/** The name of the mask that goes in with them. */
export const cacheMaskName = 'cache_mask';

/** A learned prompt's keys and values: one row of a layer's new ones, [rows, heads, P, headDim] each. */
export interface RowPrompt {
  readonly tensors: NamedTensors;
  readonly row: number;
}

/** How many positions it takes; 0 where there is none. */
export const promptLength = (prompt: RowPrompt | undefined): number =>
  prompt?.tensors[cacheNames(0).newKey]?.shape[2] ?? 0;

/**
 * Of every layer, keys [rows, heads, headDim, capacity], transposed, and values [rows, heads, capacity, headDim]. Each row
 * has its own length; a mask hides the columns beyond it.
 */
export class KeyValueCache {
  #keys: Float32[] = [];
  #values: Float32[] = [];
  #lengths: number[] = [];
  #capacity = 0;

  constructor(private readonly config: CacheSizes) {}

  /** Positions filled, by row. */
  get lengths(): readonly number[] {
    return this.#lengths;
  }

  /** The outputs of a graph that `append` takes. */
  get newNames(): string[] {
    return this.#keys.flatMap((_, layer) => [cacheNames(layer).newKey, cacheNames(layer).newValue]);
  }

  /** The buffers by the graph's input names. */
  tensors(): NamedTensors {
    const named: NamedTensors = {};
    for (const [layer, key] of this.#keys.entries()) {
      named[cacheNames(layer).key] = key;
      named[cacheNames(layer).value] = this.#values[layer]!;
    }
    return named;
  }

  /** The additive mask [rows, 1, 1, capacity]. */
  mask(): Float32 {
    const rows = this.#lengths.length;
    const mask = new Float32Array(rows * this.#capacity).fill(Number.NEGATIVE_INFINITY);
    for (const [row, length] of this.#lengths.entries()) {
      mask.fill(0, row * this.#capacity, row * this.#capacity + length);
    }
    return tensorOf('float32', [rows, 1, 1, this.#capacity], mask);
  }

  /** Starts a batch, each of whose rows begins with the keys and values of a learned prompt or with nothing. */
  start(rows: readonly (RowPrompt | undefined)[]): void {
    this.#lengths = rows.map(() => 0);
    const lengths = rows.map(promptLength);
    this.#allocate(Math.max(...lengths) + 1);
    for (const [row, prompt] of rows.entries())
      if (prompt && lengths[row]! > 0) this.#write(prompt.tensors, prompt.row, row, lengths[row]!);
  }

  /** Appends the first `counts[r]` new positions of a step's outputs to row r. */
  append(outputs: NamedTensors, counts: readonly number[]): void {
    const needed = Math.max(...this.#lengths.map((length, row) => length + counts[row]!));
    if (needed > this.#capacity) this.#rebuild([...this.#lengths.keys()], needed);
    for (const [row, count] of counts.entries()) this.#write(outputs, row, row, count);
  }

  /** Row r becomes what row `parents[r]` was. */
  select(parents: readonly number[]): void {
    if (parents.length !== this.#lengths.length) {
      this.#rebuild(parents, this.#capacity);
      return;
    }
    for (const buffers of [this.#keys, this.#values])
      for (const { data } of buffers) replaceRows(data, parents);
    this.#lengths = parents.map((parent) => this.#lengths[parent]!);
  }

  #allocate(capacity: number): void {
    const { numLayers, numKeyValueHeads: heads, headDim } = this.config;
    const rows = this.#lengths.length;
    this.#capacity = Math.ceil(capacity / columnsPerGrowth) * columnsPerGrowth;
    const layers = Array.from({ length: numLayers });
    this.#keys = layers.map(() => float32Tensor([rows, heads, headDim, this.#capacity]));
    this.#values = layers.map(() => float32Tensor([rows, heads, this.#capacity, headDim]));
  }

  /** Copies the first `count` positions of row `from` of new keys and values to the end of row `to`. */
  #write(outputs: NamedTensors, from: number, to: number, count: number): void {
    const { numKeyValueHeads: heads, headDim } = this.config;
    const capacity = this.#capacity;
    const start = this.#lengths[to]!;
    for (const [layer, { data: keys }] of this.#keys.entries()) {
      const { newKey, newValue } = cacheNames(layer);
      const { data: values } = this.#values[layer]!;
      const fromKeys = outputs[newKey]!.data as Float32Array;
      const fromValues = outputs[newValue]!.data as Float32Array;
      const length = outputs[newKey]!.shape[2]!;
      for (let head = 0; head < heads; head++) {
        const source = (from * heads + head) * length * headDim;
        const target = (to * heads + head) * headDim * capacity;
        values.set(fromValues.subarray(source, source + count * headDim), target + start * headDim);
        for (let position = 0; position < count; position++) {
          const column = target + start + position;
          for (let i = 0; i < headDim; i++)
            keys[column + i * capacity] = fromKeys[source + position * headDim + i]!;
        }
      }
    }
    this.#lengths[to] = start + count;
  }

  /** New buffers of at least `capacity` columns, with row r from row `parents[r]` of the old ones. */
  #rebuild(parents: readonly number[], capacity: number): void {
    const { numKeyValueHeads: heads, headDim } = this.config;
    const old = { keys: this.#keys, values: this.#values, capacity: this.#capacity };
    this.#lengths = parents.map((parent) => this.#lengths[parent]!);
    this.#allocate(capacity);
    for (const [row, parent] of parents.entries()) {
      const length = this.#lengths[row]!;
      for (const [layer, { data: keys }] of this.#keys.entries()) {
        const { data: values } = this.#values[layer]!;
        const copy = (to: Float32Array, from: Float32Array, line: number, lines: number, width: number) => {
          const source = (parent * lines + line) * old.capacity * width;
          to.set(
            from.subarray(source, source + length * width),
            (row * lines + line) * this.#capacity * width,
          );
        };
        // A head's keys are headDim lines along the positions; its values are one line of headDim numbers a position.
        for (let line = 0; line < heads * headDim; line++)
          copy(keys, old.keys[layer]!.data, line, heads * headDim, 1);
        for (let line = 0; line < heads; line++) copy(values, old.values[layer]!.data, line, heads, headDim);
      }
    }
  }
}

/** In place: row r of `data` becomes what row `parents[r]` was. Most beams go on from themselves, or from one of a few. */
function replaceRows(data: Float32Array, parents: readonly number[]): void {
  const size = data.length / parents.length;
  const isReplaced = (row: number) => parents[row] !== row;
  const before = new Map<number, Float32Array>();
  for (const [row, parent] of parents.entries())
    if (isReplaced(row) && isReplaced(parent) && !before.has(parent))
      before.set(parent, data.slice(parent * size, (parent + 1) * size));
  for (const [row, parent] of parents.entries()) {
    if (!isReplaced(row)) continue;
    const source = before.get(parent);
    if (source) data.set(source, row * size);
    else data.copyWithin(row * size, parent * size, (parent + 1) * size);
  }
}
