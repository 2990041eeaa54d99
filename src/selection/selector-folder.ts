/** @file A selector's folder: selector.json (what it chooses from, for which model), selector.safetensors, losses/. */

import * as z from 'zod';
import { fileSystem, join, relative, resolve, sep } from '#platform';
import { FileError, UsageError } from '../errors.js';
import { isTemporaryName, listFolder, systemErrorCode, writeJsonAtomic } from '../formats/files.js';
import { readJsonObject } from '../formats/json.js';
import { readFloat32, readSafetensorsHeader, writeSafetensors } from '../formats/safetensors.js';
import type { LanguageModel } from '../models/model.js';
import { say } from '../say.js';
import { fileFields } from '../schema-problems.js';
import { candidatesSchema } from './candidates.js';
import { createNetwork, type Network, type NetworkSizes, selectorKinds } from './network.js';

const configName = 'selector.json';
const weightsName = 'selector.safetensors';
const lossesName = 'losses';

const descriptionSchema = z.object({
  selector: z.enum(selectorKinds),
  width: z.int().positive(),
  layers: z.int().positive(),
  /** The frozen model whose states it reads. */
  model: z.object({
    name: z.string(),
    hiddenSize: z.int().positive(),
    numLayers: z.int().positive(),
    vocabSize: z.int().positive(),
  }),
  inputField: z.string().min(1),
  temperature: z.number().positive(),
  seed: z.int(),
  bestEpoch: z.int().positive(),
  /** Adapters' folders are stored relative to the selector's. */
  candidates: candidatesSchema,
});

/** The content of selector.json, with adapters' folders as resolved paths. */
export type SelectorDescription = z.output<typeof descriptionSchema>;

export const lossesFolder = (folder: string) => join(folder, lossesName);

export const describeModel = ({ name, config }: LanguageModel): SelectorDescription['model'] => ({
  name,
  hiddenSize: config.hiddenSize,
  numLayers: config.numLayers,
  vocabSize: config.vocabSize,
});

export function sizesOf(
  {
    selector,
    width,
    layers,
    candidates,
  }: Pick<SelectorDescription, 'selector' | 'width' | 'layers' | 'candidates'>,
  { config }: LanguageModel,
): NetworkSizes {
  const { hiddenSize } = config;
  return { kind: selector, candidates: candidates.length, hiddenSize, width, layers };
}

/**
 * Refuses a folder with something else in it, or with a selector unless `overwrite` is set. A folder with only losses
 * is that of an interrupted training, which continues from them.
 */
export async function checkSelectorFolder(folder: string, { overwrite = false }: { overwrite?: boolean }) {
  let names: string[] = [];
  try {
    names = await fileSystem.list(folder);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOTDIR')
      throw new UsageError(say`${folder} is a file, expected a folder for the selector`, {
        code: 'already-exists',
      });
    if (code !== 'ENOENT') throw error;
  }
  const own = [configName, weightsName, lossesName];
  const foreign = names.find((name) => !own.includes(name) && !isTemporaryName(name));
  if (foreign !== undefined)
    throw new UsageError(
      say`${folder} is not empty and not a selector's folder (it holds "${foreign}"): choose another
        output folder`,
      { code: 'already-exists' },
    );
  if (names.includes(configName) && !overwrite)
    throw new UsageError(
      say`${folder} already holds a selector: overwrite it (its losses are used again), or choose
        another output folder`,
      { code: 'already-exists' },
    );
}

/** selector.json is written last and removed first, so if it exists, the weights belong to it. */
export async function writeSelectorFolder(
  folder: string,
  description: SelectorDescription,
  { tensors, fixed }: Network,
): Promise<void> {
  await fileSystem.remove(join(folder, configName));
  await writeSafetensors(join(folder, weightsName), new Map([...tensors, ...fixed]));
  const candidates = description.candidates.map((candidate) =>
    candidate.adapter === undefined
      ? candidate
      : { ...candidate, adapter: relative(resolve(folder), resolve(candidate.adapter)).split(sep).join('/') },
  );
  await writeJsonAtomic(join(folder, configName), { ...description, candidates });
}

/**
 * Reads selector.json only.
 * @throws FileError if the folder is not a selector's, or the file is not valid
 */
export async function readSelectorDescription(folder: string): Promise<SelectorDescription> {
  const names = await listFolder(folder, say`a selector folder`);
  const path = join(folder, configName);
  if (!names.has(configName))
    throw new FileError(
      path,
      undefined,
      names.has(lossesName)
        ? say`the file is missing, so training was interrupted; train again, which reuses the computed
          losses`
        : say`the file is missing, so this is not a selector folder`,
    );
  const description = fileFields(descriptionSchema, await readJsonObject(path), path);
  const candidates = description.candidates.map((candidate) =>
    candidate.adapter === undefined ? candidate : { ...candidate, adapter: join(folder, candidate.adapter) },
  );
  return { ...description, candidates };
}

/** @throws FileError if the weights do not match selector.json, or the model is a different one */
export async function readSelectorFolder(
  folder: string,
  model: LanguageModel,
): Promise<{ description: SelectorDescription; network: Network }> {
  const description = await readSelectorDescription(folder);
  const found = describeModel(model);
  for (const key of ['hiddenSize', 'numLayers', 'vocabSize'] as const) {
    if (description.model[key] === found[key]) continue;
    const learned = say`it was trained on the states of ${description.model.name}, with ${key}
      ${description.model[key]}`;
    const problem = say`${learned}, but ${model.name} has ${found[key]}; use the model that it was trained with`;
    throw new FileError(join(folder, configName), `model.${key}`, problem);
  }
  const network = createNetwork(sizesOf(description, model), 0);
  const path = join(folder, weightsName);
  const file = await readSafetensorsHeader(path);
  for (const [name, tensor] of [...network.tensors, ...network.fixed]) {
    const shape = file.tensors.get(name)?.shape;
    if (`${shape}` !== `${tensor.shape}`) {
      const what = shape
        ? say`it is [${shape.join(', ')}]`
        : say`it is missing; found ${[...file.tensors.keys()].join(', ') || 'none'}`;
      const problem = say`expected [${tensor.shape.join(', ')}], ${what}; ${configName} belongs to another file`;
      throw new FileError(path, name, problem);
    }
    const { data } = await readFloat32(file, name);
    if (!data.every(Number.isFinite)) throw new FileError(path, name, say`the tensor holds NaN or Infinity`);
    tensor.data.set(data);
  }
  return { description, network };
}
