/** @file The loss of every candidate on every row: -log p of the expected answer. */

import type { Adapter } from '../attach/method.js';
import { PromptuneError } from '../errors.js';
import { createLossEvaluator, type LossEvaluator } from '../loss/evaluator.js';
import { inOrder } from '../loss/in-order.js';
import { requireDecoderOnly } from '../models/causal-only.js';
import type { Data } from '../records/data.js';
import type { Device } from '../runtime/index.js';
import { say } from '../say.js';
import { planEpoch } from '../text/batches.js';
import { type Dataset, unusedNote } from '../text/dataset.js';
import { adapterOf, type Candidate } from './candidates.js';
import { type LossStore, lossKey } from './loss-store.js';
import { openRows, type RowOptions } from './rows.js';

export interface LossTable {
  /** A candidate's loss on each row, in nats, for the whole answer and its end token. */
  readonly losses: readonly Float32Array[];
  /**
   * Label tokens of each row, used for means: those of the candidate that writes the answer in the fewest tokens. All
   * candidates divide by the same numbers, so one that writes answers in more tokens does not look better for it.
   */
  readonly tokens: Int32Array;
}

/** Progress of computing losses, one candidate after another. */
export interface LossProgress {
  candidate: string;
  done: number;
  total: number;
}

export interface MeasureOptions extends RowOptions {
  candidates: readonly Candidate[];
  /** Where losses are stored. Default: they are not. */
  store?: LossStore;
  batchSize?: number;
  device?: Device;
  threads?: number;
  /** Where a candidate's losses are computed. Default: here. */
  createEvaluator?: (candidate: Candidate, adapter: Adapter | undefined) => Promise<LossEvaluator>;
  onProgress?: (progress: LossProgress) => void;
  /** Called with a note about fields that no candidate uses, if there are any. */
  onNote?: (note: string) => void;
}

/**
 * Computes the losses, except those that the store has. A candidate's losses are stored as soon as they are complete.
 * @throws PromptuneError for a prompt without a token or a loss that is not finite; FileError for unusable data
 */
export async function measureCandidates(data: Data, options: MeasureOptions): Promise<LossTable> {
  const { model, candidates, store } = options;
  requireDecoderOnly(model, say`the selection of prompts`);
  const adapters = await Promise.all(candidates.map((candidate) => adapterOf(candidate, model)));
  const losses: Float32Array[] = [];
  const unread: (readonly string[])[] = [];
  let tokens: Int32Array | undefined;
  // Text candidates share the bare model's session.
  let ofModel: Promise<LossEvaluator> | undefined;
  try {
    for (const [i, candidate] of candidates.entries()) {
      const adapter = adapters[i];
      const rows = await openRows(data, candidate, {
        ...options,
        numVirtualTokens: adapter?.numVirtualTokens ?? 0,
      });
      unread.push(rows.unread);
      try {
        tokens =
          tokens?.map((count, row) => Math.min(count, rows.labelCounts[row]!)) ?? rows.labelCounts.slice();
        checkPrompts(rows, candidate);
        const key = store && (await lossKey(model, candidate, rows));
        const stored = key === undefined ? undefined : await store?.get(key);
        const found = stored?.length === rows.length ? stored : await compute(candidate, adapter, rows);
        if (key !== undefined && found !== stored) await store?.put(key, found, candidate);
        losses.push(found);
      } finally {
        await rows.dispose();
      }
    }
  } finally {
    await (await ofModel)?.dispose();
  }
  const [first = [], ...others] = unread;
  const byNone = first.filter(
    (name) => name !== options.inputField && others.every((own) => own.includes(name)),
  );
  for (const note of unusedNote(byNone)) options.onNote?.(note);
  return { losses, tokens: tokens ?? new Int32Array() };

  async function compute(candidate: Candidate, adapter: Adapter | undefined, rows: Dataset) {
    if (options.createEvaluator) {
      const evaluator = await options.createEvaluator(candidate, adapter);
      return rowLosses(evaluator, candidate, rows, options).finally(() => evaluator.dispose());
    }
    if (!adapter) {
      ofModel ??= createLossEvaluator(model, undefined, options);
      return rowLosses(await ofModel, candidate, rows, options);
    }
    const evaluator = await createLossEvaluator(model, adapter, options);
    return rowLosses(evaluator, candidate, rows, options).finally(() => evaluator.dispose());
  }
}

async function rowLosses(
  evaluator: LossEvaluator,
  { name }: Candidate,
  rows: Dataset,
  { batchSize = 8, signal, onProgress }: MeasureOptions,
): Promise<Float32Array> {
  const losses = new Float32Array(rows.length);
  let done = 0;
  const batches = planEpoch({ ...rows, batchSize, seed: 0, epoch: 0 });
  const measured = inOrder(batches, evaluator.atOnce ?? 1, async (batch) => {
    signal?.throwIfAborted();
    const examples = await Promise.all(batch.map((index) => rows.get(index)));
    return { batch, found: await evaluator.evaluateRows(examples) };
  });
  for await (const { batch, found } of measured) {
    for (const [i, index] of batch.entries()) losses[index] = found[i]!;
    done += batch.length;
    onProgress?.({ candidate: name, done, total: rows.length });
  }
  const broken = losses.findIndex((loss) => !Number.isFinite(loss));
  if (broken < 0) return losses;
  throw new PromptuneError(
    say`candidate ${JSON.stringify(name)}: the loss of row ${broken + 1} is ${losses[broken]}; look
      for NaN or very large values in the model's weights and in the candidate's adapter`,
  );
}

/** An answer's first token counts for all candidates equally only if something precedes it. */
function checkPrompts({ length, tokenCounts, labelCounts }: Dataset, { name }: Candidate): void {
  for (let i = 0; i < length; i++)
    if (labelCounts[i] === tokenCounts[i])
      throw new PromptuneError(
        say`candidate ${JSON.stringify(name)}: the prompt of row ${i + 1} has no token, so nothing
          of the row's input is given to the model; put a field into its template, such as
          "{text}"`,
        { code: 'invalid-data' },
      );
}

/** The rows of a table at `indices`. */
export function rowsOfTable({ losses, tokens }: LossTable, indices: readonly number[]): LossTable {
  return {
    losses: losses.map((own) => Float32Array.from(indices, (index) => own[index]!)),
    tokens: Int32Array.from(indices, (index) => tokens[index]!),
  };
}
