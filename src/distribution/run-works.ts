/** @file Does works, those apart whose results a store has, and goes on where some of them fail. */
import { host } from '#platform';
import { PromptuneError, UsageError } from '../errors.js';
import { say } from '../say.js';
import { resultName, type Store } from './store.js';
import { type Engine, isRepeated, type ResultFiles, type Work, type WorkState } from './work.js';
import { digestOf } from './work-key.js';

export type Outcome =
  | { readonly state: 'done'; readonly files: ResultFiles; readonly kept: boolean }
  | { readonly state: 'failed'; readonly error: PromptuneError };

export interface RunWorksOptions {
  readonly engine: Engine;
  /** Where results are kept. Default: nowhere. */
  readonly store?: Store;
  /** Stops the works at hand, and begins no other. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (work: Work, event: unknown) => void;
  readonly onState?: (work: Work, state: WorkState, note?: string) => void;
  /** Called, and awaited, before a work is begun. */
  readonly onBegin?: (work: Work) => Promise<void>;
  /** Called with each outcome as it comes, and awaited, one after the other. */
  readonly onOutcome?: (work: Work, outcome: Outcome) => unknown;
  /** Called with what should not happen: two attempts of one work with different results. */
  readonly onWarning?: (message: string) => void;
}

/**
 * Does all works; where several go on at once, the costliest first. One that fails does not end the others.
 * @returns the outcomes in the order of the works; undefined for those that the signal stopped
 * @throws what is no error of the work itself: bugs, and what `onOutcome` throws
 */
export async function runWorks(
  works: readonly Work[],
  { engine, store, signal, onBegin, onEvent, onState, onOutcome, onWarning }: RunWorksOptions,
): Promise<(Outcome | undefined)[]> {
  const outcomes: (Outcome | undefined)[] = new Array(works.length);
  const order = works.map((_, i) => i);
  if (engine.atOnce > 1) order.sort((a, b) => (works[b]!.cost ?? 0) - (works[a]!.cost ?? 0));
  let told: Promise<unknown> = Promise.resolve();
  const end = async (index: number, outcome: Outcome) => {
    outcomes[index] = outcome;
    if (outcome.state === 'failed' || !outcome.kept) onState?.(works[index]!, outcome.state);
    told = told.then(() => onOutcome?.(works[index]!, outcome));
    await told;
  };

  // What is there already comes first, so that it is known at once how much is left.
  const missing: number[] = [];
  for (const index of order) {
    const { kind, key } = works[index]!;
    const files = await store?.get(resultName(kind, key));
    if (files) await end(index, { state: 'done', files, kept: true });
    else missing.push(index);
  }

  let failure: { error: unknown } | undefined;
  const lane = async () => {
    for (let index = missing.shift(); index !== undefined; index = missing.shift()) {
      if (signal?.aborted || failure) return;
      const work = works[index]!;
      try {
        await onBegin?.(work);
        const options = {
          signal,
          onEvent: (event: unknown) => onEvent?.(work, event),
          onState: (state: WorkState, note?: string) => onState?.(work, state, note),
        };
        const files = await engine.run(work, options);
        const kept = store ? await keepResult(store, work, files, onWarning) : files;
        await end(index, { state: 'done', files: kept, kept: false });
      } catch (error) {
        if (signal?.aborted && (error as Error).name === 'AbortError') return;
        if (error instanceof PromptuneError) await end(index, { state: 'failed', error });
        else failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(engine.atOnce, missing.length) }, lane));
  if (failure) throw failure.error;
  return outcomes;
}

/**
 * Puts a result into a store. Where one is there already, that one counts, and another result is a sign that the same
 * work does not give the same bits: it is kept beside it, and told.
 * @returns the result that counts
 */
export async function keepResult(
  store: Store,
  { kind, key, label }: Pick<Work, 'kind' | 'key' | 'label'>,
  files: ResultFiles,
  onWarning?: (message: string) => void,
): Promise<ResultFiles> {
  const name = resultName(kind, key);
  if (await store.create(name, files)) return files;
  const first = await store.get(name);
  if (!first) return files; // somebody removed it since
  const others = differentFiles(first, files);
  if (others.length > 0) {
    const conflict = `conflict/${key}-${host.name}-${digestOf(JSON.stringify(digestsOf(files))).slice(0, 8)}`;
    await store.create(conflict, files);
    onWarning?.(
      say`${label}: another attempt gave other bytes (${others.join(', ')}); the first result
        counts, the other one is ${conflict} in ${store.url}`,
    );
  }
  return first;
}

/** The names of files that differ or are missing, apart from what is measured. */
export function differentFiles(one: ResultFiles, other: ResultFiles): string[] {
  const [a, b] = [digestsOf(one), digestsOf(other)];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => a[name] !== b[name]).sort();
}

function digestsOf(files: ResultFiles): Record<string, string> {
  const repeated = [...files].filter(([name]) => isRepeated(name));
  return Object.fromEntries(repeated.map(([name, bytes]) => [name, digestOf(bytes)]));
}

/** What the failed works have in common, as one error: that of a single one, or how many failed and why. */
export function errorOfFailures(
  failed: readonly { readonly label: string; readonly error: PromptuneError }[],
  count: number,
): PromptuneError {
  const [{ label, error }] = failed as [(typeof failed)[number]];
  const ErrorClass = failed.every((one) => one.error instanceof UsageError) ? UsageError : PromptuneError;
  const reason = `${label}: ${error.message}`;
  const message =
    count === 1 || failed.length === 1 ? reason : say`${failed.length} of ${count} failed, first ${reason}`;
  return new ErrorClass(message, { code: error.code, cause: error });
}
