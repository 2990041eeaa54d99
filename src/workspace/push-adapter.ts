/** @file Uploads an adapter to the Hub, with a README.md. */
import { constants } from 'node:fs';
import { lstat, open, readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { adapterCard, commitTitle } from '../adapters/adapter-card.js';
import type { Method } from '../attach/method.js';
import { embeddedModel } from '../embedded-model.js';
import { FileError, UsageError } from '../errors.js';
import {
  type AdapterSource,
  baseModelOf,
  type PartsContent,
  type SingleContent,
  singlesIn,
} from '../formats/adapter-content.js';
import { filesInPieces, filesOf } from '../formats/adapter-files.js';
import { contentOf } from '../formats/adapter-folder.js';
import { withFileErrors } from '../formats/files.js';
import { ownName } from '../formats/own-file.js';
import { checkRepositoryName, type PushedFiles, type PushOptions, pushFiles } from '../hub/push-files.js';
import { hubEndpoint } from '../hub/request.js';
import { isHubName } from '../hub/resolve-model.js';
import { modelCompanions } from '../loading/save.js';
import { say } from '../say.js';

export interface PushAdapterOptions extends PushOptions {
  /** Your own methods, for the README.md. */
  readonly methods?: readonly Method[];
  /** The base model's name on the Hub, where the adapter names a folder, a file or nothing. */
  readonly baseModel?: string;
}

export interface AdapterUpload {
  /** What is uploaded, by path in the repository. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The generated README.md, for a repository that has none; undefined if `files` has a handwritten one. */
  readonly readme?: string;
  /** Title of the commit. */
  readonly title: string;
  /** Entries of the adapter's folder that are not an adapter's files. */
  readonly leftOut: readonly string[];
  /** The adapter's name of its base model, if others cannot use it, such as a path. */
  readonly localBase?: string;
}

export interface PushedAdapter extends PushedFiles, Pick<AdapterUpload, 'leftOut' | 'localBase'> {}

/**
 * What `pushAdapter` uploads: the adapter's files, nothing else of its folder, and nothing through links. Local paths
 * of models are shortened to their last part. Nothing is sent.
 *
 * @param adapter its folder, or an adapter that was loaded or trained
 * @param repository `owner/name`
 * @throws UsageError for another name; FileError if the folder is not an adapter's, or one of its files is a link
 */
export async function adapterUpload(
  adapter: AdapterSource,
  repository: string,
  { methods, baseModel, endpoint }: Pick<PushAdapterOptions, 'methods' | 'baseModel' | 'endpoint'> = {},
): Promise<AdapterUpload> {
  checkRepositoryName(repository);
  if (baseModel !== undefined && !isHubName(baseModel))
    throw new UsageError(
      say`expected the base model's name on the Hub, such as openai-community/gpt2, got
        "${baseModel}"`,
    );
  const { content, sent, files, hasOwnReadme, leftOut } = await packed(adapter, baseModel);
  const parts = singlesIn(sent);
  const named = baseModel ?? baseModelOf(singlesIn(content)[0]!);
  const isOnHub = baseModel !== undefined || (named !== undefined && (await isNameOnHub(named)));
  const isPlaced = 'template' in content && content.template !== undefined;
  const subject = { parts, isPlaced, methods, repository, base: isOnHub ? named : undefined };
  const isLocal = named !== undefined && !isOnHub && named !== embeddedModel;
  return {
    files,
    title: commitTitle(subject),
    leftOut,
    ...(!hasOwnReadme && {
      readme: adapterCard({ ...subject, page: `${hubEndpoint({ endpoint })}/${repository}` }),
    }),
    ...(isLocal && { localBase: named }),
  };
}

/**
 * Uploads an adapter's files, as `adapterUpload` gives them, as one commit. A README.md is generated unless the folder
 * or the repository has a handwritten one.
 *
 * @param adapter its folder, or an adapter that was loaded or trained
 * @param repository `owner/name`
 * @throws as `adapterUpload`, and UsageError without a token: all before anything is uploaded. PromptuneError if the
 *   Hub refuses
 */
export async function pushAdapter(
  adapter: AdapterSource,
  repository: string,
  options: PushAdapterOptions = {},
): Promise<PushedAdapter> {
  const { files, title, readme, ...notes } = await adapterUpload(adapter, repository, options);
  return { ...(await pushFiles(files, repository, { ...options, title, readme })), ...notes };
}

/** An adapter as it is uploaded. */
interface Packed {
  readonly content: SingleContent | PartsContent;
  /** The content of `files`. */
  readonly sent: SingleContent | PartsContent;
  /** By their paths in the repository. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Whether its README.md is handwritten, instead of the short one that each adapter is saved with. */
  readonly hasOwnReadme: boolean;
  readonly leftOut: readonly string[];
}

/** @throws FileError if it is not an adapter, or damaged; UsageError if it is a whole model */
async function packed(source: AdapterSource, baseModel: string | undefined): Promise<Packed> {
  const content = await contentOf(source);
  if (content.form === 'model')
    throw new UsageError(say`this is a whole model; only adapters are uploaded`, { code: 'unsupported' });
  const sent = published(content, baseModel);
  const generated = filesOf(sent);
  if (typeof source !== 'string')
    return { content, sent, files: generated, hasOwnReadme: false, leftOut: [] };
  const { files, leftOut } = await filesIn(source, content);
  const original = filesOf(content);
  let hasOwnReadme = false;
  for (const [path, bytes] of files) {
    const isGenerated = isSame(bytes, original.get(path));
    if (path === 'README.md') hasOwnReadme = !isGenerated;
    const isChanged = !isSame(original.get(path), generated.get(path));
    // A configuration that stays the same is uploaded as it is, since others may format it differently.
    if (isChanged && (isGenerated || ['adapter_config.json', ownName].includes(basename(path))))
      files.set(path, generated.get(path)!);
  }
  return { content, sent, files, hasOwnReadme, leftOut };
}

const isSame = (a: Uint8Array | undefined, b: Uint8Array | undefined) =>
  a === b || (a !== undefined && b !== undefined && Buffer.compare(a, b) === 0);

/** Files that may accompany an adapter's own: a card, and those of its tokenizer. */
const companions = ['README.md', 'LICENSE', ...modelCompanions];

/**
 * The files of an adapter's folder that are the adapter's. Others may be notes, keys or targets of links.
 * @throws FileError if one of the adapter's files is a link
 */
async function filesIn(
  folder: string,
  content: SingleContent | PartsContent,
): Promise<{ files: Map<string, Uint8Array>; leftOut: string[] }> {
  const own = new Set([...filesInPieces(content).keys(), ...companions]);
  const inner = content.form === 'parts' ? content.parts.map(({ name }) => name) : [];
  const files = new Map<string, Uint8Array>();
  const leftOut: string[] = [];
  for (const part of ['', ...inner]) {
    await refuseLink(join(folder, part), part !== '');
    for (const name of (await readdir(join(folder, part))).sort()) {
      const path = part === '' ? name : `${part}/${name}`;
      if (inner.includes(path)) continue;
      const isOwn = own.has(path) || companions.includes(name);
      if (isOwn) files.set(path, await readOwnFile(join(folder, path)));
      else leftOut.push(path);
    }
  }
  return { files, leftOut };
}

/** The bytes of a regular file. Links are never followed. */
async function readOwnFile(path: string): Promise<Uint8Array> {
  await refuseLink(path, true);
  return withFileErrors(path, 'read', async () => {
    // If a link replaces it meanwhile, the system refuses to open it.
    const handle = await open(
      path,
      constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
    );
    try {
      if (!(await handle.stat()).isFile()) throw new FileError(path, undefined, say`expected a file`);
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  });
}

async function refuseLink(path: string, mayNotBeLink: boolean): Promise<void> {
  if (mayNotBeLink && (await lstat(path)).isSymbolicLink())
    throw new FileError(
      path,
      undefined,
      say`this is a link, and links are not followed; put a copy in its place`,
    );
}

/** Whether a name is a path: names on the Hub have at most one slash, and no leading folder. */
const isPath = (name: string) => /[\\]|^[/~.]|^[A-Za-z]:|\/.*\//.test(name);

/** Fields of adapter_config.json that name a model or a tokenizer. */
const nameFields = ['base_model_name_or_path', 'tokenizer_name_or_path', 'model_name'];

const withoutFolder = (name: string) => (isPath(name) ? (name.split(/[/\\]/).findLast(Boolean) ?? '') : name);

/** Paths shortened to their last part, to keep local folders private. */
function withoutPaths(config: SingleContent['config']): Record<string, string> {
  const entries = nameFields.flatMap((field) => {
    const name = config[field];
    return typeof name === 'string' && isPath(name) ? [[field, withoutFolder(name)]] : [];
  });
  return Object.fromEntries(entries);
}

/** The content as others can use it. */
function published<Content extends SingleContent | PartsContent>(
  content: Content,
  baseModel: string | undefined,
): Content {
  const name = baseModel ?? (content.base?.name && withoutFolder(content.base.name));
  const base = content.base && { base: { ...content.base, ...(name !== undefined && { name }) } };
  if (content.form === 'parts') {
    const parts = content.parts.map((part) => ({ ...part, content: published(part.content, baseModel) }));
    return { ...content, ...base, parts };
  }
  const baseField = content.form === 'peft' ? 'base_model_name_or_path' : 'model_name';
  const named = baseModel === undefined ? {} : { [baseField]: baseModel };
  return { ...content, ...base, config: { ...content.config, ...withoutPaths(content.config), ...named } };
}

/** A local folder takes precedence over the Hub, as in `resolveModel`. The Hub refuses cards with names it lacks. */
async function isNameOnHub(name: string): Promise<boolean> {
  if (name === embeddedModel || !isHubName(name) || /\.gguf$/i.test(name)) return false;
  return (await stat(resolve(name)).catch(() => undefined)) === undefined;
}
