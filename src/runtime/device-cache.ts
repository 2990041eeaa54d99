/**
 * @file The keys and values of a running batch on the device that computes them. A run takes the cache of its rows and
 *   returns it with the new positions joined, and neither passes through the thread's memory. Tensors on a device
 *   cannot be written by the thread, so rows join, leave and change places by graphs of their own (`CacheMoves`).
 */
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-common';
import { float32Tensor, int64Tensor, type Tensor, tensorOf } from '../tensor.js';
import { cacheNames, cachePlacesName, moveNames } from './cache-names.js';
import type { CacheSizes } from './key-value-cache.js';
import type { NamedTensors } from './protocol.js';
import { maskAndPositions, type RowCache, type RowPrompt, type RunTensors, wholeSteps } from './row-cache.js';

/** ONNX graphs that rearrange the tensors [rows, heads, capacity, headDim] of all layers at once. */
export interface CacheMoves {
  /** Row r becomes what row `indices[r]` was. */
  readonly rows: Uint8Array;
  /** Column c becomes what column `indices[c]` was. */
  readonly columns: Uint8Array;
  /** The rows of the second tensors behind those of the first. */
  readonly joined: Uint8Array;
}

type AnyTensor = Tensor | OrtTensor;

/** Keys and values of consecutive rows, [rows, heads, capacity, headDim] each: layer by layer, first its keys. */
interface Block {
  readonly tensors: readonly AnyTensor[];
  readonly capacity: number;
  readonly lengths: readonly number[];
}

/** A kept copy of a row: a block of one. */
export interface KeptBlock {
  readonly block: Block;
}

/**
 * A batch is one block or several: rows that a run takes alone, since they have just joined or are read in pieces, have
 * a block of their own until a run takes them with others. Columns beyond a row's length hold numbers that were once
 * the row's own, and a mask hides them: nothing that a row holds affects another, not even NaN.
 */
export class DeviceCache implements RowCache<KeptBlock> {
  #blocks: readonly Block[] = [];
  readonly #sessions = new Map<keyof CacheMoves, InferenceSession>();

  /**
   * @param load a session, of which the named outputs stay on the device
   * @param toOrt a tensor of the thread as an input of a session; others are returned as they are
   */
  constructor(
    private readonly config: CacheSizes & { readonly moves: CacheMoves },
    private readonly load: (onnx: Uint8Array, staying: readonly string[]) => Promise<InferenceSession>,
    private readonly toOrt: (tensor: AnyTensor) => OrtTensor,
  ) {}

