/** @file Sends an adapter's folder to the Hub, into a repository that is made where there is none. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createRepo, fileExists, HubApiError, modelInfo, uploadFiles } from '@huggingface/hub';
import { embeddedModel } from '../embedded-model.js';
import { PromptuneError, UsageError } from '../errors.js';
import { type AdapterFiles, isAdapterHub, readAdapterFiles } from '../formats/adapter.js';
import { readComposition } from '../formats/composition.js';
import { readTextIfPresent } from '../formats/files.js';
import { isOwnCard } from '../formats/peft.js';
import { type AdapterFolder, adapterCard, methodOf } from './adapter-card.js';
import { connectHub, type Hub, HubResponseError, isConnectionError } from './request.js';
import { isHubName, isOffline, type ResolveModelOptions } from './resolve-model.js';

export interface PushOptions extends Pick<ResolveModelOptions, 'offline' | 'token' | 'endpoint' | 'signal'> {
  /** Only for a repository that is made, or one that is private already. Default: false. */
  readonly isPrivate?: boolean;
}

export interface PushedAdapter {
  readonly url: string;
  /** Whether the repository was made. */
  readonly isNew: boolean;
  readonly files: readonly { readonly file: string; readonly bytes: number }[];
  /** Whether README.md was written for it. */
  readonly hasNewCard: boolean;
  /** What the adapter calls its base model, where others cannot have it by that name: a path, say. */
  readonly localBase?: string;
}

/**
 * Sends the files of an adapter's folder, as one commit. A README.md is written for it unless somebody has written one, in
 * the folder or in the repository.
 *
 * @param repository `owner/name`
 * @throws UsageError for another name, or without a token; FileError where the folder is no adapter: all before anything is
 *   sent. PromptuneError where the Hub refuses
 */
export async function pushAdapter(
  folder: string,
  repository: string,
  options: PushOptions = {},
): Promise<PushedAdapter> {
  if (!isHubName(repository) || !repository.includes('/'))
    throw new UsageError(
      `expected owner/name as the name on the Hub, such as anna/cats, got "${repository}"`,
    );
  const adapter = await readAdapterFolder(folder);
  const { offline = isOffline(), isPrivate = false, signal } = options;
  if (offline) throw new UsageError('nothing can be sent with HF_HUB_OFFLINE; unset it');
  const hub = await connectHub(options);
  if (!hub.hasToken)
    throw new UsageError(
      `there is no token; set HF_TOKEN to one that may write (${hub.endpoint}/settings/tokens), or log in with \`hf auth login\``,
    );

  const url = `${hub.endpoint}/${repository}`;
  const named = adapter.parts[0]!.config.baseModelNameOrPath;
  const isOnHub = named !== undefined && (await isNameOnHub(named));
  const card = (await hasOwnReadme(adapter))
    ? undefined
    : adapterCard(adapter, { repository, page: url, base: isOnHub ? named : undefined });
  const contents = new Map<string, Blob>();
  for (const file of adapter.files) contents.set(file, new Blob([await readFile(join(folder, file))]));
  if (card !== undefined) contents.set('README.md', new Blob([card]));

  try {
    const isNew = await ensureRepository(repository, isPrivate, hub);
    // A card on the Hub may have been edited there, and one that nobody wrote does not replace it.
    const keepsCard = card !== undefined && !isNew && (await hasCard(repository, hub));
    if (keepsCard) contents.delete('README.md');
    await uploadFiles({
      repo: repository,
      files: [...contents].map(([path, content]) => ({ path, content })),
      commitTitle: `Upload an adapter (${adapter.parts.map(methodOf).join(', ')})`,
      hubUrl: hub.endpoint,
      fetch: hub.request,
      useXet: false, // a protocol of the Hub's own storage, which mirrors need not have
    });
    return {
      url,
      isNew,
      files: [...contents].map(([file, { size }]) => ({ file, bytes: size })),
      hasNewCard: card !== undefined && !keepsCard,
      ...(named !== undefined && !isOnHub && named !== embeddedModel && { localBase: named }),
    };
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    const problem = explainRefusal(error, repository, hub);
    if (problem === undefined) throw error;
    throw new PromptuneError(`the adapter could not be sent to ${url}: ${problem}`, { cause: error });
  }
}

