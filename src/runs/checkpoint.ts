/** @file A checkpoint: everything a run needs to resume as if it had not stopped, in a folder of three files. */

import { z } from 'zod';
import { join } from '#platform';
import { FileError } from '../errors.js';
import { writeFolderAtomic, writeJsonAtomic } from '../formats/files.js';
import { readJsonObject } from '../formats/json.js';
import { readSafetensorsHeader, readTensor, writeSafetensors } from '../formats/safetensors.js';
import type { Tensor } from '../tensor.js';
import { type Checkpoint, stateSchema } from '../training/run-store.js';

/** `metricsLines`: number of lines of metrics.jsonl up to this checkpoint. */
const stateFileSchema = z.strictObject({ ...stateSchema.shape, metricsLines: z.int().nonnegative() });

/** Writes `folder` atomically. */
export async function writeCheckpoint(
  folder: string,
  { state, trainable, optimizer }: Checkpoint,
  metricsLines: number,
): Promise<void> {
  await writeFolderAtomic(folder, async (temporary) => {
    await writeSafetensors(join(temporary, 'trainable.safetensors'), trainable);
    await writeSafetensors(join(temporary, 'optimizer.safetensors'), optimizer);
    await writeJsonAtomic(join(temporary, 'state.json'), { ...state, metricsLines });
  });
}

/** Throws a FileError if a file is missing, truncated or invalid. */
export async function readCheckpoint(folder: string): Promise<Checkpoint & { metricsLines: number }> {
  const { metricsLines, ...state } = await readState(join(folder, 'state.json'));
  const trainable = await readTensors(join(folder, 'trainable.safetensors'));
  const optimizer = await readTensors(join(folder, 'optimizer.safetensors'));
  return { state, trainable, optimizer, metricsLines };
}

async function readState(path: string): Promise<z.infer<typeof stateFileSchema>> {
  const parsed = stateFileSchema.safeParse(await readJsonObject(path));
  if (parsed.success) return parsed.data;
  throw new FileError(path, undefined, `expected a training state: ${z.prettifyError(parsed.error)}`);
}

async function readTensors(path: string): Promise<Map<string, Tensor>> {
  const file = await readSafetensorsHeader(path);
  const tensors = new Map<string, Tensor>();
  for (const name of file.tensors.keys()) tensors.set(name, await readTensor(file, name));
  return tensors;
}
