/** @file From a model's name to a folder: a local folder, the Hugging Face cache, or a download into it. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { embeddedModel } from '../embedded-model.js';
import { FileError, optionError, PromptuneError, UsageError } from '../errors.js';
import { said, say } from '../say.js';
import { defaultCacheDir, findSnapshot, modelCache } from './cache.js';
import { type DownloadProgress, downloadModel } from './download-model.js';
import { embeddedFolder } from './embedded-model.js';
import { connectHub, type Hub, HubResponseError, isConnectionError } from './request.js';

export interface ResolveModelOptions {
  /** A branch, a tag or a commit. Default: main. */
  readonly revision?: string;
  /** Downloads nothing. Default: whether HF_HUB_OFFLINE is set to 1, ON, YES or TRUE. */
  readonly offline?: boolean;
  /** Default: HF_HUB_CACHE, else the folder `hub` in HF_HOME, else ~/.cache/huggingface/hub. */
  readonly cacheDir?: string;
  /** The parent folder of the embedded model. Default: the package's. */
  readonly embeddedDir?: string;
  /** For models that are private or gated. Default: HF_TOKEN, else the token that `hf auth login` left. */
  readonly token?: string;
  /** Default: HF_ENDPOINT, else https://huggingface.co. */
  readonly endpoint?: string;
  /** Stops a download, which the next call resumes. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress) => void;
}

export interface ResolvedModel {
  /** Or the path of a GGUF file, which is a whole model. */
  readonly folder: string;
  readonly source: 'embedded' | 'folder' | 'file' | 'cache' | 'download';
  /** The commit, for a model of the Hub. */
  readonly revision?: string;
}

/**
 * Finds a model by its name: `promptune-mini`, a local folder or GGUF file, or `owner/name` or `name` on the Hugging
 * Face Hub. An existing folder takes precedence over a model of the same name, and the cache over a download, even if
 * the Hub has a newer commit. `promptune-mini` is always the embedded model; a folder of that name is
 * `./promptune-mini`.
 *
 * @throws PromptuneError that says where it looked and what to do; the signal's reason once aborted
 */
export async function resolveModel(name: string, options: ResolveModelOptions = {}): Promise<ResolvedModel> {
  const found = await locateModel(name, options);
  if ('folder' in found) return found;
  const { onProgress } = options;
  const snapshot = await askHub(name, options, found, (request) => downloadModel({ ...request, onProgress }));
  return { folder: snapshot.folder, source: 'download', revision: snapshot.commit };
}

/** A model that is on this machine. */
export interface LocatedModel extends ResolvedModel {
  readonly source: Exclude<ResolvedModel['source'], 'download'>;
}

/** A model of the Hub that is not on this machine. */
export interface AbsentModel {
  /** Its folder in the cache. */
  readonly cache: string;
  /** Why the cache is not usable. */
  readonly missing: string;
}

/** Like `resolveModel`, but only finds local models and never downloads. */
export async function locateModel(
  name: string,
  options: ResolveModelOptions,
): Promise<LocatedModel | AbsentModel> {
  const { revision = 'main', cacheDir = defaultCacheDir() } = options;
  if (name === embeddedModel)
    return { folder: await embeddedFolder(options.embeddedDir), source: 'embedded' };
  const folder = resolve(name);
  const entry = name ? await stat(folder).catch(() => undefined) : undefined;
  if (entry?.isDirectory()) return { folder, source: 'folder' };
  if (/\.gguf$/i.test(name)) {
    if (entry) return { folder, source: 'file' };
    throw new PromptuneError(say`the file ${folder} does not exist; expected the path of a GGUF file`, {
      code: 'not-found',
    });
  }
  if (!isHubName(name)) throw notAName(name, folder, entry !== undefined);
  if (!isRevision(revision))
    throw optionError(
      'revision',
      say`expected the name of a branch or a tag, or a commit, got "${revision}"`,
    );

  const cache = resolve(modelCache(cacheDir, name));
  const found = await findSnapshot(cache, revision);
  return 'folder' in found
    ? { folder: found.folder, source: 'cache', revision: found.commit }
    : { cache, missing: found.missing };
}

