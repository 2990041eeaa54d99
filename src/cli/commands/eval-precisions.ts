/** @file `promptune eval --dtype fp32,q8,q4`: what keeping a model in fewer bits costs, and what it saves. */

import { host } from '#platform';
import { evaluateLoss, type LossResult } from '../../evaluation/loss.js';
import { type LanguageModel, type ModelDtype, weightBytes } from '../../index.js';
import type { Dataset } from '../../text/dataset.js';
import { formatBytes } from '../terminal/format.js';

export interface PrecisionFigures extends LossResult {
  readonly dtype: ModelDtype;
  /** Size of the weights as they are kept, in bytes; they are mapped from their files. */
  readonly weightBytes: number;
  /** The most that the process held in memory of its own after a batch. */
  readonly privateBytes: number;
  /** Until the model was found and its files were ready, a first conversion included. */
  readonly loadSeconds: number;
  /** Of the evaluation, the session's creation included. */
  readonly seconds: number;
}

/** The figures of one precision. */
export async function figuresOf(
  model: LanguageModel,
  loadSeconds: number,
  options: Omit<Parameters<typeof evaluateLoss>[0], 'model' | 'dataset'> & { dataset: Dataset },
): Promise<PrecisionFigures> {
  let privateBytes = 0;
  const start = performance.now();
  const result = await evaluateLoss({
    ...options,
    model,
    onProgress: (progress) => {
      privateBytes = Math.max(privateBytes, host.memoryUsage().privateBytes);
      options.onProgress?.(progress);
    },
  });
  const seconds = (performance.now() - start) / 1000;
  const { dtype } = model;
  return { dtype, ...result, weightBytes: weightBytes(model), privateBytes, loadSeconds, seconds };
}

export function printPrecisions(figures: readonly PrecisionFigures[]): void {
  const first = figures[0]!;
  const rows = figures.map((row) => [
    row.dtype,
    row.loss.toFixed(4),
    row.perplexity.toFixed(2),
    row === first ? '' : `${signed(100 * (row.perplexity / first.perplexity - 1))} %`,
    formatBytes(row.weightBytes),
    formatBytes(row.privateBytes),
    `${row.loadSeconds.toFixed(1)} s`,
    `${row.seconds.toFixed(1)} s`,
  ]);
  const titles = ['dtype', 'loss', 'perplexity', '', 'weights', 'private', 'load', 'evaluation'];
  for (const row of [titles, ...rows])
    console.log(row.map((cell, i) => (i === 0 ? cell.padEnd(8) : cell.padStart(12))).join(''));
}

const signed = (x: number) => `${x < 0 ? '' : '+'}${x.toFixed(2)}`;
