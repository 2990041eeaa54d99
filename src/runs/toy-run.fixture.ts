/** @file A whole run of the toy model, with every part that a real one has. */
import { join } from 'node:path';
import { writeFolderAtomic } from '../formats/files.js';
import { writeSafetensors } from '../formats/safetensors.js';
import { trainingSchema } from '../training/config.js';
import type { TrainingEvent } from '../training/events.js';
import { type ToyStep, toyDataset, toyStep } from '../training/toy-step.fixture.js';
import { type TrainOptions, type TrainResult, train } from '../training/train.js';
import { type OpenRunFolderOptions, openRunFolder } from './run-folder.js';

export interface ToyRunOptions
  extends Partial<TrainOptions>,
    Pick<OpenRunFolderOptions, 'resume' | 'overwrite'> {
  /** Replaces the step's own; see `toyStep`. */
  onCall?: Parameters<typeof toyStep>[0];
}

export interface ToyRun {
  result: TrainResult;
  step: ToyStep;
  events: TrainingEvent[];
}

/** 40 steps in 8 epochs of 10 micro-batches, with a validation and a checkpoint every few steps. */
export async function toyRun(path: string, options: ToyRunOptions = {}): Promise<ToyRun> {
  const { resume, overwrite, onCall, ...changes } = options;
  const step = toyStep(onCall);
  const events: TrainingEvent[] = [];
  const config = trainingSchema.parse({
    learningRate: 0.5,
    optimizer: { name: 'adamw' },
    schedule: { name: 'cosine', warmupSteps: 5 },
    batchSize: 4,
    gradientAccumulationSteps: 2,
    epochs: 8,
    evalEvery: 4,
    saveEvery: 3,
    earlyStoppingPatience: 0,
  });
  const runFolder = await openRunFolder(path, {
    config: { ...config, learningRate: changes.learningRate ?? 0.5 },
    resume,
    overwrite,
  });
  try {
    const result = await train({
      ...config,
      step,
      dataset: toyDataset(38),
      validation: toyDataset(11, 2),
      store: runFolder,
      saveAdapter: () =>
        writeFolderAtomic(runFolder.adapterPath, (temporary) =>
          writeSafetensors(join(temporary, 'adapter.safetensors'), step.trainable),
        ),
      onEvent: (event) => events.push(event),
      ...changes,
    });
    return { result, step, events };
  } finally {
    await runFolder.close();
  }
}
