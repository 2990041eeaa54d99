/** @file Models of a page: found, downloaded into storage, listed and deleted. */
import * as z from 'zod';
import { FileError, PromptuneError } from '../errors.js';
import { fileDigest } from '../formats/digest.js';
import { withFileErrors, writeJsonAtomic } from '../formats/files.js';
import { readJsonObjectIfPresent } from '../formats/json.js';
import { dirname, fileSystem, join, openStorage, storedFolder } from '../platform/web.js';
import { web } from '../platform/web-apis.js';
import { say } from '../say.js';
import {
  type FoundModel,
  findModel,
  request,
  type SourceFile,
  type SourceOptions,
  sizeOf,
} from './model-source.js';
import type { MountedFile } from './picked.js';

const modelsFolder = join(storedFolder, 'models');
/** Is written first: what the files of a model that is not whole are of. */
const begunName = 'begun.json';
/** Is written last, so that a model without it is not whole. */
const manifestName = 'stored.json';

const manifestSchema = z.object({
  name: z.string(),
  /** See `versionOf`. Earlier versions noted none. */
  version: z.string().optional(),
  bytes: z.number(),
  files: z.array(z.string()),
  /** When it was stored, in milliseconds since 1970. */
  stored: z.number(),
});

/** A model in the storage of this origin. */
export interface StoredModel {
  readonly name: string;
  /** Of its files; what dtypes are made of it comes on top. */
  readonly bytes: number;
  readonly stored: number;
}

export interface DownloadProgress {
  readonly file: string;
  /** Those of an earlier attempt included. */
  readonly loadedBytes: number;
  /** Undefined where nobody says. */
  readonly totalBytes?: number;
}

export interface DownloadOptions extends SourceOptions {
  readonly onProgress?: (progress: DownloadProgress) => void;
}

/** What a model takes, before it is downloaded. */
export interface ModelEstimate {
  readonly name: string;
  readonly isStored: boolean;
  /** Undefined where the server does not say. */
  readonly downloadBytes?: number;
  /** Weights as they lie in memory, and with what a small run takes on top. A tab has 4 GiB for them. */
  readonly weightBytes?: number;
  readonly memoryBytes?: number;
  /** Of storage that is left to this origin. */
  readonly freeBytes?: number;
}

/** A path below storage that no name leads out of. */
const folderOf = (name: string) => join(modelsFolder, encodeURIComponent(name).replaceAll('.', '%2E'));

/** The folder of a model's files, or its GGUF file. */
function pathOf({ name, files }: { name: string; files: readonly string[] }): string {
  const folder = join(folderOf(name), 'files');
  const [only] = files;
  return files.length === 1 ? join(folder, only!) : folder;
}

const pathIn = (model: string, file: SourceFile) => join(folderOf(model), 'files', file.name);

/** A file that is still being downloaded. */
const partOf = (path: string) => `${path}.part`;

/** Where the dtypes of a model are kept, which go with it. */
export const conversionsOf = (name: string): string => join(folderOf(name), 'converted');

async function manifestOf(name: string): Promise<z.infer<typeof manifestSchema> | undefined> {
  const parsed = manifestSchema.safeParse(await readJsonObjectIfPresent(join(folderOf(name), manifestName)));
  return parsed.success ? parsed.data : undefined;
}

export async function listModels(): Promise<StoredModel[]> {
  if (!(await openStorage()) || !(await fileSystem.stat(modelsFolder))) return [];
  const names = await fileSystem.list(modelsFolder);
  const found = await Promise.all(names.map((name) => manifestOf(decodeURIComponent(name))));
  return found.flatMap((model) =>
    model ? [{ name: model.name, bytes: model.bytes, stored: model.stored }] : [],
  );
}

/** Deletes a model, or what there is of it, with its dtypes. */
export async function deleteModel(name: string): Promise<void> {
  const folder = folderOf(name);
  await withFileErrors(folder, 'written', () => fileSystem.remove(folder)); // a download has its files open
}

/** The path of a model that is stored already, or is downloaded now. A download that was interrupted goes on. */
export async function modelPath(
  source: string | readonly MountedFile[],
  options: DownloadOptions,
): Promise<{ name: string; path: string }> {
  await openStorage(); // without storage the files are in memory
  const known = typeof source === 'string' ? await manifestOf(nameIn(source, options)) : undefined;
  if (known) return { name: known.name, path: pathOf(known) };
  const found = await findModel(source, options);
  await alone(`download ${found.name}`, () => store(found, options), options.signal);
  return { name: found.name, path: pathOf({ name: found.name, files: found.files.map(({ name }) => name) }) };
}

/** As `findModel` names it. */
function nameIn(source: string, { revision = 'main' }: SourceOptions): string {
  if (URL.canParse(source)) return new URL(source).host + new URL(source).pathname.replace(/\/+$/, '');
  return revision === 'main' ? source : `${source}@${revision}`;
}

export async function estimateModel(
  source: string | readonly MountedFile[],
  { dtype = 'auto', ...options }: SourceOptions & { dtype?: string },
): Promise<ModelEstimate> {
  await openStorage();
  const known = typeof source === 'string' ? await manifestOf(nameIn(source, options)) : undefined;
  const found = known ? undefined : await findModel(source, options);
  const sizes = found?.files.map(({ size }) => size);
  const downloadBytes = known ? 0 : sum(sizes!);
  const weights = found?.files
    .filter(({ name }) => /\.(safetensors|gguf)$/i.test(name))
    .map(({ size }) => size);
  const stored = known ? known.bytes : sum(weights!);
  const weightBytes = stored && stored * growth(dtype);
  return {
    name: known?.name ?? found!.name,
    isStored: known !== undefined,
    downloadBytes,
    weightBytes,
    memoryBytes: weightBytes && weightBytes + smallRunBytes,
    freeBytes: await freeBytes(),
  };
}

