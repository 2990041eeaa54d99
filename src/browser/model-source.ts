/** @file Where a model comes from, as the files that are to be fetched. */
import { PromptuneError, UsageError } from '../errors.js';
import { blobOf } from '../platform/web.js';
import { say } from '../say.js';
import type { MountedFile } from './picked.js';

export interface SourceOptions {
  /** Of the Hub: a branch, a tag or a commit. Default: main. */
  readonly revision?: string;
  /** For models of the Hub that are private or gated. */
  readonly token?: string;
  /** Default: https://huggingface.co. */
  readonly endpoint?: string;
  readonly signal?: AbortSignal;
}

/** A file of a model. */
export interface SourceFile {
  readonly name: string;
  /** In bytes, where it is known before. */
  readonly size?: number;
  /** SHA-256, where it is known before. */
  readonly sha256?: string;
  /** Differs where the content does, where that is known before: a digest or a date. */
  readonly version?: string;
  readonly from:
    | { readonly url: string; readonly headers?: Readonly<Record<string, string>> }
    | { readonly blob: Blob };
}

export interface FoundModel {
  /** What it is stored and listed under. */
  readonly name: string;
  readonly files: readonly SourceFile[];
}

const weights = 'model.safetensors';
const shardIndex = 'model.safetensors.index.json';

/** What a folder may have besides weights: all that is read of it. */
const small = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'vocab.txt',
  'merges.txt',
  'tokenizer.model',
  'spiece.model',
  'spm.model',
  'chat_template.json',
  'chat_template.jinja',
];

const isGguf = (name: string) => name.toLowerCase().endsWith('.gguf');
const isRead = (name: string) => small.includes(name) || name.endsWith('.safetensors') || name === shardIndex;

/** @throws PromptuneError where there is no such model, or it does not have what is needed */
export async function findModel(
  source: string | readonly MountedFile[],
  options: SourceOptions = {},
): Promise<FoundModel> {
  if (typeof source !== 'string') return pickedModel(source);
  if (URL.canParse(source)) return atAddress(new URL(source), options);
  if (/^[\w.-]+\/[\w.-]+$/.test(source)) return onHub(source, options);
  throw new UsageError(
    say`there is no model "${source}": expected a model that is stored, promptune-mini, owner/name
      on the Hub, an address, or files`,
    { code: 'not-found' },
  );
}

/** Of a folder that was picked, the files at its top. */
async function pickedModel(picked: readonly MountedFile[]): Promise<FoundModel> {
  const top = picked.filter(({ path }) => path.split('/').length <= 2);
  const files = await Promise.all(
    top.map(async ({ path, file }) => {
      const blob = (await blobOf(file)) as File;
      const name = path.split('/').at(-1)!;
      return { name, size: blob.size, version: String(blob.lastModified), from: { blob } };
    }),
  );
  const [folder] = top[0]?.path.split('/') ?? [];
  if (files.some(({ name }) => name === 'config.json'))
    return { name: folder!, files: files.filter(({ name }) => isRead(name)) };
  const gguf = files.find(({ name }) => isGguf(name));
  if (gguf) return { name: gguf.name, files: [gguf] };
  throw new PromptuneError(
    say`the files have no config.json, so they are not a model; pick a folder in Hugging Face's
      layout, or a GGUF file`,
    { code: 'not-found' },
  );
}

