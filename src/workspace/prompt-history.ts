/** @file Where the vectors of a run's prompt were: at their start, which its settings tell, and at checkpoints. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PromptuneError } from '../errors.js';
import { type PromptAtStep, promptVectors } from '../evaluation/prompt-map.js';
import type { Pretrained } from '../open-pretrained.js';
import { readCheckpoint } from '../runs/checkpoint.js';
import { createLearner } from '../runs/create-learner.js';
import { readRun } from '../runs/read-run.js';
import { type RunOptions, resolveRunConfig } from '../runs/run-config.js';
import { resumedSettings } from '../runs/run-folder.js';
import { restoreTensors } from '../training/restore.js';

export interface PromptHistory {
  /** In the order of steps. */
  readonly earlier: readonly PromptAtStep[];
  /** Why not all of it is known. */
  readonly note?: string;
}

/**
 * The vectors of a run before `step`, that of its adapter.
 * @param folder the run's
 */
export async function promptHistory(
  folder: string,
  step: number,
  { model, tokenizer }: Pretrained,
): Promise<PromptHistory> {
  const earlier: PromptAtStep[] = [];
  try {
    const run = await readRun(folder);
    if (!run) return { earlier, note: 'the adapter is in no folder of a run' };
    const {
      model: _,
      output: _folder,
      data: _data,
      validation: _validation,
      ...settings
    } = resumedSettings(run.config);
    // What it starts from does not depend on its data, which may be gone.
    const config = resolveRunConfig({ ...settings, data: [] } as RunOptions);
    const learner = await createLearner(config, { model, tokenizer });
    const vectorsNow = async () => structuredClone(promptVectors(await learner.content(), model));
    earlier.push({ step: 0, vectors: await vectorsNow() });
    for (const at of await checkpointsBefore(step, folder)) {
      const { trainable } = await readCheckpoint(at.folder, at.step);
      restoreTensors(learner.tensors, trainable, 'checkpoint');
      earlier.push({ step: at.step, vectors: await vectorsNow() });
    }
    return { earlier };
  } catch (error) {
    if (!(error instanceof PromptuneError)) throw error;
    return { earlier, note: error.message };
  }
}

async function checkpointsBefore(
  last: number,
  run: string,
): Promise<{ readonly step: number; readonly folder: string }[]> {
  const checkpoints = join(run, 'checkpoints');
  const names: readonly string[] = await readdir(checkpoints).catch(() => []);
  return names
    .flatMap((name) => {
      const [, step] = /^step-(\d+)$/.exec(name) ?? [];
      return step === undefined ? [] : [{ step: Number(step), folder: join(checkpoints, name) }];
    })
    .filter(({ step }) => step > 0 && step < last)
    .sort((a, b) => a.step - b.step);
}