  get lengths(): readonly number[] {
    return lengthsOf(this.#blocks);
  }

  get outputNames(): string[] {
    return this.#namesOf('joinedKey', 'joinedValue');
  }

  async inputs(counts: readonly number[], first = this.lengths.length - counts.length): Promise<RunTensors> {
    const width = Math.max(1, ...counts);
    const { tensors, capacity, lengths } = await this.#blockOf(first, counts.length, width);
    const { numKeyValueHeads: heads } = this.config;
    return {
      ...maskAndPositions(lengths, counts, capacity),
      [cachePlacesName]: placesOf(lengths, heads, width),
      ...Object.fromEntries(this.#namesOf('key', 'value').map((name, i) => [name, tensors[i]!])),
    };
  }

  append(outputs: RunTensors, counts: readonly number[], first = this.lengths.length - counts.length): void {
    const at = startsOf(this.#blocks).indexOf(first);
    const before = this.#blocks[at]!;
    const joined = {
      ...before,
      tensors: this.outputNames.map((name) => outputs[name]!),
      lengths: before.lengths.map((length, row) => length + counts[row]!),
    };
    this.#blocks = this.#blocks.map((block) => (block === before ? joined : block));
    free(before.tensors);
  }

  async admit(starts: readonly (RowPrompt | KeptBlock | undefined)[]): Promise<void> {
    if (starts.length === 0) return;
    const sources = new Map<unknown, Block>();
    const rows = starts.map((start) => {
      if (start && 'block' in start) return { source: start, row: 0 };
      const isEmpty = !start?.tensors[cacheNames(0).newKey]?.shape[2];
      return isEmpty ? { row: 0 } : { source: start.tensors, row: start.row };
    });
    for (const { source } of rows)
      if (!sources.has(source))
        sources.set(
          source,
          source && 'block' in source ? (source as KeptBlock).block : this.#startOf(source),
        );
    const blocks = [...sources.values()];
    const firsts = startsOf(blocks);
    const parents = rows.map(({ source, row }) => firsts[[...sources.keys()].indexOf(source)]! + row);
    const lengths = lengthsOf(blocks);
    const columns = 1 + Math.max(...parents.map((parent) => lengths[parent]!));
    this.#blocks = [...this.#blocks, await this.#gathered(blocks, parents, wholeSteps(columns), true)];
  }

  async keep(row: number): Promise<KeptBlock> {
    return { block: await this.#gathered(this.#blocks, [row], Math.max(1, this.lengths[row]!), true) };
  }

  forget({ block }: KeptBlock): void {
    free(block.tensors);
  }

  shorten(counts: readonly number[]): void {
    const starts = startsOf(this.#blocks);
    this.#blocks = this.#blocks.map((block, i) => ({
      ...block,
      lengths: block.lengths.map((length, row) => length - (counts[starts[i]! + row] ?? 0)),
    }));
  }

  async reorder(parents: readonly number[], front = 0): Promise<void> {
    await this.#replace([parents.slice(0, front), parents.slice(front)]);
  }

  async release(): Promise<void> {
    await this.#replace([]);
    for (const session of this.#sessions.values()) await session.release();
    this.#sessions.clear();
  }

  /** The block of `count` rows from `first`, and of no others, with room for `width` more positions in each. */
  async #blockOf(first: number, count: number, width: number): Promise<Block> {
    const starts = startsOf(this.#blocks);
    const known = this.#blocks[starts.indexOf(first)];
    const columns = width + Math.max(...this.lengths.slice(first, first + count));
    if (known?.lengths.length === count && known.capacity >= columns) return known;
    const end = first + count;
    const cuts = [...starts.filter((row) => row < first || row > end), first, end, this.lengths.length];
    const bounds = [...new Set(cuts)];
    await this.#replace(
      bounds.slice(0, -1).map((start, i) => rowsFrom(start, bounds[i + 1]! - start)),
      width,
    );
    return this.#blocks[startsOf(this.#blocks).indexOf(first)]!;
  }

  /**
   * Makes the blocks anew, each of the rows that are named by their present places, with room for `width` more
   * positions. One that stays as it is costs nothing.
   */
  async #replace(parts: readonly (readonly number[])[], width = 1): Promise<void> {
    const before = this.#blocks;
    const lengths = this.lengths;
    const after: Block[] = [];
    const freeUnless = (kept: readonly Block[], of: readonly Block[]) => {
      const used = new Set(kept.flatMap(({ tensors }) => tensors));
      free(of.flatMap(({ tensors }) => tensors).filter((tensor) => !used.has(tensor)));
    };
    try {
      for (const parents of parts) {
        if (parents.length === 0) continue;
        const columns = wholeSteps(width + Math.max(...parents.map((row) => lengths[row]!)));
        const capacity = Math.max(...usedOf(before, parents).map((block) => block.capacity));
        // Mostly empty columns cost memory and time.
        const isFitting = capacity >= columns && capacity < 2 * columns;
        after.push(await this.#gathered(before, parents, isFitting ? capacity : columns));
      }
    } catch (error) {
      freeUnless(before, after); // the rows still have their old ones
      throw error;
    }
    this.#blocks = after;
    freeUnless(after, before);
  }

  /**
   * Rows of blocks, by their places, with so many columns.
   * @param copies whether the tensors are new in any case. Default: those of a block that stays as it is
   */
  async #gathered(
    blocks: readonly Block[],
    parents: readonly number[],
    capacity: number,
    copies = false,
  ): Promise<Block> {
    const [starts, lengths] = [startsOf(blocks), lengthsOf(blocks)];
    const used = usedOf(blocks, parents);
    const rows = used.flatMap((block) => rowsFrom(starts[blocks.indexOf(block)]!, block.lengths.length));
    const places = parents.map((row) => rows.indexOf(row));
    const areInPlace = places.length === rows.length && places.every((row, i) => row === i);
    const made: (readonly AnyTensor[])[] = [];
    const moved = async (move: keyof CacheMoves, first: readonly AnyTensor[], by: Operand) => {
      made.push(await this.#move(move, first, by));
      return made.at(-1)!;
    };
    let result: readonly AnyTensor[] | undefined;
    try {
      let tensors: readonly AnyTensor[] | undefined;
      for (const block of used) {
        const own =
          block.capacity === capacity
            ? block.tensors
            : await moved('columns', block.tensors, { indices: columnsOf(block.capacity, capacity) });
        tensors = tensors ? await moved('joined', tensors, { second: own }) : own;
      }
      const stays = areInPlace && (made.length > 0 || !copies);
      result = stays ? tensors! : await moved('rows', tensors!, { indices: places });
      return { tensors: result, capacity, lengths: parents.map((row) => lengths[row]!) };
    } finally {
      for (const tensors of made) if (tensors !== result) free(tensors);
    }
  }

  async #move(
    move: keyof CacheMoves,
    first: readonly AnyTensor[],
    { second = [], indices }: Operand,
  ): Promise<OrtTensor[]> {
    const moved = first.map((_, i) => moveNames.of(i).moved);
    const session = this.#sessions.get(move) ?? (await this.load(this.config.moves[move], moved));
    this.#sessions.set(move, session);
    const feeds = {
      ...Object.fromEntries(first.map((tensor, i) => [moveNames.of(i).first, this.toOrt(tensor)])),
      ...Object.fromEntries(second.map((tensor, i) => [moveNames.of(i).second, this.toOrt(tensor)])),
      ...(indices && { [moveNames.indices]: this.toOrt(int64Tensor([indices.length], [...indices])) }),
    };
    const outputs = await session.run(feeds);
    return moved.map((name) => outputs[name]!);
  }

  /** A learned prompt's keys and values as a block, or a row without positions. */
  #startOf(prompt: NamedTensors | undefined): Block {
    const names = this.#namesOf('newKey', 'newValue');
    if (prompt) {
      const [rows, , length] = prompt[names[0]!]!.shape as [number, number, number];
      const tensors = names.map((name) => prompt[name]!);
      return { tensors, capacity: length, lengths: new Array(rows).fill(length) };
    }
    const nothing = float32Tensor([1, this.config.numKeyValueHeads, 1, this.config.headDim]);
    return { tensors: names.map(() => nothing), capacity: 1, lengths: [0] };
  }