/** @throws FileError where it is no adapter, or damaged */
async function readAdapterFolder(folder: string): Promise<AdapterFolder> {
  const composition = await readComposition(folder);
  const parts: AdapterFiles[] = [];
  for (const part of composition ?? [{ folder }]) parts.push(await readAdapterFiles(part.folder));
  const files = await filesIn(folder);
  for (const { name, folder: part } of composition ?? [])
    files.push(...(await filesIn(part)).map((file) => `${name}/${file}`));
  return { folder, parts, files };
}

/** Hidden files stay here: what a killed process left is among them. */
async function filesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for (const name of (await readdir(folder)).sort())
    if (!name.startsWith('.') && (await stat(join(folder, name))).isFile()) names.push(name);
  return names;
}

/** Whether there is a README.md other than the short one that each adapter is saved with. */
async function hasOwnReadme({ folder, parts: [part] }: AdapterFolder): Promise<boolean> {
  const readme = await readTextIfPresent(join(folder, 'README.md'));
  if (readme === undefined) return false;
  return !part || isAdapterHub(part) || !isOwnCard(readme, part);
}

/** A folder goes before a model of the Hub, as in `resolveModel`; the Hub refuses cards that name what it does not have. */
async function isNameOnHub(name: string): Promise<boolean> {
  if (name === embeddedModel || !isHubName(name) || /\.gguf$/i.test(name)) return false;
  return (await stat(resolve(name)).catch(() => undefined)) === undefined;
}

/** @returns whether it was made */
async function ensureRepository(name: string, isPrivate: boolean, hub: Hub): Promise<boolean> {
  const shared = { hubUrl: hub.endpoint, fetch: hub.request };
  const found = await ifKnown(modelInfo({ name, ...shared }));
  if (found) {
    if (isPrivate && !found.private)
      throw new PromptuneError(
        `${hub.endpoint}/${name} exists and is not private; make it private there, or leave --private out`,
      );
    return false;
  }
  // `request` has the token already; the library asks for one, and would refuse those of other servers.
  const credentials = { accessToken: undefined as unknown as string };
  await createRepo({ repo: name, visibility: isPrivate ? 'private' : 'public', ...credentials, ...shared });
  return true;
}

async function hasCard(repo: string, { endpoint, request }: Hub): Promise<boolean> {
  return (await ifKnown(fileExists({ repo, path: 'README.md', hubUrl: endpoint, fetch: request }))) ?? false;
}

/** Undefined where the Hub knows of no such thing. */
async function ifKnown<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof HubResponseError && error.status === 404) return undefined;
    throw error;
  }
}

/** Undefined for what is not a failure of the Hub or of the connection to it. */
function explainRefusal(error: unknown, name: string, { endpoint }: Hub): string | undefined {
  if (error instanceof HubResponseError) {
    const owner = name.split('/')[0];
    if (error.status === 401)
      return `${error.message}: the token is not accepted; check HF_TOKEN (or the token that you logged in with)`;
    if (error.status === 403)
      return `${error.message}: the token may not write there; take one with write access to what ${owner} has`;
    if (error.status === 409)
      return `${error.message}: there is one of that name that the token does not see`;
    return (error.status ?? 500) < 500 ? error.message : `${error.message}; try again later`;
  }
  if (error instanceof HubApiError) return error.message;
  if (error instanceof SyntaxError)
    return `it does not answer as the Hub does: ${error.message}; check HF_ENDPOINT`;
  if (!isConnectionError(error)) return undefined;
  const cause = error.cause as NodeJS.ErrnoException;
  return `the connection to ${endpoint} failed: ${cause.message || cause.code}; check the network and try again`;
}
