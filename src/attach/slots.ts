/**
 * @file Rows of one batch with different adapters, like `mixed-rows.ts`, but with adapters that come and go while the
 *   graph stays the same. The graph has slots, whose numbers are inputs (pools), and each row names its slot. A step's
 *   cost depends on the number of slots in use, not on the adapters in them.
 */
import {
  activations,
  add,
  type Dim,
  equal,
  expand,
  gather,
  input,
  linear as linearOf,
  matmul,
  multiply,
  multiplyDims,
  reshape,
  scalar,
  slice,
  type Value,
  where,
} from '../graph/index.js';
import type { LanguageModel } from '../models/model.js';
import type { LinearChange, SubLayerChange } from '../models/weights.js';
import type { AdaptedModel } from './adapted-model.js';
import { embedWithSoftTokens } from './placed-prompt.js';
import type { LinearRowChange, RowChanges, SubLayerRowChange } from './row-changes.js';
import { queriesDim } from './text-inputs.js';

/** The graph's input [batch]: the slot of each row, from 1; 0 is none. */
export const rowSlotsName = 'row_slots';
/** The graph's input [soft tokens, hidden]: the vectors of the ids from the vocabulary's size on. */
export const softTokensName = 'soft_tokens';

/**
 * The lines that a pool has for each slot: one per rank of a low-rank update (`ranks`), one per unit of a bottleneck
 * (`units`), or one line per slot, after the line for rows without a slot (`slots`).
 */
export type PoolKind = 'ranks' | 'units' | 'slots';

/** An input of the graph with the numbers of all slots: [lines, width], or [lines] for `downBias`. */
export interface Pool {
  readonly kind: PoolKind;
  readonly width: number;
  /** The value in lines that change nothing: 0, or 1 for factors. */
  readonly neutral: 0 | 1;
}

/** The pools of a graph, by the names of its inputs: those that its adapters need. */
export type SlotLayout = ReadonlyMap<string, Pool>;

/** The inputs with the slot, from 1, of each line of the other pools. */
export const lineSlotsNames = { ranks: 'rank_slots', units: 'unit_slots' } as const;

const poolName = (part: string, layer: string) => `slots.${part}.${layer}`;
const bottleneckName = ({ reads, nonLinearity }: Bottleneck, part: string, layer: string) =>
  poolName(`${reads}.${nonLinearity}.${part}`, layer);
type Bottleneck = Pick<SubLayerRowChange, 'reads' | 'nonLinearity'>;

/** The lines of one adapter for every pool that it needs, by the pool's name. */
export function slotLines(
  changes: RowChanges,
  model: LanguageModel,
): Map<string, Pool & { lines: Float32Array }> {
  const lines = new Map<string, Pool & { lines: Float32Array }>();
  for (const [name, change] of changes.linear) {
    const { inSize, outSize } = model.linearLayers.get(name)!;
    const put = (part: keyof LinearRowChange, kind: PoolKind, width: number, neutral: 0 | 1) => {
      const own = change[part];
      if (own) lines.set(poolName(part, name), { kind, width, neutral, lines: own });
    };
    put('inputFactors', 'slots', inSize, 1);
    put('outputFactors', 'slots', outSize, 1);
    put('down', 'ranks', inSize, 0);
    put('up', 'ranks', outSize, 0);
    put('bias', 'slots', outSize, 0);
  }
  const { hiddenSize } = model.config;
  for (const [name, change] of changes.subLayers) {
    const put = (part: 'down' | 'downBias' | 'up' | 'upBias', kind: PoolKind, width: number) =>
      lines.set(bottleneckName(change, part, name), { kind, width, neutral: 0, lines: change[part] });
    put('down', 'units', hiddenSize);
    put('downBias', 'units', 1);
    put('up', 'units', hiddenSize);
    put('upBias', 'slots', hiddenSize);
  }
  return lines;
}

/**
 * Weights for a batch ['batch'] of rows of 'length' tokens with the pools of `layout`, and embeddings with soft tokens.
 * Without pools, it is the bare model.
 */
export function slotModel(model: LanguageModel, layout: SlotLayout): Pick<AdaptedModel, 'weights' | 'embed'> {
  const rows = rowValues();
  const linear = new Map<string, LinearChange>();
  for (const name of model.linearLayers.keys()) {
    const change = linearChange(name, layout, rows);
    if (change) linear.set(name, change);
  }
  const subLayers = new Map<string, SubLayerChange>();
  for (const name of model.subLayers.keys()) {
    const change = subLayerChange(name, layout, rows);
    if (change) subLayers.set(name, change);
  }
  const weights = model.weights({ linear, subLayers });
  const softTokens = input(softTokensName, 'float32', ['soft_tokens', model.config.hiddenSize]);
  return { weights, embed: (ids) => embedWithSoftTokens(model, weights, ids, softTokens) };
}