/** Asks the Hub about a model that is not local. Failures become one error that lists the places searched. */
export async function askHub<T>(
  name: string,
  options: ResolveModelOptions,
  { cache, missing }: AbsentModel,
  ask: (request: { name: string; revision: string; cache: string; hub: Hub }) => Promise<T>,
): Promise<T> {
  const { revision = 'main', offline = isOffline(), signal } = options;
  const fail = ({ problem, remedy }: Failure, cause?: unknown) =>
    new PromptuneError(
      [
        say`the model "${name}" could not be found or fetched:`,
        say`- as a folder: there is no ${resolve(name)}`,
        say`- in the cache: ${cache} is not usable, because ${missing}`,
        say`- on the Hub: ${problem}`,
        remedy,
      ].join('\n'),
      { code: 'not-found', cause },
    );
  if (offline)
    throw fail({
      problem: say`not asked, because offline or HF_HUB_OFFLINE is set`,
      remedy: say`Download it once without these, or use the folder of a copy that you have.`,
    });
  signal?.throwIfAborted();
  const hub = await connectHub(options);
  try {
    return await ask({ name, revision, cache, hub });
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (error instanceof PromptuneError) throw error;
    if (isFileSystemError(error)) {
      const problem = say`the download cannot be written: ${error.message}`;
      throw new FileError(error.path ?? cache, undefined, problem, { cause: error });
    }
    const failure = explain(error, { name, revision, hub });
    throw failure ? fail(failure, error) : error;
  }
}

function isFileSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

export function isOffline(): boolean {
  return /^(1|on|yes|true)$/i.test(process.env.HF_HUB_OFFLINE ?? '');
}

/** `owner/name` or `name`, as allowed by the Hub. Nothing else may become part of an address or a path. */
export function isHubName(name: string): boolean {
  const parts = name.split('/');
  return (
    parts.length <= 2 && parts.every((part) => /^\w([\w.-]{0,94}\w)?$/.test(part) && !/--|\.\./.test(part))
  );
}

function isRevision(revision: string): boolean {
  return revision.split('/').every((part) => /^[\w.+@-]+$/.test(part) && !/^\.|\.\./.test(part));
}

function notAName(name: string, folder: string, exists: boolean): PromptuneError {
  if (!name)
    return new UsageError(say`the name of the model is empty; expected a folder or a name such as "gpt2"`);
  if (exists)
    return new PromptuneError(say`${folder} is a file, expected the folder of a model or a GGUF file`);
  return new PromptuneError(
    say`the folder ${folder} does not exist; expected a model's folder, or a name on the Hub such as
      "gpt2" or "owner/name"`,
    { code: 'not-found' },
  );
}

interface Failure {
  readonly problem: string;
  readonly remedy: string;
}

/** The request; `name` is its path on the Hub. */
interface HubRequest {
  readonly name: string;
  readonly revision: string;
  readonly hub: Hub;
  /** The kind of repository, for messages. Default: model. */
  readonly kind?: string;
}

/** Undefined for errors that are not about the Hub or the connection to it. */
export function explain(error: unknown, request: HubRequest): Failure | undefined {
  const { hub } = request;
  if (error instanceof HubResponseError) return explainResponse(error, request);
  if (error instanceof SyntaxError)
    return {
      problem: say`${hub.endpoint} does not answer as the Hub does: ${error.message}`,
      remedy: say`Check HF_ENDPOINT, and whether a proxy or a login page is in the way.`,
    };
  if (!isConnectionError(error)) return undefined;
  const cause = error.cause as NodeJS.ErrnoException;
  return {
    problem: say`the connection to ${hub.endpoint} failed: ${cause.message || cause.code}`,
    remedy: say`Check the network and try again (the download will resume), or use the folder of a copy
        that you have.`,
  };
}

function explainResponse(
  error: HubResponseError,
  { name, revision, hub, kind = 'model' }: HubRequest,
): Failure {
  const { status, code } = error;
  const page = `${hub.endpoint}/${name}`;
  const problem = say`${page} answers with ${error.message}`;
  if (code === 'RevisionNotFound')
    return {
      problem: say`${problem}: the ${said(kind)} has no revision "${revision}"`,
      remedy: say`Check the revision.`,
    };
  if (status === 404)
    return {
      problem: say`${problem}: there is no such ${said(kind)}`,
      remedy: say`Check the name and its owner.`,
    };
  if (status === 401 || status === 403) {
    const access = hub.hasToken
      ? say`check that HF_TOKEN (or the token that you logged in with) has access`
      : say`set HF_TOKEN to a token that has access`;
    return {
      problem: say`${problem}: the ${said(kind)} is gated or private, or does not exist`,
      remedy: say`Check the name; if the ${said(kind)} asks for it, accept its licence at ${page}; then ${access}.`,
    };
  }
  return { problem: `${page}: ${error.message}`, remedy: say`Try again later; the download will resume.` };
}
