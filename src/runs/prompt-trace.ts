/**
 * @file How a prompt moves while it learns: its vectors before the first step, every so many steps and at the end, each
 *   time in a file of its own in the run's folder. 20 vectors of 768 numbers take 61 kB.
 */
import { fileSystem, join } from '#platform';
import { type PromptAtStep, vectorsIn } from '../adapters/prompt-vectors.js';
import type { Learner } from '../attach/method.js';
import { writeFileAtomic } from '../formats/files.js';
import { readFloat32, readSafetensorsHeader, safetensorsChunks } from '../formats/safetensors.js';
import type { LanguageModel } from '../models/model.js';
import type { Observer } from '../training/train.js';

/** Folder of the snapshots, in a run's. */
export const traceName = 'trace';

/** As in an adapter of PEFT. */
const tensorName = 'prompt_embeddings';

export interface TracerOptions extends Required<Pick<Observer, 'every'>> {
  /** The run's. */
  readonly folder: string;
  readonly model: LanguageModel;
  readonly learner: Learner;
}

/** Keeps the vectors of a learner; nothing where it has none in the space of the model's embeddings. */
export function createTracer({ folder, model, learner, every }: TracerOptions): Observer {
  let taken: readonly number[] = [];
  return {
    every,
    async begin(step) {
      const before = await tracedSteps(folder);
      taken = before.filter((each) => each <= step);
      for (const later of before.filter((each) => each > step))
        await fileSystem.remove(pathAt(folder, later));
    },
    async at(step) {
      if (taken.includes(step)) return;
      const vectors = vectorsIn(await learner.content(), model.config.hiddenSize);
      if (!vectors) return;
      taken = [...taken, step];
      await fileSystem.makeFolder(join(folder, traceName));
      await writeFileAtomic(pathAt(folder, step), safetensorsChunks(new Map([[tensorName, vectors]])));
    },
  };
}

/**
 * The snapshots of a run, in the order of steps; none for one that keeps no trace.
 * @throws FileError for a file that is damaged
 */
export async function readTrace(folder: string): Promise<PromptAtStep[]> {
  const snapshots: PromptAtStep[] = [];
  for (const step of await tracedSteps(folder)) {
    const path = pathAt(folder, step);
    const file = await readSafetensorsHeader(path);
    snapshots.push({ step, vectors: await readFloat32(file, tensorName) });
  }
  return snapshots;
}

const pathAt = (folder: string, step: number) =>
  join(folder, traceName, `step-${String(step).padStart(6, '0')}.safetensors`);

async function tracedSteps(folder: string): Promise<number[]> {
  const names: readonly string[] = await fileSystem.list(join(folder, traceName)).catch(() => []);
  const steps = names.flatMap((name) => /^step-(\d{6,})\.safetensors$/.exec(name)?.[1] ?? []);
  return steps.map(Number).sort((a, b) => a - b);
}