  #namesOf(key: keyof ReturnType<typeof cacheNames>, value: keyof ReturnType<typeof cacheNames>): string[] {
    return Array.from({ length: this.config.numLayers }, (_, layer) => {
      const names = cacheNames(layer);
      return [names[key], names[value]];
    }).flat();
  }
}

/** What a move takes beside its first tensors. */
interface Operand {
  readonly second?: readonly AnyTensor[];
  readonly indices?: readonly number[];
}

const lengthsOf = (blocks: readonly Block[]): number[] => blocks.flatMap(({ lengths }) => lengths);

const rowsFrom = (start: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => start + i);

/** The first row of each block. */
function startsOf(blocks: readonly Block[]): number[] {
  let next = 0;
  return blocks.map(({ lengths }) => {
    next += lengths.length;
    return next - lengths.length;
  });
}

/** The blocks that have some of the rows. */
function usedOf(blocks: readonly Block[], rows: readonly number[]): Block[] {
  const starts = startsOf(blocks);
  return blocks.filter(({ lengths }, i) =>
    rows.some((row) => row >= starts[i]! && row < starts[i]! + lengths.length),
  );
}

/** Indices of columns that make `before` columns `after`: the first ones, and copies of the first for those to come. */
const columnsOf = (before: number, after: number): number[] =>
  Array.from({ length: after }, (_, column) => (column < before ? column : 0));

/**
 * Where the keys and values of `width` new tokens of each row go: row, head and column, int64 [rows · heads · width,
 * 3]. Padding goes behind a row's new positions, where the next ones will take its place.
 */
function placesOf(lengths: readonly number[], heads: number, width: number): Tensor {
  const places = new BigInt64Array(lengths.length * heads * width * 3);
  let at = 0;
  for (const [row, length] of lengths.entries())
    for (let head = 0; head < heads; head++)
      for (let column = length; column < length + width; column++) {
        places[at++] = BigInt(row);
        places[at++] = BigInt(head);
        places[at++] = BigInt(column);
      }
  return tensorOf('int64', [places.length / 3, 3], places);
}

/** Frees what is on a device; the rest is the garbage collector's. */
function free(tensors: readonly AnyTensor[]): void {
  for (const tensor of tensors) if ('dispose' in tensor) tensor.dispose();
}
