/**
 * @file Finds the files of a data set by its name: in the Hugging Face cache, else by a download into it. Most data
 *   sets of the Hub have a copy in Parquet, on a branch that the Hub generates; otherwise their own files are used.
 */
import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { datasetInfo, listFiles } from '@huggingface/hub';
import * as z from 'zod';
import { PromptuneError, UsageError } from '../errors.js';
import { withoutPrefix } from '../formats/dataset-name.js';
import { writeJsonAtomic } from '../formats/files.js';
import { expectedName } from '../nearest-name.js';
import { said, say } from '../say.js';
import { defaultCacheDir, isCommit } from './cache.js';
import { downloadFile, type RemoteFile } from './download-file.js';
import { linkTo } from './download-model.js';
import { connectHub, type Hub, HubResponseError } from './request.js';
import { explain, isHubName, isOffline, type ResolveModelOptions } from './resolve-model.js';

export type ResolveDatasetOptions = Pick<
  ResolveModelOptions,
  'offline' | 'cacheDir' | 'token' | 'endpoint' | 'signal' | 'onProgress'
>;

export interface ResolvedDataset {
  /** The paths of its files, in order. */
  readonly files: readonly string[];
  readonly config: string;
  readonly split: string;
  readonly source: 'cache' | 'download';
}

const conversion = 'refs/convert/parquet';

/**
 * Finds the files of `hf:owner/name` or `hf:owner/name/config`, either with `:split`. Default config: the only one, or
 * `default`; default split: `train`, or the only one. The cache takes precedence, even if the Hub has a newer version.
 *
 * @throws UsageError for an invalid name, or a config or split that does not exist; PromptuneError with advice if it
 *   cannot be downloaded; the signal's reason once aborted
 */
export async function resolveDataset(
  written: string,
  options: ResolveDatasetOptions = {},
): Promise<ResolvedDataset> {
  const { cacheDir = defaultCacheDir(), offline = isOffline(), signal } = options;
  const parsed = parseName(written);
  const cache = resolve(join(cacheDir, `datasets--${parsed.name.replaceAll('/', '--')}`));
  const known = join(cache, 'promptune', `${parsed.config ?? ''}@${parsed.split ?? ''}.json`);
  const found = await readKnown(known, cache);
  if (found) return { ...found, source: 'cache' };
  if (offline)
    throw new PromptuneError(
      say`the data set "${written}" is not in the cache ${cache}, and the Hub was not asked, because
        offline or HF_HUB_OFFLINE is set; download it once without these, or use a file`,
      { code: 'not-found' },
    );
  signal?.throwIfAborted();
  const hub = await connectHub(options);
  try {
    const { commit, files, isConversion } = await listing(parsed.name, hub);
    const choice = choose([...files.keys()], isConversion, parsed, written);
    for (const file of choice.files) {
      const remote = files.get(file)!;
      const blob = join(cache, 'blobs', remote.hash);
      await downloadFile(blob, remote, {
        request: hub.request,
        onBytes: (loadedBytes) => options.onProgress?.({ file, loadedBytes, totalBytes: remote.size }),
      });
      await linkTo(blob, join(cache, 'snapshots', commit, file));
    }
    await mkdir(dirname(known), { recursive: true });
    await writeJsonAtomic(known, { commit, ...choice }); // last, so that the files it names are complete
    return { ...choice, files: pathsOf(cache, commit, choice.files), source: 'download' };
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    const page = `datasets/${parsed.name}`;
    const failure = explain(error, { name: page, revision: 'main', hub, kind: 'data set' });
    if (!failure) throw error;
    const { problem, remedy } = failure;
    throw new PromptuneError(say`the data set "${written}" could not be fetched: ${problem}\n${remedy}`, {
      code: 'unavailable',
      cause: error,
    });
  }
}

interface ParsedName {
  readonly name: string;
  readonly config?: string;
  readonly split?: string;
}

function parseName(written: string): ParsedName {
  const [path = '', split, ...more] = withoutPrefix(written).split(':');
  const parts = path.split('/');
  const name = parts.slice(0, 2).join('/');
  const [config, ...further] = parts.slice(2);
  const isWord = (part: string | undefined) => part === undefined || isPathPart(part);
  if (isHubName(name) && [...more, ...further].length === 0 && isWord(config) && isWord(split))
    return { name, config, split };
  throw new UsageError(
    say`"${written}" is not the name of a data set; expected hf:owner/name, hf:owner/name/config or
      either with :split, such as hf:nyu-mll/glue/sst2:validation`,
  );
}

/** Nothing else may become part of a path. */
const isPathPart = (part: string) => /^[\w-][\w.+-]*$/.test(part);

const pathsOf = (cache: string, commit: string, files: readonly string[]) =>
  files.map((file) => join(cache, 'snapshots', commit, file));

const isInside = (file: string) =>
  !/[\\\0]/.test(file) && file.split('/').every((part) => !['', '.', '..'].includes(part));

/** The content of a list of a data set's files. The pattern keeps names inside the cache. */
const knownSchema = z.object({
  commit: z.string().refine(isCommit),
  files: z.array(z.string().refine(isInside)).min(1),
  config: z.string(),
  split: z.string(),
});