async function atAddress(address: URL, { signal }: SourceOptions): Promise<FoundModel> {
  const name = `${address.host}${address.pathname}`.replace(/\/+$/, '');
  const file = address.pathname.split('/').at(-1)!;
  if (isGguf(file)) return { name, files: [{ name: file, from: { url: address.href } }] };
  const at = (file: string) => {
    const url = new URL(address);
    url.pathname = `${url.pathname.replace(/\/+$/, '')}/${file}`;
    return url.href;
  };
  const present = await Promise.all(
    [...small, weights, shardIndex].map(async (file) => {
      const response = await request(at(file), { method: 'HEAD', signal });
      if (!response.ok) return [];
      const version = response.headers.get('last-modified') ?? undefined;
      return [{ name: file, size: sizeOf(response), version, from: { url: at(file) } }];
    }),
  );
  const files: SourceFile[] = present.flat();
  const has = (file: string) => files.some(({ name }) => name === file);
  if (!has('config.json'))
    throw new PromptuneError(say`${at('config.json')}: there is no such file, so there is no model`, {
      code: 'not-found',
    });
  if (!has(weights)) files.push(...(await shards(at(shardIndex), at, signal)));
  return { name, files };
}

async function shards(
  index: string,
  at: (file: string) => string,
  signal?: AbortSignal,
): Promise<SourceFile[]> {
  const response = await request(index, { signal });
  if (!response.ok)
    throw new PromptuneError(
      say`${index}: there is neither this file nor ${weights}, so the model has no weights`,
      { code: 'not-found' },
    );
  const { weight_map: map = {} } = (await response.json()) as { weight_map?: Record<string, string> };
  return [...new Set(Object.values(map))]
    .filter(isFileName)
    .map((name) => ({ name, from: { url: at(name) } }));
}

interface HubFile {
  readonly type: string;
  readonly path: string;
  readonly size: number;
  readonly oid: string;
  readonly lfs?: { readonly oid: string };
}

async function onHub(name: string, options: SourceOptions): Promise<FoundModel> {
  const { revision = 'main', token, signal } = options;
  const endpoint = (options.endpoint ?? 'https://huggingface.co').replace(/\/+$/, '');
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const ask = async (path: string) => {
    const url = `${endpoint}/api/models/${name}/${path}`;
    const response = await request(url, { headers, signal });
    if (response.ok) return response.json();
    const advice =
      response.status === 404
        ? say`there is no such model, or no such revision`
        : response.status === 401 || response.status === 403
          ? say`the model is private or gated, or does not exist; give a token that has access`
          : say`try again later`;
    throw new PromptuneError(say`${url} answers with ${response.status}: ${advice}`, {
      code: response.status === 404 ? 'not-found' : 'unavailable',
    });
  };
  const { sha } = (await ask(`revision/${encodeURIComponent(revision)}`)) as { sha: string };
  const tree = (await ask(`tree/${encodeURIComponent(sha)}`)) as HubFile[];
  const files = tree.filter(({ type, path }) => type === 'file' && isFileName(path) && isRead(path));
  if (!files.some(({ path }) => path === 'config.json'))
    throw new PromptuneError(
      say`${endpoint}/${name}: the repository has no config.json, so it does not hold a model`,
      { code: 'not-found' },
    );
  const hasWhole = files.some(({ path }) => path === weights);
  return {
    name: revision === 'main' ? name : `${name}@${revision}`,
    files: files
      .filter(
        ({ path }) => !path.endsWith('.safetensors') || (hasWhole ? path === weights : /^model-/.test(path)),
      )
      .map(({ path, size, oid, lfs }) => ({
        name: path,
        size,
        sha256: lfs?.oid,
        version: oid,
        from: { url: `${endpoint}/${name}/resolve/${sha}/${encodeURIComponent(path)}`, headers },
      })),
  };
}

/** Names become paths, so none may lead elsewhere. */
const isFileName = (name: string) => /^[\w-][\w.-]*$/.test(name);

export function sizeOf(response: Response): number | undefined {
  const length = response.headers.get('content-length');
  return length === null || response.headers.has('content-encoding') ? undefined : Number(length);
}

/** @throws PromptuneError where nobody answers; the signal's reason once aborted */
export async function request(url: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    init.signal?.throwIfAborted();
    throw new PromptuneError(
      say`${url} could not be reached (${(error as Error).message}): there is no connection, or the
        site does not let pages of others read it (CORS)`,
      { code: 'unavailable', cause: error },
    );
  }
}
