/**
 * @file The Hugging Face cache in huggingface_hub's layout, so that Python and Promptune share downloads:
 *   models--owner--name/{refs/<revision>, snapshots/<commit>/<file>, blobs/<hash>}. Files of a snapshot are links to
 *   blobs.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, relative } from 'node:path';
import { FileError } from '../errors.js';
import { say } from '../say.js';

/** The folder of everything of Hugging Face's: the token and, by default, the cache. */
export function huggingFaceHome(): string {
  const { HF_HOME, XDG_CACHE_HOME } = process.env;
  return HF_HOME || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'huggingface');
}

export function defaultCacheDir(): string {
  return process.env.HF_HUB_CACHE || join(huggingFaceHome(), 'hub');
}

/** The folder of one model's revisions. */
export function modelCache(cacheDir: string, name: string): string {
  return join(cacheDir, `models--${name.replaceAll('/', '--')}`);
}

export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

export interface Snapshot {
  readonly folder: string;
  readonly commit: string;
}

/** The snapshot of a revision (a branch, a tag or a commit), or why none is usable. */
export async function findSnapshot(
  cache: string,
  revision: string,
): Promise<Snapshot | { readonly missing: string }> {
  const commit = isCommit(revision) ? revision : await readRef(cache, revision);
  if (commit === undefined) return { missing: say`it has no revision "${revision}"` };
  const folder = join(cache, 'snapshots', commit);
  const file = await missingFile(folder);
  return file ? { missing: say`${file} is missing in its snapshot ${commit}` } : { folder, commit };
}

async function readRef(cache: string, revision: string): Promise<string | undefined> {
  const commit = await readFile(join(cache, 'refs', revision), 'utf8').catch(() => '');
  return isCommit(commit.trim()) ? commit.trim() : undefined;
}

/** The first missing file that a model needs. A snapshot is incomplete during its download. */
async function missingFile(folder: string): Promise<string | undefined> {
  if (!(await isFile(join(folder, 'config.json')))) return 'config.json';
  if (await isFile(join(folder, singleFile))) return undefined;
  if (!(await isFile(join(folder, shardIndex)))) return singleFile;
  for (const shard of await shardNames(folder)) if (!(await isFile(join(folder, shard)))) return shard;
  return undefined;
}

export const singleFile = 'model.safetensors';
export const shardIndex = 'model.safetensors.index.json';

/** The files over which a model's weights are spread, by its index. */
export async function shardNames(folder: string): Promise<Set<string>> {
  const path = join(folder, shardIndex);
  try {
    return shardsOf(await readFile(path, 'utf8'));
  } catch (error) {
    throw new FileError(path, 'weight_map', say`the index of the weights cannot be read`, { cause: error });
  }
}

/** The same, of the index's text. */
export function shardsOf(index: string): Set<string> {
  const { weight_map } = JSON.parse(index) as { weight_map?: Record<string, string> };
  if (!weight_map) throw new SyntaxError('the index of the weights has no weight_map');
  return new Set(Object.values(weight_map).map(String));
}

/** What is in the cache as the models' folders: each name, and its snapshots with the revisions that name them. */
export async function cachedSnapshots(
  cacheDir: string,
): Promise<{ name: string; commit: string; revisions: string[] }[]> {
  const found = [];
  for (const entry of (await namesIn(cacheDir)).filter((name) => name.startsWith('models--'))) {
    const cache = join(cacheDir, entry);
    const refs = await revisionsOf(join(cache, 'refs'));
    for (const commit of (await namesIn(join(cache, 'snapshots'))).filter(isCommit)) {
      const revisions = refs.filter((ref) => ref.commit === commit).map(({ revision }) => revision);
      found.push({ name: entry.slice('models--'.length).replaceAll('--', '/'), commit, revisions });
    }
  }
  return found;
}

/** A revision's name may have slashes, and is then a path in `refs`. */
async function revisionsOf(refs: string): Promise<{ revision: string; commit: string }[]> {
  const entries = await readdir(refs, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(
    files.map(async ({ parentPath, name }) => ({
      revision: relative(refs, join(parentPath, name)).replaceAll('\\', '/'),
      commit: (await readFile(join(parentPath, name), 'utf8').catch(() => '')).trim(),
    })),
  );
}

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
