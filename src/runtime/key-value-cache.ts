/**
 * @file The keys and values of a running batch, in buffers that are fed to the graph as they are and grow in steps.
 *   They stay in the session's thread: V8 counts a buffer as newly allocated wherever it arrives, so buffers that
 *   changed threads with every token would make it collect garbage with every token.
 */
import { float32Tensor, type Tensor, tensorOf } from '../tensor.js';
import { cacheNames } from './cache-names.js';
import type { NamedTensors } from './protocol.js';
import { maskAndPositions, type RowCache, type RowPrompt, wholeSteps } from './row-cache.js';

type Float32 = Tensor<'float32'>;

export interface CacheSizes {
  readonly numLayers: number;
  readonly numKeyValueHeads: number;
  readonly headDim: number;
}

/** A kept copy of a row, from which new rows can start: per layer, keys [heads, headDim, length] and values. */
export interface KeptRow {
  readonly length: number;
  readonly keys: readonly Float32Array[];
  readonly values: readonly Float32Array[];
}

/** The number of positions that it takes; 0 without a prompt. */
const promptLength = (prompt: RowPrompt | KeptRow | undefined): number => {
  if (!prompt) return 0;
  return 'length' in prompt ? prompt.length : (prompt.tensors[cacheNames(0).newKey]?.shape[2] ?? 0);
};

/**
 * Per layer, keys [room, heads, headDim, capacity] (transposed) and values [room, heads, capacity, headDim]. The first
 * rows of the room are in use, so that consecutive rows are a part of the buffer, fed to a graph without a copy. Each
 * row has its own length; a mask hides the columns beyond it. These are always zero: not even a row of NaN affects the
 * row that takes its place.
 */
export class KeyValueCache implements RowCache<KeptRow> {
  #keys: Float32[] = [];
  #values: Float32[] = [];
  #lengths: number[] = [];
  /** Rows and columns of the buffers. */
  #room = 0;
  #capacity = 0;

  constructor(private readonly config: CacheSizes) {}

  get lengths(): readonly number[] {
    return this.#lengths;
  }

  get outputNames(): string[] {
    return this.#layers().flatMap((layer) => [cacheNames(layer).newKey, cacheNames(layer).newValue]);
  }

