/**
 * @file The running batch of a server: rows with different adapters join it, are prefilled in pieces, and leave it.
 *   Decoding rows stand before those that are being prefilled.
 *
 * An adapter's prompt is computed by the graph that decodes, as soft tokens of the first row that needs it, and kept
 * for later rows. So adapters come and go without sessions of their own. Changes of layers are in slots; if no row has
 * one, and no row's prompt enters at a later layer, steps cost the same as those of the bare model.
 */
import { enteredLayers, lateLayersName, lateLengthsName, lateRowInputs } from '../../attach/late-rows.js';
import { rowSlotsName, type SlotLayout, slotModel, softTokensName } from '../../attach/slots.js';
import type { PromptuneError } from '../../errors.js';
import { decodeGraph, scoreNames } from '../../generation/decode-graph.js';
import type { Candidates, NextTokenScores } from '../../generation/decoder.js';
import { cacheSettings } from '../../generation/step-cache.js';
import { scoresOf } from '../../generation/step-scores.js';
import type { OnnxGraph } from '../../graph/index.js';
import { requireDecoderOnly } from '../../models/causal-only.js';
import type { LanguageModel } from '../../models/model.js';
import { type Device, type RowStart, Session } from '../../runtime/index.js';
import { float32Tensor, int64Tensor, tensorOf } from '../../tensor.js';
import { KeptPrompts } from './kept-prompts.js';
import type { Beginning, LoadedAdapter } from './loaded-adapter.js';
import { Slots } from './slots.js';

export interface RowDecoderOptions {
  model: LanguageModel;
  device?: Device;
  threads?: number;
  prepacking?: boolean;
  /** Maximum number of adapters with changes of layers that can run at once. */
  maxSlots: number;
  /** Maximum bytes of kept keys and values of learned prompts. */
  promptCacheBytes: number;
}

export interface JoiningRow {
  readonly ids: readonly number[];
  readonly adapter?: LoadedAdapter;
  /** Under which a row with the same adapter and ids finds the cache of this one; `release` frees it. */
  readonly sharedKey?: number;
}

/** Consecutive input tokens of a row; soft tokens have ids from the vocabulary's size. */
interface Piece {
  readonly ids: readonly number[];
  /** The vectors of its soft tokens. */
  readonly softTokens?: Float32Array;
  /** The number under which the row's cache is kept for other rows once the piece has been computed. */
  readonly keptAs?: number;
}

interface BatchRow {
  readonly adapter?: LoadedAdapter;
  /** Its slot, from 1; 0 is none. */
  readonly slot: number;
  /** Tokens of its text. */
  readonly text: number;
  /** What remains to be prefilled; the first piece from token `done`. */
  pieces: Piece[];
  done: number;
}

/** The graph's inputs [batch] with a number of each row. */
const rowInputs: Readonly<Record<string, (row: BatchRow) => number>> = {
  [rowSlotsName]: ({ slot }) => slot,
  [lateLayersName]: ({ adapter }) => adapter?.firstLayer ?? 0,
  [lateLengthsName]: ({ adapter }) => adapter?.adapter.numVirtualTokens ?? 0,
};

/** A graph and its session. */
interface Loaded {
  readonly graph: OnnxGraph;
  readonly session: Session;
}

export class RowDecoder {
  readonly #options: RowDecoderOptions;
  readonly #plain: Loaded;
  /** The graph with slots and late prompts, created for the first adapter that needs it. */
  #slotted: (Loaded & { readonly layout: SlotLayout; readonly layers: readonly number[] }) | undefined;
  /** Whether an adapter has come that it, or what it holds, does not fit yet; also after a failure to make it fit. */
  #isOutgrown = false;
  readonly #slots: Slots;
  readonly #kept: KeptPrompts;
  /** At which prompts of adapters enter. */
  #lateLayers: readonly number[] = [];
  #rows: BatchRow[] = [];
  /** The first rows, which had been prefilled at the last `reorder`. */
  #decoding = 0;
  #shownLines = '';

  private constructor(options: RowDecoderOptions, plain: Loaded) {
    this.#options = options;
    this.#plain = plain;
    this.#slots = new Slots(options.maxSlots);
    this.#kept = new KeptPrompts(options.promptCacheBytes);
  }

  /** Why it can do nothing any more, once the thread that it runs in has ended. */
  get lost(): PromptuneError | undefined {
    return this.#plain.session.lost;
  }

