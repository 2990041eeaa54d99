/**
 * @file Which adapter is in which slot of a graph (see `attach/slots.ts`), and what has to be written into it. An
 *   adapter stays in its slot when its last row has left, until another needs the slot: the least recently used one is
 *   replaced.
 */
import { lineSlotsNames, type Pool, type PoolKind, type SlotLayout } from '../../attach/slots.js';
import type { HeldWrite, NamedTensors } from '../../runtime/index.js';
import { int64Tensor, tensorOf } from '../../tensor.js';
import type { LoadedAdapter } from './loaded-adapter.js';

interface Slot {
  adapter?: LoadedAdapter;
  /** The number of running rows that use it. */
  rows: number;
  lastUse: number;
}

/** The number of lines per slot, by kind of pool. */
type Lines = Record<PoolKind, number>;

export class Slots {
  readonly #slots: Slot[];
  #layout = new Map<string, Pool>();
  #lines: Lines = { ranks: 0, units: 0, slots: 1 };
  #clock = 0;

  constructor(readonly count: number) {
    this.#slots = Array.from({ length: count }, () => ({ rows: 0, lastUse: 0 }));
  }

  get layout(): SlotLayout {
    return this.#layout;
  }

  /** The adapters in slots, used by a row or not. */
  get residents(): LoadedAdapter[] {
    return this.#slots.flatMap(({ adapter }) => adapter ?? []);
  }

  /**
   * Extends the layout to fit an adapter.
   * @returns whether the layout has changed, so that the pools have to be made again
   */
  fit({ lines = new Map() }: LoadedAdapter): boolean {
    let isNew = false;
    for (const [name, { kind, width, neutral, lines: own }] of lines) {
      if (!this.#layout.has(name)) {
        this.#layout = new Map(this.#layout).set(name, { kind, width, neutral });
        isNew = true;
      }
      const needed = own.length / width;
      if (needed <= this.#lines[kind]) continue;
      this.#lines = { ...this.#lines, [kind]: needed };
      isNew = true;
    }
    return isNew;
  }

  /** All pools, with the content of the slots. */
  pools(): NamedTensors {
    const pools: NamedTensors = {};
    for (const kind of ['ranks', 'units'] as const) {
      const each = this.#lines[kind];
      pools[lineSlotsNames[kind]] = int64Tensor(
        [this.count * each],
        Array.from({ length: this.count * each }, (_, line) => 1 + Math.floor(line / each)),
      );
    }
    for (const [name, { kind, width, neutral }] of this.#layout) {
      const lines = this.#firstLine(kind, this.count);
      const data = new Float32Array(lines * width);
      if (neutral !== 0) data.fill(neutral);
      pools[name] = tensorOf('float32', [lines, width], data);
    }
    for (const [slot, { adapter }] of this.#slots.entries())
      for (const { name, offset, data } of adapter ? this.#writes(adapter, slot) : [])
        (pools[name]!.data as Float32Array).set(data, offset);
    return pools;
  }

  /** Whether an adapter has a slot, or could get one. */
  isFree(adapter: LoadedAdapter): boolean {
    return this.#slots.some((slot) => slot.adapter === adapter || slot.rows === 0);
  }

  /**
   * Assigns one more row to the adapter's slot. Returns its number, from 1, and what has to be written into it if the
   * adapter was not there.
   */
  take(adapter: LoadedAdapter): { slot: number; writes: HeldWrite[] } {
    let place = this.#slots.findIndex((slot) => slot.adapter === adapter);
    const isThere = place >= 0;
    if (!isThere) place = this.#freest();
    const slot = this.#slots[place]!;
    slot.adapter = adapter;
    slot.rows++;
    slot.lastUse = ++this.#clock;
    return { slot: place + 1, writes: isThere ? [] : this.#writes(adapter, place) };
  }

  /** Called when a row has left. */
  release(slot: number): void {
    this.#slots[slot - 1]!.rows--;
  }

  /** Removes an adapter from its slot, if no row uses it. */
  forget(adapter: LoadedAdapter): void {
    for (const slot of this.#slots) if (slot.adapter === adapter && slot.rows === 0) slot.adapter = undefined;
  }

  /** The number of lines of each pool that a step needs for the slots of running rows. */
  linesInUse(): Record<string, number> {
    const used: Lines = { ranks: 0, units: 0, slots: 1 };
    for (const [place, { adapter, rows }] of this.#slots.entries()) {
      if (rows === 0) continue;
      used.slots = this.#firstLine('slots', place + 1); // every row looks up its own line, which may be neutral
      for (const { kind } of adapter!.lines!.values()) used[kind] = this.#firstLine(kind, place + 1);
    }
    const lines: Record<string, number> = {
      [lineSlotsNames.ranks]: used.ranks,
      [lineSlotsNames.units]: used.units,
    };
    for (const [name, { kind }] of this.#layout) lines[name] = used[kind];
    return lines;
  }

  #freest(): number {
    const free = [...this.#slots.keys()].filter((place) => this.#slots[place]!.rows === 0);
    const isBetter = (a: Slot, b: Slot) => (a.adapter ? 1 : 0) - (b.adapter ? 1 : 0) || a.lastUse - b.lastUse;
    return free.reduce((best, place) =>
      isBetter(this.#slots[place]!, this.#slots[best]!) < 0 ? place : best,
    );
  }

  /** The index of a slot's first line. Lines of slot 0, used by rows without an adapter, precede the others. */
  #firstLine(kind: PoolKind, slot: number): number {
    return kind === 'slots' ? slot + 1 : slot * this.#lines[kind];
  }

  /** All lines of a slot, including the neutral ones of layers that its adapter does not change. */
  #writes(adapter: LoadedAdapter, slot: number): HeldWrite[] {
    return [...this.#layout].map(([name, { kind, width, neutral }]) => {
      const data = new Float32Array(this.#lines[kind] * width);
      if (neutral !== 0) data.fill(neutral);
      const own = adapter.lines?.get(name)?.lines;
      if (own) data.set(own);
      return { name, offset: this.#firstLine(kind, slot) * width, data };
    });
  }
}
