/** @file One cell: trains like `trainFromConfig`, resuming if possible, scores the adapter, and writes the result. */
import { fileSystem, host, join } from '#platform';
import { loadAdapter } from '../adapters/load-adapter.js';
import { type EvaluationOptions, evaluate } from '../evaluation/evaluate.js';
import { writePredictions } from '../evaluation/predictions.js';
import { loadModel } from '../loading/load-model.js';
import type { RunInputs } from '../loss/dataset-options.js';
import { methodNamed } from '../methods/registry.js';
import { readRun } from '../runs/read-run.js';
import { trainFromConfig } from '../runs/train-adapter.js';
import type { RunSummary, TrainingEvent } from '../training/events.js';
import { type Cell, type CellResult, predictionsName, writeResult } from './cells.js';

export interface RunCellOptions extends Pick<RunInputs, 'model' | 'tokenizer' | 'signal'> {
  /** Progress of training, with the loss of the step, then of scoring. */
  onProgress?: (progress: { what: 'step' | 'row'; done: number; total: number; loss?: number }) => void;
  /** Called with notes about what is ignored in the training records. */
  onNote?: (note: string) => void;
  /** Called when a checkpoint is written, and when the run goes on from one. */
  onSaved?: (event: TrainingEvent & { type: 'checkpoint' | 'resumed' }) => void;
}

/**
 * Trains and scores a cell. The memory is the whole process's, so use one process per cell.
 * @returns undefined if the signal stopped the training; its progress is saved
 */
export async function runCell(cell: Cell, options: RunCellOptions): Promise<CellResult | undefined> {
  const { folder, settings } = cell;
  const { model, tokenizer, signal, onProgress = () => {}, onNote, onSaved } = options;
  const { model: _, run, test, reading, ...scoring } = settings;
  let trained = { trainExamples: 0, trainableParameters: 0, steps: 0, seconds: 0 };
  let tuned: Pick<EvaluationOptions, 'model' | 'adapter'> = { model };
  if (run) {
    let summary: RunSummary | undefined;
    const onEvent = (event: TrainingEvent) => {
      if (event.type === 'start') {
        summary = event;
        for (const note of event.notes ?? []) onNote?.(note);
      }
      if (event.type === 'step') {
        const { step: done, totalSteps: total, loss } = event;
        onProgress({ what: 'step', done, total, loss });
      }
      if (event.type === 'checkpoint' || event.type === 'resumed') onSaved?.(event);
    };
    const output = join(folder, 'run');
    const resume = (await fileSystem.stat(join(output, 'config.yaml'))) !== undefined;
    const { stopped, adapterPath, step } = await trainFromConfig({
      ...run,
      model,
      tokenizer,
      signal,
      output,
      resume,
      onEvent,
    });
    if (stopped) return undefined;
    const { examples: trainExamples, trainableParameters } = summary!;
    const seconds = (await readRun(output))?.seconds ?? 0;
    trained = { trainExamples, trainableParameters, steps: step, seconds };
    tuned = methodNamed(run.method).savesModel
      ? { model: await loadModel(adapterPath, model.name, { signal }) }
      : { model, adapter: await loadAdapter(adapterPath, model, { signal }) };
  }
  const peakMemoryBytes = host.memoryUsage().peakBytes;
  const evaluation = await evaluate({
    ...tuned,
    tokenizer,
    data: test,
    ...scoring,
    ...reading,
    signal,
    onProgress: (progress) => onProgress({ what: 'row', ...progress }),
  });
  await writePredictions(join(folder, predictionsName), evaluation);
  const scores = Object.fromEntries(
    Object.entries(evaluation.scores).map(([name, { value }]) => [name, value]),
  );
  const result = { scores, rows: evaluation.rows.length, ...trained, peakMemoryBytes };
  await writeResult(folder, result);
  return result;
}