/** The result of an earlier call, if all of its files still exist. A damaged list is ignored. */
async function readKnown(path: string, cache: string): Promise<Omit<ResolvedDataset, 'source'> | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const known = knownSchema.safeParse(parsedOrUndefined(text));
  if (!known.success) return undefined;
  const { commit, files, config, split } = known.data;
  const paths = pathsOf(cache, commit, files);
  for (const file of paths) if (!(await stat(file).catch(() => undefined))) return undefined;
  return { files: paths, config, split };
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Listing {
  readonly commit: string;
  readonly files: ReadonlyMap<string, RemoteFile>;
  /** Whether these are the Hub's Parquet files, in folders `config/split/`. */
  readonly isConversion: boolean;
}

async function listing(name: string, hub: Hub): Promise<Listing> {
  try {
    return { ...(await filesAt(conversion, name, hub)), isConversion: true };
  } catch (error) {
    const hasNone = error instanceof HubResponseError && error.code === 'RevisionNotFound';
    if (!hasNone) throw error;
    return { ...(await filesAt('main', name, hub)), isConversion: false };
  }
}

async function filesAt(revision: string, name: string, { endpoint, request }: Hub) {
  const shared = { hubUrl: endpoint, fetch: request };
  const { sha: commit } = await datasetInfo({ name, revision, additionalFields: ['sha'], ...shared });
  if (!isCommit(commit)) throw new HubResponseError(say`its answer "${commit}" is not a commit`);
  const files = new Map<string, RemoteFile>();
  const repo = { type: 'dataset', name } as const;
  for await (const entry of listFiles({ repo, revision: commit, recursive: true, ...shared })) {
    const hash = entry.lfs?.oid ?? entry.oid ?? '';
    if (entry.type !== 'file' || !entry.path.split('/').every(isPathPart)) continue;
    if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(hash))
      throw new HubResponseError(say`its answer "${hash}" is not a hash`);
    const url = `${endpoint}/datasets/${name}/resolve/${commit}/${entry.path}`;
    files.set(entry.path, { url, size: entry.size, hash });
  }
  return { commit, files };
}

interface Choice {
  readonly config: string;
  readonly split: string;
  readonly files: readonly string[];
}

/** The files of the requested config and split. */
function choose(paths: string[], isConversion: boolean, parsed: ParsedName, written: string): Choice {
  const configs = new Map<string, Map<string, string[]>>();
  for (const path of paths.sort()) {
    const place = isConversion ? placeOfConverted(path) : placeOfOwn(path);
    if (!place) continue;
    const splits = configs.get(place.config) ?? new Map<string, string[]>();
    splits.set(place.split, [...(splits.get(place.split) ?? []), path]);
    configs.set(place.config, splits);
  }
  if (configs.size === 0)
    throw new PromptuneError(
      say`the data set "${written}" has no file in a supported format: .parquet, .jsonl, .json,
        .csv, .tsv or .txt, also with .gz`,
      { code: 'unsupported' },
    );
  const pick = <T>(of: ReadonlyMap<string, T>, what: string, name: string | undefined, usual: string) => {
    const names = [...of.keys()];
    const chosen = name ?? (of.size === 1 ? names[0]! : usual);
    const value = of.get(chosen);
    if (value !== undefined) return [chosen, value] as const;
    const problem =
      name === undefined ? say`it has several ${said(`${what}s`)}` : say`it has no ${said(what)} "${name}"`;
    throw new UsageError(say`the data set "${written}": ${problem}; ${expectedName(chosen, names)}`, {
      code: 'unknown-name',
    });
  };
  const [config, splits] = pick(configs, 'config', parsed.config, 'default');
  const [split, files] = pick(splits, 'split', parsed.split, 'train');
  return { config, split, files };
}

/** config/split/0000.parquet; for large data sets, the Hub only converts the beginning, as partial-split. */
function placeOfConverted(path: string): Omit<Choice, 'files'> | undefined {
  const [config, split, file, ...more] = path.split('/');
  if (!file?.endsWith('.parquet') || more.length > 0) return undefined;
  return { config: config!, split: split!.replace(/^partial-/, '') };
}

/** By common names: the split is a word in the path, and a folder (other than `data`) is a config. */
function placeOfOwn(path: string): Omit<Choice, 'files'> | undefined {
  if (!/\.(parquet|(jsonl|ndjson|json|csv|tsv|txt)(\.gz)?)$/i.test(path)) return undefined;
  // metadata files
  if (/(^|\/)(dataset_infos?|dataset_dict|state|config|.*_config)\.json$/i.test(path)) return undefined;
  const word = /(?:^|[/_.-])(train|validation|valid|dev|test)(?:[/_.-])/i.exec(path)?.[1]?.toLowerCase();
  const split = word === 'valid' || word === 'dev' ? 'validation' : (word ?? 'train');
  const [folder, ...inner] = path.split('/');
  const isConfig = inner.length > 0 && folder !== 'data' && folder !== word;
  return { config: isConfig ? folder! : 'default', split };
}
