/**
 * @file Batches whose rows use different adapters. The frozen layers are computed once for all rows, and each change of
 *   a layer applies to the rows of its adapter only, so a row gets the same result as in a batch of its own adapter.
 */

import { UsageError } from '../errors.js';
import {
  add,
  constant,
  type Dim,
  equal,
  expand,
  gather,
  input,
  multiplyDims,
  reshape,
  scalar,
  type Value,
  where,
} from '../graph/index.js';
import type { LanguageModel } from '../models/model.js';
import type { LinearChange, LinearUse, SubLayerChange } from '../models/weights.js';
import { say } from '../say.js';
import { int64Tensor } from '../tensor.js';
import type { AdaptedModel } from './adapted-model.js';
import { joinTensors, type NamedAdapter, sitesOf } from './compose.js';
import { inputText } from './input-text.js';
import { enteredLayers, type LateRows } from './late-rows.js';
import { requireOneTask } from './one-task.js';
import { tensorInputs } from './tensor-inputs.js';
import { inputIds, queriesDim } from './text-inputs.js';

/** The graph's input [batch] with each row's adapter, counted from 1. 0 is the model alone. */
export const rowAdaptersName = 'row_adapters';

/**
 * Weights for a batch ['batch'] of rows of 'length' tokens. Prompts are not part of them: a row's keys and values start
 * with those of its own adapter's prompt. If an adapter changes layers, the graph has `row_adapters` and the adapters'
 * tensors (by the names of `joinTensors`) as inputs.
 *
 * @throws UsageError for an adapter that cannot share a batch
 */
export function mixedModel(
  model: LanguageModel,
  adapters: readonly NamedAdapter[],
): Pick<AdaptedModel, 'weights' | 'embed'> & { readonly late?: LateRows } {
  const values = tensorInputs(joinTensors(adapters));
  const linear = new Map<string, RowChange<LinearChange>[]>();
  const subLayers = new Map<string, RowChange<SubLayerChange>[]>();
  const lateLayers = [0];
  for (const [i, part] of adapters.entries()) {
    const { name, adapter } = part;
    if (adapter.placement)
      throw new UsageError(
        say`${name} has soft tokens in the template ${JSON.stringify(adapter.placement.template)};
          use it alone`,
        { code: 'unsupported' },
      );
    requireOneTask(adapter, name);
    const sites = sitesOf(part, values, adapter.readsText ? inputText(model, inputIds.value) : undefined);
    lateLayers.push(sites.latePrompt?.layer ?? 0);
    if (sites.parameters?.size)
      throw new UsageError(
        say`${name} replaces weights of the model (${adapter.method}), which rows of one batch
          share; use it alone`,
        { code: 'unsupported' },
      );
    collect(linear, sites.linear, i + 1);
    collect(subLayers, sites.subLayers, i + 1);
  }
  const rowAdapters = input(rowAdaptersName, 'int64', ['batch']);
  const isRowOf = rowMasks(rowAdapters);
  const weights = model.weights({
    linear: mapValues(linear, (changes) => mixLinear(changes, isRowOf)),
    subLayers: mapValues(subLayers, (changes) => mixSubLayers(changes, isRowOf)),
  });
  const lengths = [0, ...adapters.map(({ adapter }) => adapter.numVirtualTokens)];
  const late = lateRowsOf(rowAdapters, lateLayers, lengths);
  return { weights, embed: (tokens) => model.embed(weights, tokens), ...(late && { late }) };
}

/** @param layers by a row's adapter, from 0, the model alone: where its prompt enters, and its length */
function lateRowsOf(
  rowAdapters: Value,
  layers: readonly number[],
  lengths: readonly number[],
): LateRows | undefined {
  const later = enteredLayers(layers);
  if (later.length === 0) return undefined;
  const [ofRows, lengthsOfRows] = [layers, lengths].map((table) =>
    gather(constant(int64Tensor([table.length], table)), rowAdapters),
  );
  return { layers: later, ofRows: ofRows!, lengths: lengthsOfRows! };
}

/** A change for the rows of one adapter. */
interface RowChange<Change> {
  readonly adapter: number;
  readonly change: Change;
}

/** Returns bool [rows, 1]: whether a row is the adapter's. */
type RowMask = (adapter: number, rows: Dim) => Value;

function collect<Change>(
  all: Map<string, RowChange<Change>[]>,
  own: ReadonlyMap<string, Change> | undefined,
  adapter: number,
): void {
  for (const [name, change] of own ?? []) all.set(name, [...(all.get(name) ?? []), { adapter, change }]);
}

const mapValues = <A, B>(map: ReadonlyMap<string, A>, change: (value: A) => B) =>
  new Map([...map].map(([name, value]) => [name, change(value)]));

/** Layers see all positions of the batch, or only the selected ones of each text. */
function rowMasks(rowAdapters: Value): RowMask {
  const ofTexts = reshape(rowAdapters, ['batch', 1]);
  const repeated = (each: Dim) => {
    const rows = multiplyDims('batch', each);
    return [rows, reshape(expand(ofTexts, ['batch', each]), [rows, 1])] as const;
  };
  const adaptersOfRows = new Map([repeated('length'), repeated(queriesDim)]);
  const known = new Map<string, Value>();
  return (adapter, rows) => {
    const adapters = adaptersOfRows.get(rows);
    if (!adapters) throw new Error(`a layer has ${rows} rows`);
    const key = `${adapter} ${rows}`;
    const mask = known.get(key) ?? equal(adapters, scalar(adapter, 'int64'));
    known.set(key, mask);
    return mask;
  };
}

function mixLinear(changes: readonly RowChange<LinearChange>[], isRowOf: RowMask): LinearChange {
  return (use) => {
    const rows = use.input.shape[0]!;
    // IA3 may change the frozen layer's input: each row reads the input that its own adapter makes.
    let read = use.input;
    for (const { adapter, change } of changes) {
      const own = readBy(change, use);
      if (own !== use.input) read = where(isRowOf(adapter, rows), own, read);
    }
    const frozen = use.compute(read);
    return changes.reduce(
      (output, { adapter, change }) =>
        where(isRowOf(adapter, rows), change({ ...use, compute: () => frozen }), output),
      frozen,
    );
  };
}

/** The input that a change passes to the frozen layer. The rest of the change is unused, so never emitted. */
function readBy(change: LinearChange, use: LinearUse): Value {
  let read: Value | undefined;
  change({
    ...use,
    compute: (rows) => {
      if (read && read !== rows) throw new Error('a change of a linear layer may apply it to one input only');
      read = rows;
      return use.compute(rows);
    },
  });
  return read ?? use.input;
}

function mixSubLayers(changes: readonly RowChange<SubLayerChange>[], isRowOf: RowMask): SubLayerChange {
  return (use) =>
    changes.reduce(
      (output, { adapter, change }) => where(isRowOf(adapter, use.output.shape[0]!), change(use), output),
      add(use.residual, use.output),
    );
}