/** From numbers in 16 bits to those of a dtype; of files in float32 it is too much by half. */
const growth = (dtype: string): number => ({ fp32: 2, q8: 0.6, q4: 0.4 })[dtype] ?? 1;

/** ONNX Runtime, the graph and the values of a step. */
const smallRunBytes = 300e6;

const sum = (sizes: readonly (number | undefined)[]): number | undefined =>
  sizes.reduce((total, size) => (total === undefined || size === undefined ? undefined : total + size), 0);

async function freeBytes(): Promise<number | undefined> {
  const { quota, usage = 0 } = (await web.navigator?.storage?.estimate?.()) ?? {};
  return quota === undefined ? undefined : quota - usage;
}

/** Throws if what is missing of a model is larger than what is left. */
async function checkRoom({ name, files }: FoundModel): Promise<void> {
  const missing = await Promise.all(
    files.map(async (file) => file.size && file.size - (await presentBytes(pathIn(name, file)))),
  );
  const needed = sum(missing) ?? 0;
  const free = await freeBytes();
  if (free === undefined || needed <= free) return;
  const inGigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  throw new PromptuneError(
    say`${name} takes ${inGigabytes(needed)}, but this browser has ${inGigabytes(free)} left for
      this site; delete another model first`,
  );
}

/** Differs where a file does, as far as is known before it is read. */
const versionOf = ({ files }: FoundModel): string =>
  JSON.stringify(files.map(({ name, size, version }) => `${name} ${size} ${version}`).sort());

/** Of a file, whole or in part. */
async function presentBytes(path: string): Promise<number> {
  const found = (await fileSystem.stat(path)) ?? (await fileSystem.stat(partOf(path)));
  return found?.size ?? 0;
}

/** Alone among all tabs. The signal ends waiting for the others. */
const alone = <T>(what: string, run: () => Promise<T>, signal?: AbortSignal): Promise<T> =>
  web.navigator?.locks ? web.navigator.locks.request(`promptune ${what}`, { signal }, run) : run();

/** Stores what is missing of a model, in the place of another of its name. */
async function store(found: FoundModel, options: DownloadOptions): Promise<void> {
  const { name, files } = found;
  const version = versionOf(found);
  if ((await manifestOf(name))?.version === version) return; // another tab was faster
  const folder = folderOf(name);
  const begun = await readJsonObjectIfPresent(join(folder, begunName));
  if (begun?.version !== version) await fileSystem.remove(folder);
  await checkRoom(found);
  await fileSystem.makeFolder(folder);
  await writeJsonAtomic(join(folder, begunName), { version });
  let bytes = 0;
  for (const file of files) {
    const path = pathIn(name, file);
    bytes += await withFileErrors(path, 'written', () => storeFile(path, file, options));
  }
  const manifest = { name, version, bytes, files: files.map(({ name }) => name), stored: Date.now() };
  await writeJsonAtomic(join(folder, manifestName), manifest satisfies z.infer<typeof manifestSchema>);
}

/** Downloads what is missing of a file. Returns its size. */
async function storeFile(
  path: string,
  file: SourceFile,
  { onProgress, signal }: DownloadOptions,
): Promise<number> {
  const whole = await fileSystem.stat(path);
  if (whole) return whole.size;
  await fileSystem.makeFolder(dirname(path));
  const partial = partOf(path);
  const target = await fileSystem.open(partial, 'append');
  try {
    let loadedBytes = await target.size();
    const { stream, starts, totalBytes } = await openSource(file, loadedBytes, signal);
    if (starts !== loadedBytes) await target.truncate(starts);
    loadedBytes = starts;
    for await (const chunk of stream) {
      signal?.throwIfAborted();
      await target.append(chunk);
      loadedBytes += chunk.length;
      onProgress?.({ file: file.name, loadedBytes, totalBytes });
    }
    await target.sync();
    if (totalBytes !== undefined && loadedBytes !== totalBytes)
      throw new PromptuneError(
        say`${file.name}: the download ended at ${loadedBytes} of ${totalBytes} bytes; try again`,
        { code: 'unavailable' },
      );
  } finally {
    await target.close();
  }
  if (file.sha256 !== undefined && (await fileDigest(partial, signal)) !== file.sha256) {
    await fileSystem.remove(partial);
    throw new FileError(path, undefined, say`its SHA-256 is not the one that the Hub has of it; try again`);
  }
  await fileSystem.rename(partial, path);
  return (await fileSystem.stat(path))!.size;
}

/** What comes of a file from a place on, or from its start where the server sends it whole. */
async function openSource(
  { name, size, from }: SourceFile,
  at: number,
  signal?: AbortSignal,
): Promise<{ stream: AsyncIterable<Uint8Array>; starts: number; totalBytes?: number }> {
  if ('blob' in from) return { stream: chunksOf(from.blob.stream()), starts: 0, totalBytes: from.blob.size };
  const isPart = at > 0 && (size === undefined || at < size);
  const headers = { ...from.headers, ...(isPart && { range: `bytes=${at}-` }) };
  const response = await request(from.url, { headers, signal });
  if (!response.ok || !response.body)
    throw new PromptuneError(say`${from.url} answers with ${response.status} instead of ${name}`, {
      code: 'unavailable',
    });
  const starts = response.status === 206 ? at : 0;
  const rest = sizeOf(response);
  return {
    stream: chunksOf(response.body as ReadableStream<Uint8Array>),
    starts,
    totalBytes: size ?? (rest === undefined ? undefined : starts + rest),
  };
}

/** Safari iterates no streams. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