  inputs(counts: readonly number[], first = this.#lengths.length - counts.length): NamedTensors {
    const rows = counts.length;
    const named = maskAndPositions(this.#lengths.slice(first, first + rows), counts, this.#capacity);
    for (const [layer, key] of this.#keys.entries()) {
      named[cacheNames(layer).key] = this.#rows(key, first, rows);
      named[cacheNames(layer).value] = this.#rows(this.#values[layer]!, first, rows);
    }
    return named;
  }

  admit(prompts: readonly (RowPrompt | KeptRow | undefined)[]): void {
    const lengths = prompts.map(promptLength);
    const before = this.#lengths.length;
    const rows = before + prompts.length;
    const columns = Math.max(this.#capacity, ...lengths.map((length) => length + 1));
    if (rows > this.#room || columns > this.#capacity) {
      this.#rebuild([...this.#lengths.keys()], this.#roomFor(rows), columns);
    } else {
      for (const { data } of [...this.#keys, ...this.#values]) {
        const size = data.length / this.#room;
        data.fill(0, before * size, rows * size);
      }
    }
    for (const [i, prompt] of prompts.entries()) {
      this.#lengths.push(0);
      if (!prompt || lengths[i] === 0) continue;
      if ('length' in prompt) this.#restore(prompt, before + i);
      else this.#write(prompt.tensors, prompt.row, before + i, lengths[i]!);
    }
  }

  /** Copies line by line of the buffers. */
  keep(row: number): KeptRow {
    const length = this.#lengths[row]!;
    const copies = (buffers: readonly Float32[], width: number) =>
      buffers.map(({ data }) => {
        const copy = new Float32Array(this.#lineCount(width) * length * width);
        this.#eachLine(row, width, (at, line) =>
          copy.set(data.subarray(at, at + length * width), line * length * width),
        );
        return copy;
      });
    return { length, keys: copies(this.#keys, 1), values: copies(this.#values, this.config.headDim) };
  }

  #restore({ length, keys, values }: KeptRow, row: number): void {
    const write = (buffers: readonly Float32[], kept: readonly Float32Array[], width: number) => {
      for (const [layer, { data }] of buffers.entries())
        this.#eachLine(row, width, (at, line) =>
          data.set(kept[layer]!.subarray(line * length * width, (line + 1) * length * width), at),
        );
    };
    write(this.#keys, keys, 1);
    write(this.#values, values, this.config.headDim);
    this.#lengths[row] = length;
  }

  /**
   * Lines per row: keys have headDim lines per head, with one number per position; values have one line per head, with
   * headDim numbers per position.
   */
  #lineCount(width: number): number {
    return (this.config.numKeyValueHeads * this.config.headDim) / width;
  }

  #eachLine(row: number, width: number, visit: (at: number, line: number) => void): void {
    const lines = this.#lineCount(width);
    for (let line = 0; line < lines; line++) visit((row * lines + line) * this.#capacity * width, line);
  }

  append(
    outputs: NamedTensors,
    counts: readonly number[],
    first = this.#lengths.length - counts.length,
  ): void {
    const needed = Math.max(...counts.map((count, i) => this.#lengths[first + i]! + count));
    if (needed > this.#capacity) this.#rebuild([...this.#lengths.keys()], this.#room, needed);
    for (const [i, count] of counts.entries()) this.#write(outputs, i, first + i, count);
  }

  shorten(counts: readonly number[]): void {
    const clear = (buffers: readonly Float32[], row: number, from: number, width: number) => {
      for (const { data } of buffers)
        this.#eachLine(row, width, (at) => data.fill(0, at + from * width, at + this.#lengths[row]! * width));
    };
    for (const [row, count] of counts.entries()) {
      if (count === 0) continue;
      const from = this.#lengths[row]! - count;
      clear(this.#keys, row, from, 1);
      clear(this.#values, row, from, this.config.headDim);
      this.#lengths[row] = from;
    }
  }

  reorder(parents: readonly number[]): void {
    const lengths = parents.map((parent) => this.#lengths[parent]!);
    const columns = wholeSteps(Math.max(0, ...lengths) + 1);
    if (parents.length === 0) {
      [this.#keys, this.#values, this.#room, this.#capacity] = [[], [], 0, 0];
    } else if (parents.length > this.#room) {
      this.#rebuild(parents, this.#roomFor(parents.length), this.#capacity);
    } else if (4 * parents.length <= this.#room || 2 * columns <= this.#capacity) {
      this.#rebuild(parents, parents.length, columns); // mostly empty buffers cost memory and time
    } else {
      for (const { data } of [...this.#keys, ...this.#values])
        replaceRows(data, data.length / this.#room, parents);
    }
    this.#lengths = lengths;
  }

  #layers(): number[] {
    return Array.from({ length: this.config.numLayers }, (_, layer) => layer);
  }

  /** A batch starts with the room it needs; one that grows gets twice as much, since more rows may follow. */
  #roomFor(rows: number): number {
    return rows <= this.#room ? this.#room : Math.max(rows, 2 * this.#room);
  }

  #rows({ shape: [room, ...one], data }: Float32, first: number, rows: number): Float32 {
    const size = data.length / room!;
    return tensorOf('float32', [rows, ...one], data.subarray(first * size, (first + rows) * size));
  }

  /** Copies the first `count` positions of new keys and values from row `from` to the end of row `to`. */
  #write(outputs: NamedTensors, from: number, to: number, count: number): void {
    const { numKeyValueHeads: numHeads, headDim } = this.config;
    const capacity = this.#capacity;
    const start = this.#lengths[to]!;
    for (const [layer, { data: keys }] of this.#keys.entries()) {
      const { newKey, newValue } = cacheNames(layer);
      const { data: values } = this.#values[layer]!;
      const fromKeys = outputs[newKey]!.data as Float32Array;
      const fromValues = outputs[newValue]!.data as Float32Array;
      const length = outputs[newKey]!.shape[2]!;
      for (let head = 0; head < numHeads; head++) {
        const source = (from * numHeads + head) * length * headDim;
        const target = (to * numHeads + head) * headDim * capacity;
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

  /** Allocates buffers of `room` rows and at least `columns` columns; row r is copied from the old row `parents[r]`. */
  #rebuild(parents: readonly number[], room: number, columns: number): void {
    const { numKeyValueHeads: numHeads, headDim } = this.config;
    const capacity = wholeSteps(columns);
    // A head's keys are headDim lines along the positions; its values are one line with headDim numbers per position.
    const moved = (from: Float32 | undefined, shape: number[], lines: number, width: number) => {
      const to = float32Tensor(shape);
      for (const [row, parent] of parents.entries()) {
        const filled = this.#lengths[parent]! * width;
        for (let line = 0; line < lines; line++) {
          const source = (parent * lines + line) * this.#capacity * width;
          to.data.set(from!.data.subarray(source, source + filled), (row * lines + line) * capacity * width);
        }
      }
      return to;
    };
    const keys = this.#layers().map((layer) =>
      moved(this.#keys[layer], [room, numHeads, headDim, capacity], numHeads * headDim, 1),
    );
    const values = this.#layers().map((layer) =>
      moved(this.#values[layer], [room, numHeads, capacity, headDim], numHeads, headDim),
    );
    // All at once: if the new buffers cannot be allocated, the rows still have their old ones.
    [this.#keys, this.#values, this.#room, this.#capacity] = [keys, values, room, capacity];
  }
}

/**
 * In place: row r of `data` becomes what row `parents[r]` was. Most beams continue themselves or one of a few others;
 * when rows only leave, each of the rest moves up to a place that is already free.
 */
function replaceRows(data: Float32Array, size: number, parents: readonly number[]): void {
  const isReplaced = (row: number) => row < parents.length && parents[row] !== row;
  const before = new Map<number, Float32Array>();
  for (const [row, parent] of parents.entries())
    if (parent < row && isReplaced(parent) && !before.has(parent))
      before.set(parent, data.slice(parent * size, (parent + 1) * size));
  for (const [row, parent] of parents.entries()) {
    if (!isReplaced(row)) continue;
    const source = parent < row ? before.get(parent) : undefined;
    if (source) data.set(source, row * size);
    else data.copyWithin(row * size, parent * size, (parent + 1) * size);
  }
}
