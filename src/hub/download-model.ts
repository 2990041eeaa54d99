/** @file Downloads the files of a model that Promptune uses, and nothing else of its repository, into the cache. */
import { randomUUID } from 'node:crypto';
import { link, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { listFiles, modelInfo } from '@huggingface/hub';
import { PromptuneError } from '../errors.js';
import { say } from '../say.js';
import { isCommit, type Snapshot, shardIndex, shardNames, singleFile } from './cache.js';
import { downloadFile, type RemoteFile } from './download-file.js';
import { type Hub, HubResponseError } from './request.js';

export interface DownloadProgress {
  /** The file's name in the repository. */
  readonly file: string;
  /** Bytes of this file that are on disk, those of an earlier attempt included. */
  readonly loadedBytes: number;
  readonly totalBytes: number;
}

export interface DownloadModelOptions {
  readonly name: string;
  readonly revision: string;
  /** The model's folder in the cache. */
  readonly cache: string;
  readonly hub: Hub;
  readonly onProgress?: (progress: DownloadProgress) => void;
}

/** The files that a download of a model would fetch. */
export interface ModelPlan {
  readonly commit: string;
  /** Configuration and tokenizer, by name. */
  readonly small: ReadonlyMap<string, RemoteFile>;
  /** The file with the weights, or the index of their shards, which is among the small files. */
  readonly weights: string;
  /** The file of that name. Throws a PromptuneError if the repository does not have it. */
  remote(file: string): RemoteFile;
}

/** Asks the Hub for the list of a model's files, without downloading. */
export async function planDownload(name: string, revision: string, hub: Hub): Promise<ModelPlan> {
  const commit = await commitOf(name, revision, hub);
  const files = await remoteFiles(name, commit, hub);
  const weights = weightsFile(name, files);
  return {
    commit,
    small: new Map([...files].filter(([file]) => isSmall(file))),
    weights,
    remote: (file) => {
      const remote = files.get(file);
      if (remote) return remote;
      throw new PromptuneError(
        say`${name}: ${shardIndex} names ${file}, but the repository does not have it`,
        { code: 'damaged-file' },
      );
    },
  };
}

/** Configuration and tokenizer come first, then the weights, and the revision's name last, which marks completeness. */
export async function downloadModel(options: DownloadModelOptions): Promise<Snapshot> {
  const { name, revision, cache, hub } = options;
  const { commit, small, weights, remote: remoteOf } = await planDownload(name, revision, hub);
  const folder = join(cache, 'snapshots', commit);

  const fetchIntoSnapshot = async (file: string, remote: RemoteFile) => {
    const blob = join(cache, 'blobs', remote.hash);
    await downloadFile(blob, remote, {
      request: hub.request,
      onBytes: (loadedBytes) => options.onProgress?.({ file, loadedBytes, totalBytes: remote.size }),
    });
    await linkTo(blob, join(folder, file));
  };
  for (const [file, remote] of small) await fetchIntoSnapshot(file, remote);
  for (const file of weights === shardIndex ? await shardNames(folder) : [weights])
    await fetchIntoSnapshot(file, remoteOf(file));
  if (!isCommit(revision)) await writeRef(join(cache, 'refs', revision), commit);
  return { folder, commit };
}

async function commitOf(name: string, revision: string, { endpoint, request }: Hub): Promise<string> {
  const { sha } = await modelInfo({
    name,
    revision,
    hubUrl: endpoint,
    additionalFields: ['sha'],
    fetch: request,
  });
  if (!isCommit(sha)) throw new HubResponseError(say`its answer "${sha}" is not a commit`);
  return sha;
}

const templateFolder = 'additional_chat_templates';

/**
 * The files at the top level, and chat templates in their folder. Names and hashes become paths in the cache, so names
 * that could lead out of it are skipped here.
 */
async function remoteFiles(
  name: string,
  commit: string,
  hub: Hub,
  path?: string,
): Promise<Map<string, RemoteFile>> {
  const { endpoint, request } = hub;
  const files = new Map<string, RemoteFile>();
  const listing = { repo: name, revision: commit, path, hubUrl: endpoint, fetch: request };
  const isName = path === undefined ? /^[\w-][\w.-]*$/ : /^additional_chat_templates\/[\w-][\w.-]*\.jinja$/;
  let hasTemplates = false;
  for await (const entry of listFiles(listing)) {
    hasTemplates ||= entry.type === 'directory' && entry.path === templateFolder;
    const hash = entry.lfs?.oid ?? entry.oid ?? '';
    if (entry.type !== 'file' || !isName.test(entry.path)) continue;
    if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(hash))
      throw new HubResponseError(say`its answer "${hash}" is not a hash`);
    const url = `${endpoint}/${name}/resolve/${commit}/${entry.path}`;
    files.set(entry.path, { url, size: entry.size, hash });
  }
  if (!hasTemplates) return files;
  const templates = await remoteFiles(name, commit, hub, templateFolder);
  return new Map([...files, ...templates]);
}

/** The file with the weights, or the index of their shards. */
function weightsFile(name: string, files: ReadonlyMap<string, RemoteFile>): string {
  if (!files.has('config.json'))
    throw new PromptuneError(say`${name}: the repository has no config.json, so it does not hold a model`, {
      code: 'not-found',
    });
  const weights = [singleFile, shardIndex].find((file) => files.has(file));
  if (weights) return weights;
  throw new PromptuneError(
    say`${name}: the repository has no ${singleFile}, and weights in other formats are not
      supported; use a revision or a copy of the model that has it, or convert the weights with
      the \`safetensors\` package in Python`,
    { code: 'unsupported' },
  );
}

/** Configuration, tokenizer and chat template: everything that is read except the weights. */
function isSmall(file: string): boolean {
  return /\.(json|jinja|model)$/.test(file) || file === 'merges.txt' || file === 'vocab.txt';
}

/**
 * The link is relative, so that the cache can be moved. Where links require privileges (Windows), the file gets a
 * second name.
 */
export async function linkTo(blob: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID()}`;
  await symlink(relative(dirname(path), blob), temporary).catch(() => link(blob, temporary));
  await rename(temporary, path).finally(() => rm(temporary, { force: true }));
}

async function writeRef(path: string, commit: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, commit);
  await rename(temporary, path);
}
