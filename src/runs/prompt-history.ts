/** @file Where the vectors of a run's prompt were: by its trace, or else at its start and at its checkpoints. */
import { fileSystem, join } from '#platform';
import { type PromptAtStep, promptVectors } from '../adapters/prompt-vectors.js';
import { PromptuneError } from '../errors.js';
import type { LanguageModel } from '../models/model.js';
import { say } from '../say.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { restoreTensors } from '../training/restore.js';
import { readCheckpoint } from './checkpoint.js';
import { readTrace } from './prompt-trace.js';
import { readRun } from './read-run.js';
import { learnerAtStart } from './start-of-run.js';

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
  pretrained: { model: LanguageModel; tokenizer: Tokenizer },
): Promise<PromptHistory> {
  const isEarlier = (at: { step: number }) => at.step < step;
  const earlier: PromptAtStep[] = [];
  try {
    const trace = (await readTrace(folder)).filter(isEarlier);
    if (trace.length > 0) return { earlier: trace };
    const run = await readRun(folder);
    if (!run) return { earlier, note: say`the adapter is in no folder of a run` };
    const learner = await learnerAtStart(run.config, pretrained);
    const vectorsNow = async () => structuredClone(promptVectors(await learner.content(), pretrained.model));
    earlier.push({ step: 0, vectors: await vectorsNow() });
    for (const at of (await checkpointsOf(folder)).filter(isEarlier)) {
      const { trainable } = await readCheckpoint(at.folder, at.step);
      const ofMethod = [...trainable].filter(([name]) => learner.tensors.has(name)); // not of the head
      restoreTensors(learner.tensors, new Map(ofMethod), 'checkpoint');
      earlier.push({ step: at.step, vectors: await vectorsNow() });
    }
    return { earlier };
  } catch (error) {
    if (!(error instanceof PromptuneError)) throw error;
    return { earlier, note: error.message };
  }
}

async function checkpointsOf(run: string): Promise<{ readonly step: number; readonly folder: string }[]> {
  const checkpoints = join(run, 'checkpoints');
  const names: readonly string[] = await fileSystem.list(checkpoints).catch(() => []);
  return names
    .flatMap((name) => {
      const [, step] = /^step-(\d+)$/.exec(name) ?? [];
      return step === undefined ? [] : [{ step: Number(step), folder: join(checkpoints, name) }];
    })
    .sort((a, b) => a.step - b.step);
}
