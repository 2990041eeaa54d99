/** @file Choosing among runs and ordering them, by their figures or by keys of their configurations. */
import { UsageError } from '../errors.js';
import { isJsonObject } from '../formats/json.js';
import type { RunRecord } from '../runs/read-run.js';
import { say } from '../say.js';
import { summarizeRun } from './list-runs.js';

/** Columns whose names are shorter than those of `RunSummaryLine`. */
const shortNames: Readonly<Record<string, string>> = { validation: 'bestValidationLoss', time: 'seconds' };

/**
 * A figure of a run by the name of its column, such as "validation", or a value of its configuration, such as
 * "learningRate", "optimizer.name" or "numVirtualTokens", which may be an option of the method.
 */
export function runValue(run: RunRecord, key: string): unknown {
  const figures: Readonly<Record<string, unknown>> = { ...summarizeRun(run) };
  const name = shortNames[key] ?? key;
  if (name in figures) return figures[name];
  const { methodOptions } = run.config;
  return valueAt(run.config, key) ?? (isJsonObject(methodOptions) ? valueAt(methodOptions, key) : undefined);
}

const valueAt = (values: Readonly<Record<string, unknown>>, key: string): unknown =>
  key
    .split('.')
    .reduce<unknown>(
      (value, part) => (isJsonObject(value) && Object.hasOwn(value, part) ? value[part] : undefined),
      values,
    );

/**
 * The runs in the order of `key`, those without such a value last; with "-" before it, in descending order.
 * @throws UsageError if no run has such a value
 */
export function sortRuns(runs: readonly RunRecord[], key: string): RunRecord[] {
  const [name, sign] = key.startsWith('-') ? [key.slice(1), -1] : [key, 1];
  checkKey(runs, name);
  const valued = runs.map((run) => ({ run, value: runValue(run, name) }));
  const [known, unknown] = [true, false].map((is) =>
    valued.filter(({ value }) => (value !== undefined) === is),
  );
  known!.sort((a, b) => sign * compare(a.value, b.value));
  return [...known!, ...unknown!].map(({ run }) => run);
}

function compare(a: unknown, b: unknown): number {
  return typeof a === 'number' && typeof b === 'number'
    ? a - b
    : textOf(a).localeCompare(textOf(b), 'en', { numeric: true });
}

/**
 * The runs of which each condition, such as "method=lora", holds.
 * @throws UsageError for a condition without "=", or about a key that no run has
 */
export function filterRuns(runs: readonly RunRecord[], conditions: readonly string[]): RunRecord[] {
  const wanted = conditions.map((condition) => {
    const at = condition.indexOf('=');
    if (at < 1) throw new UsageError(say`expected a condition such as method=lora, got "${condition}"`);
    const key = condition.slice(0, at);
    checkKey(runs, key);
    return { key, value: condition.slice(at + 1) };
  });
  return runs.filter((run) => wanted.every(({ key, value }) => textOf(runValue(run, key)) === value));
}

/** Throws a UsageError if no run has a value for `key`. */
function checkKey(runs: readonly RunRecord[], key: string): void {
  if (runs.length > 0 && runs.every((run) => runValue(run, key) === undefined))
    throw new UsageError(
      say`no run has "${key}"; expected run, model, method, state, steps, loss, validation, time or
        note, or a key of the configuration such as learningRate`,
    );
}

const textOf = (value: unknown): string =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
