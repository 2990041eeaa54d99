/** @file Lists local models, and looks up models by name. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { embeddedModel } from '../embedded-model.js';
import { PromptuneError } from '../errors.js';
import { cachedSnapshots, defaultCacheDir, findSnapshot, modelCache, shardIndex, shardsOf } from './cache.js';
import { describeModel, folderBytes, type ModelDescription, textOf } from './describe-model.js';
import { type ModelPlan, planDownload } from './download-model.js';
import { embeddedFolder } from './embedded-model.js';
import type { Hub } from './request.js';
import { askHub, type LocatedModel, locateModel, type ResolveModelOptions } from './resolve-model.js';

export interface PresentModel extends ModelDescription {
  readonly name: string;
  readonly source: LocatedModel['source'];
  /** Or the path of a GGUF file. */
  readonly path: string;
  /** For a model of the Hub. */
  readonly commit?: string;
  /** The branches and tags that name the commit; none are needed. */
  readonly revisions?: readonly string[];
  /** Why it cannot be used. Its family and dtype are then unknown. */
  readonly problem?: string;
}

/** The embedded model, and every snapshot of the Hugging Face cache, including incomplete ones. */
export async function listModels({
  cacheDir = defaultCacheDir(),
  embeddedDir,
}: Pick<ResolveModelOptions, 'cacheDir' | 'embeddedDir'> = {}): Promise<PresentModel[]> {
  const embedded = await embeddedFolder(embeddedDir);
  const models: PresentModel[] = [
    { name: embeddedModel, source: 'embedded', path: embedded, ...(await describeModel(embedded)) },
  ];
  for (const { name, commit, revisions } of await cachedSnapshots(cacheDir)) {
    const cache = modelCache(cacheDir, name);
    const path = join(cache, 'snapshots', commit);
    const described = await describeSnapshot(cache, commit, path);
    models.push({ name, source: 'cache', path, commit, revisions, ...described });
  }
  return models;
}

/** An unusable model is described by its problem, so that it does not hide the others. */
async function describeSnapshot(
  cache: string,
  commit: string,
  path: string,
): Promise<ModelDescription & { problem?: string }> {
  try {
    const found = await findSnapshot(cache, commit);
    if ('folder' in found) return await describeModel(path);
    return { bytes: await folderBytes(path), problem: found.missing };
  } catch (error) {
    if (!(error instanceof PromptuneError)) throw error;
    return { bytes: await folderBytes(path), problem: error.message };
  }
}

/** A model that could be downloaded. */
export interface RemoteModel {
  readonly name: string;
  readonly source: 'hub';
  readonly page: string;
  readonly commit: string;
  /** `model_type` of config.json. */
  readonly family?: string;
  /** The type of the weights according to config.json. */
  readonly dtype?: string;
  /** The files to download, and how much of each is in the cache. */
  readonly files: readonly { readonly file: string; readonly bytes: number; readonly presentBytes: number }[];
}

/**
 * Looks up a name: a local model, or one on the Hub, of which only the list of files and the configurations are read.
 * Nothing is stored.
 * @throws PromptuneError like `resolveModel` if it is neither
 */
export async function lookUpModel(
  name: string,
  options: ResolveModelOptions = {},
): Promise<PresentModel | RemoteModel> {
  const found = await locateModel(name, options);
  if (!('folder' in found))
    return askHub(name, options, found, async ({ revision, cache, hub }) => {
      const plan = await planDownload(name, revision, hub);
      return {
        name,
        source: 'hub',
        page: `${hub.endpoint}/${name}`,
        ...(await describePlan(plan, cache, hub)),
      };
    });
  const { folder: path, source, revision: commit } = found;
  return { name, source, path, commit, ...(await describeModel(path)) };
}

async function describePlan(plan: ModelPlan, cache: string, { request }: Hub) {
  const { commit, small, weights, remote } = plan;
  const read = async (file: string) => (await request(remote(file).url)).text();
  const config = JSON.parse(await read('config.json')) as Record<string, unknown>;
  const shards = weights === shardIndex ? shardsOf(await read(shardIndex)) : [weights];
  const files = [...small.keys(), ...shards].map(async (file) => {
    const { size, hash } = remote(file);
    const blob = join(cache, 'blobs', hash);
    const present = await sizeOf(blob).catch(() => sizeOf(`${blob}.incomplete`).catch(() => 0));
    return { file, bytes: size, presentBytes: Math.min(present, size) };
  });
  return {
    commit,
    family: textOf(config.model_type),
    dtype: textOf(config.dtype) ?? textOf(config.torch_dtype), // the former since transformers 5
    files: await Promise.all(files),
  };
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path)).size;
}
