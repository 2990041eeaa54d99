/** @file Sends an adapter to the Hub, into a repository that is made where there is none. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createRepo, fileExists, HubApiError, modelInfo, uploadFiles } from '@huggingface/hub';
import { embeddedModel } from '../embedded-model.js';
import { PromptuneError, UsageError } from '../errors.js';
import {
  type AdapterContent,
  type AdapterSource,
  baseModelOf,
  type SingleContent,
  singlesIn,
} from '../formats/adapter-content.js';
import { filesOf } from '../formats/adapter-files.js';
import { contentOf } from '../formats/adapter-folder.js';
import { isOwnCard } from '../formats/peft.js';
import { adapterCard, methodOf } from './adapter-card.js';
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
 * Sends an adapter's files, as one commit; of a folder all that are in it. A README.md is written for it unless
 * somebody has written one, in the folder or in the repository.
 *
 * @param adapter its folder, or an adapter that was loaded or trained
 * @param repository `owner/name`
 * @throws UsageError for another name, or without a token; FileError where the folder is no adapter: all before
 *   anything is
 *   sent. PromptuneError where the Hub refuses
 */
export async function pushAdapter(
  adapter: AdapterSource,
  repository: string,
  options: PushOptions = {},
): Promise<PushedAdapter> {
  if (!isHubName(repository) || !repository.includes('/'))
    throw new UsageError(
      `expected owner/name as the name on the Hub, such as anna/cats, got "${repository}"`,
    );
  const { parts, isPlaced, contents } = await packed(adapter);
  const { offline = isOffline(), isPrivate = false, signal } = options;
  if (offline) throw new UsageError('nothing can be sent with HF_HUB_OFFLINE; unset it');
  const hub = await connectHub(options);
  if (!hub.hasToken)
    throw new UsageError(
      `there is no token; set HF_TOKEN to one that may write (${hub.endpoint}/settings/tokens), or log in with \`hf auth login\``,
    );

  const url = `${hub.endpoint}/${repository}`;
  const named = baseModelOf(parts[0]!);
  const isOnHub = named !== undefined && (await isNameOnHub(named));
  const base = isOnHub ? named : undefined;
  const card = hasOwnReadme(contents, parts)
    ? undefined
    : adapterCard({ parts, isPlaced }, { repository, page: url, base });
  if (card !== undefined) contents.set('README.md', new TextEncoder().encode(card));

  try {
    const isNew = await ensureRepository(repository, isPrivate, hub);
    // A card on the Hub may have been edited there, and one that nobody wrote does not replace it.
    const keepsCard = card !== undefined && !isNew && (await hasCard(repository, hub));
    if (keepsCard) contents.delete('README.md');
    await uploadFiles({
      repo: repository,
      files: [...contents].map(([path, bytes]) => ({
        path,
        content: new Blob([bytes as Uint8Array<ArrayBuffer>]),
      })),
      commitTitle: `Upload an adapter (${parts.map(methodOf).join(', ')})`,
      hubUrl: hub.endpoint,
      fetch: hub.request,
      useXet: false, // a protocol of the Hub's own storage, which mirrors need not have
    });
    return {
      url,
      isNew,
      files: [...contents].map(([file, { length }]) => ({ file, bytes: length })),
      hasNewCard: card !== undefined && !keepsCard,
      ...(named !== undefined && !isOnHub && named !== embeddedModel && { localBase: named }),
    };
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    const problem = explainRefusal(error, repository, hub);
    if (problem === undefined) throw error;
    throw new PromptuneError(`the adapter could not be sent to ${url}: ${problem}`, {
      code: 'unavailable',
      cause: error,
    });
  }
}

/** An adapter as it is sent. */
interface Packed {
  readonly parts: readonly SingleContent[];
  readonly isPlaced: boolean;
  /** By their paths in the repository. */
  readonly contents: Map<string, Uint8Array>;
}

/** @throws FileError if it is no adapter, or damaged; UsageError where it is a whole model */
async function packed(source: AdapterSource): Promise<Packed> {
  const content = await contentOf(source);
  const parts = singlesIn(content);
  if (parts.length === 0) throw new UsageError('this is a whole model; only adapters are sent');
  const isPlaced = 'template' in content && content.template !== undefined;
  const contents = typeof source === 'string' ? await filesIn(source, content) : filesOf(content);
  return { parts, isPlaced, contents };
}

/** All files of an adapter's folder. Hidden ones stay here: what a killed process left is among them. */
async function filesIn(folder: string, content: AdapterContent): Promise<Map<string, Uint8Array>> {
  const inner = content.form === 'parts' ? content.parts.map(({ name }) => name) : [];
  const contents = new Map<string, Uint8Array>();
  for (const part of ['', ...inner])
    for (const name of (await readdir(join(folder, part))).sort()) {
      const path = join(folder, part, name);
      if (name.startsWith('.') || !(await stat(path)).isFile()) continue;
      contents.set(part === '' ? name : `${part}/${name}`, await readFile(path));
    }
  return contents;
}

/** Whether there is a README.md other than the short one that each adapter is saved with. */
function hasOwnReadme(contents: ReadonlyMap<string, Uint8Array>, [part]: readonly SingleContent[]): boolean {
  const readme = contents.get('README.md');
  if (!readme) return false;
  return part?.form !== 'peft' || !isOwnCard(new TextDecoder().decode(readme), part);
}

/**
 * A folder goes before a model of the Hub, as in `resolveModel`; the Hub refuses cards that name what it does not
 * have.
 */
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
        `${hub.endpoint}/${name} exists and is not private; make it private there, or do not ask for a private one`,
        { code: 'already-exists' },
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
