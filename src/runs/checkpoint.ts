/** @file A checkpoint: everything a run needs to resume as if it had not stopped, in a folder of three files. */

import * as z from 'zod';
import { join, sha256 } from '#platform';
import { FileError } from '../errors.js';
import { fileDigest } from '../formats/digest.js';
import { writeFileAtomic, writeFolderAtomic, writeJsonAtomic } from '../formats/files.js';
import { readJsonObject } from '../formats/json.js';
import { readSafetensorsHeader, readTensor, safetensorsChunks } from '../formats/safetensors.js';
import { say } from '../say.js';
import type { Tensor } from '../tensor.js';
import { type Checkpoint, stateSchema } from '../training/run-store.js';

const tensorFiles = ['trainable', 'optimizer'] as const;
type TensorFile = (typeof tensorFiles)[number];

/**
 * `metricsLines`: how many lines of metrics.jsonl belong to the run up to here. `sha256`: of the files with tensors;
 * earlier versions did not note it.
 */
const stateFileSchema = z.strictObject({
  ...stateSchema.shape,
  metricsLines: z.int().nonnegative(),
  sha256: z.strictObject({ trainable: z.string(), optimizer: z.string() }).optional(),
});

/** Writes `folder` atomically. */
export async function writeCheckpoint(
  folder: string,
  { state, ...tensors }: Checkpoint,
  metricsLines: number,
): Promise<void> {
  await writeFolderAtomic(folder, async (temporary) => {
    const digests: Partial<Record<TensorFile, string>> = {};
    for (const name of tensorFiles) {
      const chunks = safetensorsChunks(tensors[name]);
      const hash = sha256();
      for (const chunk of chunks) hash.update(chunk);
      digests[name] = hash.hex();
      await writeFileAtomic(pathOf(temporary, name), chunks);
    }
    await writeJsonAtomic(join(temporary, 'state.json'), { ...state, metricsLines, sha256: digests });
  });
}

const pathOf = (folder: string, name: TensorFile) => join(folder, `${name}.safetensors`);

/**
 * @param step that of the folder's name
 * @throws FileError where a file is missing, truncated, damaged or not what it should be
 */
export async function readCheckpoint(
  folder: string,
  step: number,
): Promise<Checkpoint & { metricsLines: number }> {
  const path = join(folder, 'state.json');
  const { metricsLines, sha256: digests, ...state } = await readState(path);
  if (state.step !== step) throw new FileError(path, 'step', say`expected ${step}, as in the folder's name`);
  for (const [key, at] of [
    ['validatedStep', state.validatedStep] as const,
    ['best.step', state.best?.step ?? 0] as const,
  ])
    if (at < 0 || at > step)
      throw new FileError(path, key, say`expected a step from 0 to ${step}, got ${at}`);
  for (const name of tensorFiles) {
    const file = pathOf(folder, name);
    if (digests && (await fileDigest(file)) !== digests[name])
      throw new FileError(
        file,
        undefined,
        say`it is damaged: its SHA-256 is not the one that state.json has of it`,
      );
  }
  const trainable = await readTensors(pathOf(folder, 'trainable'));
  const optimizer = await readTensors(pathOf(folder, 'optimizer'));
  return { state, trainable, optimizer, metricsLines };
}

async function readState(path: string): Promise<z.infer<typeof stateFileSchema>> {
  const parsed = stateFileSchema.safeParse(await readJsonObject(path));
  if (parsed.success) return parsed.data;
  throw new FileError(path, undefined, say`expected a training state: ${z.prettifyError(parsed.error)}`);
}

async function readTensors(path: string): Promise<Map<string, Tensor>> {
  const file = await readSafetensorsHeader(path);
  const tensors = new Map<string, Tensor>();
  for (const name of file.tensors.keys()) tensors.set(name, await readTensor(file, name));
  return tensors;
}