type RowValues = ReturnType<typeof rowValues>;

/** Layers see all positions of the batch, or only the selected ones of each text. */
function rowValues() {
  const ofTexts = input(rowSlotsName, 'int64', ['batch']);
  const repeated = (each: Dim) => {
    const rows = multiplyDims('batch', each);
    return [rows, reshape(expand(reshape(ofTexts, ['batch', 1]), ['batch', each]), [rows])] as const;
  };
  const slotsOfRows = new Map([repeated('length'), repeated(queriesDim)]);
  const lineSlots = {
    ranks: input(lineSlotsNames.ranks, 'int64', ['ranks']),
    units: input(lineSlotsNames.units, 'int64', ['units']),
  };
  const known = new Map<string, Value>();
  const slots = (rows: Dim): Value => {
    const found = slotsOfRows.get(rows);
    if (!found) throw new Error(`a layer has ${rows} rows`);
    return found;
  };
  return {
    /** int64 [rows]. */
    slots,
    /** bool [rows, lines]: which lines belong to a row's slot. */
    own(kind: 'ranks' | 'units', rows: Dim): Value {
      const key = `${kind} ${rows}`;
      const mask =
        known.get(key) ?? equal(reshape(slots(rows), [rows, 1]), reshape(lineSlots[kind], [1, kind]));
      known.set(key, mask);
      return mask;
    },
  };
}

const pool = (name: string, { kind, width }: Pool): Value =>
  input(name, 'float32', [kind === 'slots' ? 'slots' : kind, width]);

/** f ∘ (W(g ∘ x) + bias) + B A x + c, with the terms for which the layout has pools. */
function linearChange(name: string, layout: SlotLayout, rows: RowValues): LinearChange | undefined {
  const of = (part: keyof LinearRowChange) => {
    const found = layout.get(poolName(part, name));
    return found && pool(poolName(part, name), found);
  };
  const [inputFactors, outputFactors, bias] = [of('inputFactors'), of('outputFactors'), of('bias')];
  const [down, up] = [of('down'), of('up')];
  if (!inputFactors && !outputFactors && !bias && !down) return undefined;
  return ({ input: x, compute, columns }) => {
    const n = x.shape[0]!;
    const cut = (lines: Value) => (columns ? slice(lines, 1, ...columns) : lines);
    const ofRows = (lines: Value) => gather(lines, rows.slots(n));
    let y = compute(inputFactors ? multiply(x, ofRows(inputFactors)) : x);
    if (outputFactors) y = multiply(y, ofRows(cut(outputFactors)));
    if (down && up) {
      const reduced = matmul(x, down, { transposeB: true });
      // Other slots' numbers are masked, not multiplied by 0: they may have overflowed.
      y = add(y, matmul(where(rows.own('ranks', n), reduced, scalar(0, 'float32')), cut(up)));
    }
    return bias ? add(y, ofRows(cut(bias))) : y;
  };
}

/** Residual + output, plus U φ(D h + d) + e for each kind of bottleneck in the layout. */
function subLayerChange(name: string, layout: SlotLayout, rows: RowValues): SubLayerChange | undefined {
  const kinds = (['output', 'sum', 'residual'] as const).flatMap((reads) =>
    Object.keys(activations)
      .map((nonLinearity) => ({ reads, nonLinearity }))
      .filter((kind) => layout.has(bottleneckName(kind, 'down', name))),
  );
  if (kinds.length === 0) return undefined;
  return ({ output, residual, normalize = (sum) => sum }) => {
    const n = output.shape[0]!;
    const sum = add(residual, output);
    return kinds.reduce((y, kind) => {
      const of = (part: string) => {
        const full = bottleneckName(kind, part, name);
        return pool(full, layout.get(full)!);
      };
      const h = { output, sum: normalize(sum), residual }[kind.reads]; // values that are not used are never emitted
      const read = linearOf(h, of('down'), reshape(of('downBias'), ['units']), { transposeWeight: true });
      const inner = where(rows.own('units', n), activations[kind.nonLinearity]!(read), scalar(0, 'float32'));
      return add(y, add(matmul(inner, of('up')), gather(of('upBias'), rows.slots(n))));
    }, sum);
  };
}
