/** @file Uploads files to the Hub, and creates the repository if needed. */
import { createRepo, fileExists, HubApiError, modelInfo, uploadFiles } from '@huggingface/hub';
import { PromptuneError, UsageError } from '../errors.js';
import { say } from '../say.js';
import { connectHub, type Hub, HubResponseError, isConnectionError } from './request.js';
import { isHubName, isOffline, type ResolveModelOptions } from './resolve-model.js';

export interface PushOptions extends Pick<ResolveModelOptions, 'offline' | 'token' | 'endpoint' | 'signal'> {
  /** Creates a private repository; an existing one must be private. Default false. */
  readonly isPrivate?: boolean;
}

export interface PushFilesOptions extends PushOptions {
  /** Of the commit. */
  readonly title: string;
  /** A README.md for a repository that has none. Default: none. */
  readonly readme?: string;
}

export interface PushedFiles {
  readonly url: string;
  /** Whether the repository was created. */
  readonly isNew: boolean;
  readonly files: readonly { readonly file: string; readonly bytes: number }[];
  /** Whether README.md was generated. */
  readonly hasNewCard: boolean;
}

/** @throws UsageError for a name that is not valid on the Hub */
export function checkRepositoryName(name: string): void {
  if (!isHubName(name) || !name.includes('/'))
    throw new UsageError(say`expected owner/name as the name on the Hub, such as anna/cats, got "${name}"`);
}

/**
 * Uploads files as one commit.
 * @param given files by their paths in the repository
 * @param repository `owner/name`
 * @throws UsageError for an invalid name, or without a token, before anything is uploaded; PromptuneError if the Hub
 *   refuses
 */
export async function pushFiles(
  given: ReadonlyMap<string, Uint8Array>,
  repository: string,
  { title, readme, ...options }: PushFilesOptions,
): Promise<PushedFiles> {
  checkRepositoryName(repository);
  const { offline = isOffline(), isPrivate = false, signal } = options;
  if (offline)
    throw new UsageError(say`cannot upload with HF_HUB_OFFLINE; unset it`, { code: 'unavailable' });
  const hub = await connectHub(options);
  if (!hub.hasToken)
    throw new UsageError(
      say`there is no token; set HF_TOKEN to one with write access
        (${hub.endpoint}/settings/tokens), or log in with \`hf auth login\``,
      { code: 'unavailable' },
    );
  const url = `${hub.endpoint}/${repository}`;
  const files = new Map(given);
  try {
    const isNew = await ensureRepository(repository, isPrivate, hub);
    // A card on the Hub may have been edited there, so a generated one does not replace it.
    const hasNewCard = readme !== undefined && (isNew || !(await hasCard(repository, hub)));
    if (readme !== undefined) files.delete('README.md');
    if (hasNewCard) files.set('README.md', new TextEncoder().encode(readme));
    await uploadFiles({
      repo: repository,
      files: [...files].map(([path, bytes]) => ({
        path,
        content: new Blob([bytes as Uint8Array<ArrayBuffer>]),
      })),
      commitTitle: title,
      hubUrl: hub.endpoint,
      fetch: hub.request,
      useXet: false, // a protocol of the Hub's own storage, which mirrors may lack
    });
    const sent = [...files].map(([file, { length }]) => ({ file, bytes: length }));
    return { url, isNew, files: sent, hasNewCard };
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    const problem = explainRefusal(error, repository, hub);
    if (problem === undefined) throw error;
    throw new PromptuneError(say`the adapter could not be uploaded to ${url}: ${problem}`, {
      code: 'unavailable',
      cause: error,
    });
  }
}

/** @returns whether it was created */
async function ensureRepository(name: string, isPrivate: boolean, hub: Hub): Promise<boolean> {
  const shared = { hubUrl: hub.endpoint, fetch: hub.request };
  const found = await ifKnown(modelInfo({ name, ...shared }));
  if (found) {
    if (isPrivate && !found.private)
      throw new PromptuneError(
        say`${hub.endpoint}/${name} exists and is not private; make it private there, or push
          without the private option`,
        { code: 'already-exists' },
      );
    return false;
  }
  // `request` already adds the token; the library asks for one, and would reject those of other servers.
  const credentials = { accessToken: undefined as unknown as string };
  await createRepo({ repo: name, visibility: isPrivate ? 'private' : 'public', ...credentials, ...shared });
  return true;
}

async function hasCard(repo: string, { endpoint, request }: Hub): Promise<boolean> {
  return (await ifKnown(fileExists({ repo, path: 'README.md', hubUrl: endpoint, fetch: request }))) ?? false;
}

/** Undefined if the Hub does not know it. */
async function ifKnown<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof HubResponseError && error.status === 404) return undefined;
    throw error;
  }
}

/** Undefined for errors that are not about the Hub or the connection to it. */
function explainRefusal(error: unknown, name: string, { endpoint }: Hub): string | undefined {
  if (error instanceof HubResponseError) {
    const owner = name.split('/')[0];
    if (error.status === 401)
      return say`${error.message}: the token is not accepted; check HF_TOKEN (or the token that you logged
        in with)`;
    if (error.status === 403)
      return say`${error.message}: the token has no write access; use one that may write to repositories of
        ${owner}`;
    if (error.status === 409)
      return say`${error.message}: a repository of that name exists, but the token has no access to it`;
    return (error.status ?? 500) < 500 ? error.message : say`${error.message}; try again later`;
  }
  if (error instanceof HubApiError) return error.message;
  if (error instanceof SyntaxError)
    return say`it does not answer as the Hub does: ${error.message}; check HF_ENDPOINT`;
  if (!isConnectionError(error)) return undefined;
  const cause = error.cause as NodeJS.ErrnoException;
  return say`the connection to ${endpoint} failed: ${cause.message || cause.code}; check the network and
    try again`;
}