  static async create(options: RowDecoderOptions): Promise<RowDecoder> {
    const { model } = options;
    requireDecoderOnly(model, 'serving');
    const graph = decodeGraph(model, slotModel(model, new Map()), options.device);
    const session = await Session.create(graph.bytes, {
      ...sessionOptions(options, graph),
      cache: { ...cacheSettings(model.config, options.device), splits: true },
    });
    return new RowDecoder(options, { graph, session });
  }

  /** Number and total bytes of the kept keys and values of learned prompts. */
  get kept(): { readonly bytes: number; readonly prompts: number } {
    return { bytes: this.#kept.totalBytes, prompts: this.#kept.count };
  }

  /** The adapters in slots. */
  get residents(): readonly LoadedAdapter[] {
    return this.#slots.residents;
  }

  /**
   * Makes the graph fit adapters. This takes time only for a new kind of adapter, a higher rank than any before, or a
   * prompt that enters at another layer.
   */
  async prepare(adapters: readonly LoadedAdapter[]): Promise<void> {
    for (const adapter of adapters) if (this.#slots.fit(adapter)) this.#isOutgrown = true;
    const layers = enteredLayers([...this.#lateLayers, ...adapters.map(({ firstLayer }) => firstLayer)]);
    if (layers.length > this.#lateLayers.length) this.#isOutgrown = true;
    this.#lateLayers = layers;
    if (!this.#isOutgrown) return;
    const { layout } = this.#slots;
    if (this.#slotted?.layout !== layout || this.#slotted.layers.length < layers.length) {
      const { model, device } = this.#options;
      const late = layers.length > 0 ? lateRowInputs(layers) : undefined;
      const graph = decodeGraph(model, { ...slotModel(model, layout), late }, device);
      const session = await Session.create(graph.bytes, {
        ...sessionOptions(this.#options, graph),
        cache: this.#plain.session,
      });
      await this.#slotted?.session.dispose();
      this.#slotted = { graph, session, layout, layers };
    }
    await this.#slotted.session.hold(this.#heldPools());
    this.#shownLines = '';
    this.#isOutgrown = false;
  }

  /** Frees everything kept for an adapter that no row uses or will use. */
  async forget(adapter: LoadedAdapter): Promise<void> {
    this.#slots.forget(adapter);
    if (this.#kept.remove(adapter.key)) await this.#plain.session.forgetRow(adapter.key);
  }

  /** Whether a row with this adapter could join now, as far as slots are concerned. */
  hasSlotFor(adapter: LoadedAdapter | undefined): boolean {
    return !adapter?.lines || this.#slots.isFree(adapter);
  }

  /** Adds a row behind the others, to be prefilled by `prefill`. */
  async join({ ids, adapter, sharedKey }: JoiningRow): Promise<void> {
    const { start, pieces, isPrefix } = await this.#begin(ids, adapter, sharedKey);
    let slot = 0;
    if (adapter?.lines) {
      const taken = this.#slots.take(adapter);
      slot = taken.slot;
      if (taken.writes.length > 0)
        await this.#slotted!.session.writeHeld(
          taken.writes.filter(({ name }) => this.#slotted!.graph.inputs.has(name)),
        );
    }
    await this.#plain.session.admitToCache([start]);
    this.#rows.push({ adapter, slot, pieces, done: 0, text: ids.length });
    if (isPrefix) await this.#keep(this.#rows.length - 1, adapter!.key);
  }

  /** Frees what is kept for rows that share a prompt. */
  async release(sharedKey: number): Promise<void> {
    if (this.#kept.remove(sharedKey)) await this.#plain.session.forgetRow(sharedKey);
  }

  /**
   * What a row starts with and what remains to be prefilled.
   * `isPrefix`: it starts with a prefix that is to be kept for other rows.
   */
  async #begin(
    ids: readonly number[],
    adapter: LoadedAdapter | undefined,
    sharedKey: number | undefined,
  ): Promise<{ start: RowStart; pieces: Piece[]; isPrefix: boolean }> {
    const isLong = ids.length > 1;
    const beginning = adapter?.beginning;
    if (sharedKey !== undefined && isLong && this.#kept.use(sharedKey)) {
      // The last token is computed again, for the scores behind it.
      const placed = adapter?.adapter.placement && beginning;
      const last: Piece = { ids: ids.slice(-1), ...(placed && { softTokens: placed.softTokens }) };
      return { start: { kept: sharedKey }, pieces: [last], isPrefix: false };
    }
    const own = (await adapter?.beginningsOf?.([ids]))?.[0] ?? beginning ?? {};
    const isOfAll = adapter !== undefined && !adapter.beginningsOf;
    const isKept = isOfAll && ids.length > 0 && this.#kept.use(adapter.key);
    const pieces = this.#pieces(ids, adapter, own, isKept);
    const text = pieces.pop()!;
    if (sharedKey !== undefined && isLong)
      pieces.push({ ...text, ids: ids.slice(0, -1), keptAs: sharedKey }, { ...text, ids: ids.slice(-1) });
    else pieces.push(text);
    return {
      start: isKept ? { kept: adapter.key } : own.past,
      pieces,
      isPrefix: isOfAll && !isKept && own.past !== undefined && pieces[0]!.keptAs !== adapter.key,
    };
  }

  #pieces(
    ids: readonly number[],
    adapter: LoadedAdapter | undefined,
    { softTokens }: Beginning,
    isKept: boolean,
  ): Piece[] {
    if (!softTokens) return [{ ids }];
    if (adapter!.adapter.placement) return [{ ids, softTokens }];
    const { vocabSize, hiddenSize } = this.#options.model.config;
    const isForOthers = ids.length > 0 && !adapter!.beginningsOf;
    const prompt = {
      ids: Array.from({ length: softTokens.length / hiddenSize }, (_, i) => vocabSize + i),
      softTokens,
      ...(isForOthers && { keptAs: adapter!.key }),
    };
    const text = ids.length > 0 ? [{ ids }] : [];
    return isKept ? text : [prompt, ...text];
  }

  /** The number of tokens that remain to be prefilled; 0 for a decoding row. */
  remaining(row: number): number {
    const { pieces, done } = this.#rows[row]!;
    return pieces.reduce((sum, { ids }) => sum + ids.length, -done);
  }

  /**
   * Row r becomes what row `parents[r]` was; the others leave. No row may occur twice, decoding rows come first, and
   * those that began to decode since the last call come behind the others.
   */
  async reorder(parents: readonly number[]): Promise<void> {
    const decoding = parents.filter((row) => this.remaining(row) === 0).length;
    const isSame = parents.length === this.#rows.length && parents.every((parent, row) => parent === row);
    if (isSame && decoding === this.#decoding) return;
    await this.#plain.session.reorderCache(parents, decoding);
    this.#decoding = decoding;
    const stay = new Set(parents);
    for (const [row, { slot }] of this.#rows.entries())
      if (slot > 0 && !stay.has(row)) this.#slots.release(slot);
    this.#rows = parents.map((parent) => this.#rows[parent]!);
  }

  /**
   * Runs one decoding step of the first `tokens.length` rows, with one or more tokens each. Returns the scores after
   * each token: of token i of row r in row r · width + i, where width is the length of the longest of `tokens`.
   */
  step(tokens: readonly (readonly number[])[], candidates: Candidates): Promise<NextTokenScores> {
    return this.#run(
      0,
      tokens.map((ids) => ({ ids })),
      candidates,
      true,
    );
  }

  /** Removes the last `counts[r]` tokens from row r, of those that steps appended. */
  async takeBack(counts: readonly number[]): Promise<void> {
    if (counts.some((count) => count > 0)) await this.#plain.session.shortenCache(counts);
  }

  /**
   * Prefills `count` rows from `first` with at most `width` tokens each.
   * @param isScored returns the scores after each token, as `step` does
   * @returns the scores after the last tokens, meaningful for rows with nothing remaining
   */
  async prefill(
    first: number,
    count: number,
    width: number,
    candidates: Candidates,
    isScored = false,
  ): Promise<NextTokenScores> {
    const rows = this.#rows.slice(first, first + count);
    const parts = rows.map(({ pieces: [piece], done }) => ({
      ...piece!,
      ids: piece!.ids.slice(done, done + width),
    }));
    const scores = await this.#run(first, parts, candidates, isScored);
    for (const [i, row] of rows.entries()) {
      row.done += parts[i]!.ids.length;
      if (row.done < row.pieces[0]!.ids.length) continue;
      const { keptAs } = row.pieces.shift()!;
      row.done = 0;
      if (keptAs !== undefined) await this.#keep(first + i, keptAs);
    }
    return scores;
  }

  async dispose(): Promise<void> {
    await this.#slotted?.session.dispose();
    await this.#plain.session.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  /** Keeps the current state of a row, with which other rows can begin. */
  async #keep(row: number, key: number): Promise<void> {
    if (this.#kept.use(key)) return; // another row that joined at the same time was first
    const { numLayers, numKeyValueHeads, headDim } = this.#options.model.config;
    const { adapter, text } = this.#rows[row]!;
    const positions = (adapter?.adapter.numVirtualTokens ?? 0) + (key === adapter?.key ? 0 : text);
    const freed = this.#kept.add(key, 2 * 4 * numLayers * numKeyValueHeads * headDim * positions);
    for (const oldest of freed ?? []) await this.#plain.session.forgetRow(oldest);
    if (freed) await this.#plain.session.keepRow(row, key);
  }

  #heldPools() {
    const { inputs } = this.#slotted!.graph;
    return Object.fromEntries(Object.entries(this.#slots.pools()).filter(([name]) => inputs.has(name)));
  }

  /** Feeds the lines of the slots in use to the next runs. */
  async #show({ graph, session }: Loaded): Promise<void> {
    const lines = Object.entries(this.#slots.linesInUse()).filter(([name]) => graph.inputs.has(name));
    const shown = lines.map(([, count]) => count).join();
    if (shown === this.#shownLines) return;
    await session.showHeld(Object.fromEntries(lines));
    this.#shownLines = shown;
  }

  /** Runs rows from `first` with their new tokens, right-padded, and appends the keys and values to the cache. */
  async #run(
    first: number,
    parts: readonly Pick<Piece, 'ids' | 'softTokens'>[],
    candidates: Candidates,
    isScored = false,
  ): Promise<NextTokenScores> {
    const { vocabSize, hiddenSize } = this.#options.model.config;
    const rows = this.#rows.slice(first, first + parts.length);
    const isPlain = rows.every(({ slot, adapter }) => slot === 0 && !adapter?.firstLayer);
    const loaded = isPlain ? this.#plain : this.#slotted!;
    if (loaded === this.#slotted) await this.#show(loaded);
    const batch = parts.length;
    const counts = parts.map(({ ids }) => ids.length);
    const length = Math.max(1, ...counts);
    const tables = new SoftTables(vocabSize, hiddenSize);
    const inputIds = new BigInt64Array(batch * length);
    for (const [row, part] of parts.entries()) {
      const from = tables.add(part.softTokens);
      for (const [i, id] of part.ids.entries())
        inputIds[row * length + i] = BigInt(id < vocabSize ? id : id + from);
    }
    const count = candidates === 'all' ? vocabSize : Math.min(candidates, vocabSize);
    const queries = isScored ? length : 1;
    const wantedPositions = counts.flatMap((count) =>
      isScored ? Array.from({ length }, (_, i) => Math.min(i, count - 1)) : [Math.max(0, count - 1)],
    );
    const feeds = {
      input_ids: tensorOf('int64', [batch, length], inputIds),
      last_positions: int64Tensor([batch, queries], wantedPositions),
      candidates: int64Tensor([1], [count]),
      [softTokensName]: tables.whole(),
      ...Object.fromEntries(
        Object.entries(rowInputs).flatMap(([name, of]) =>
          loaded.graph.inputs.has(name) ? [[name, int64Tensor([batch], rows.map(of))]] : [],
        ),
      ),
    };
    const outputs = count === vocabSize ? scoreNames.all : scoreNames.best;
    return scoresOf(await loaded.session.run(feeds, {}, outputs, counts, first), batch * queries);
  }
}

function sessionOptions({ model, device, threads, prepacking }: RowDecoderOptions, graph: OnnxGraph) {
  return { weights: model.files, device, threads, prepacking: prepacking || graph.usesBlockProducts };
}

/** Collects the vectors of several rows' soft tokens in one table, each prompt once. */
class SoftTables {
  readonly #tables: Float32Array[] = [];
  readonly #from = new Map<Float32Array, number>();
  #count = 0;

  constructor(
    readonly vocabSize: number,
    readonly hiddenSize: number,
  ) {}

  /** Returns the offset of these soft tokens in the table. */
  add(table: Float32Array | undefined): number {
    if (!table) return 0;
    const known = this.#from.get(table);
    if (known !== undefined) return known;
    const from = this.#count;
    this.#from.set(table, from);
    this.#tables.push(table);
    this.#count += table.length / this.hiddenSize;
    return from;
  }

  whole() {
    const whole = float32Tensor([Math.max(1, this.#count), this.hiddenSize]);
    let at = 0;
    for (const table of this.#tables) {
      whole.data.set(table, at);
      at += table.length;
    }
    return whole;
  }
}
