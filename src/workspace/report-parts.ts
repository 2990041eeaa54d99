/** @file What reports show besides scores: how something was trained. */
import { dirname } from 'node:path';
import { PromptuneError } from '../errors.js';
import type { TrainingCurves } from '../evaluation/report/evaluation-report.js';
import { isJsonObject } from '../formats/json.js';
import { type RunRecord, readRun } from '../runs/read-run.js';
import { say } from '../say.js';

/** The run that an adapter is of, given either folder; undefined if there is none that can be read. */
export async function runOf(folder: string): Promise<RunRecord | undefined> {
  try {
    return (await readRun(folder)) ?? (await readRun(dirname(folder)));
  } catch (error) {
    if (error instanceof PromptuneError) return undefined;
    throw error;
  }
}

export const curvesOf = ({ loss, validationLoss }: RunRecord, title: string): TrainingCurves => ({
  title,
  loss,
  validationLoss,
});

/** The settings of a run that say most about it, by their names, in words. */
export function shownSettings(config: Readonly<Record<string, unknown>>): Record<string, string> {
  const { method, methodOptions, learningRate, epochs, maxSteps, batchSize, optimizer, seed } = config;
  const shown: Readonly<Record<string, unknown>> = {
    method,
    options: isJsonObject(methodOptions) ? listed(methodOptions) : undefined,
    'learning rate': learningRate,
    length: maxSteps === undefined ? epochs && say`${epochs} epoch|epochs` : say`${maxSteps} step|steps`,
    'batch size': batchSize,
    optimizer: isJsonObject(optimizer) ? optimizer.name : undefined,
    seed,
  };
  return Object.fromEntries(
    Object.entries(shown).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [[name, String(value)]],
    ),
  );
}

/** Values by name, in a line. */
export const listed = (values: Readonly<Record<string, unknown>>): string =>
  Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
