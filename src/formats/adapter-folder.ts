/** @file Reads and writes adapter folders of every format. No other file does. */
import { join } from '#platform';
import { FileError } from '../errors.js';
import { say } from '../say.js';
import {
  type AdapterContent,
  type AdapterSource,
  heldContent,
  type PartsContent,
  type SingleContent,
} from './adapter-content.js';
import { filesInPieces, templateName } from './adapter-files.js';
import { isAdapterHub, parseAdapterHub } from './adapterhub.js';
import { listFolder, writeFileAtomic, writeFolderAtomic } from './files.js';
import { readJsonObject } from './json.js';
import { areOfAdapter, ownName, parseOwnFile } from './own-file.js';
import { parsePeft } from './peft.js';
import { readAllFloat32 } from './safetensors.js';

const configName = 'adapter_config.json';
const trainableName = 'trainable.safetensors';

/**
 * @param folder an adapter's, or that of the run that learned it
 * @throws FileError if the folder is not an adapter, or one of its files is damaged or unsupported; the signal's reason
 */
export async function readAdapter(
  folder: string,
  signal?: AbortSignal,
): Promise<SingleContent | PartsContent> {
  const names = await listFolder(folder, say`an adapter folder`);
  if (!areOfAdapter(names) && names.has('adapter')) return readAdapter(join(folder, 'adapter'), signal);
  const ownPath = join(folder, ownName);
  const { parts, ...notes } = names.has(ownName) ? parseOwnFile(await readJsonObject(ownPath), ownPath) : {};
  const plain = parts
    ? await readParts(folder, names, parts, signal)
    : await readSingle(folder, names, signal);
  const content = { ...plain, ...notes };
  if (content.form === 'adapterhub' || !names.has(templateName)) return content;
  const path = join(folder, templateName);
  const { template } = await readJsonObject(path);
  if (typeof template !== 'string')
    throw new FileError(
      path,
      'template',
      say`expected the template of the soft tokens, such as "{soft:9}{text}"`,
    );
  return { ...content, template };
}

/** The content of an adapter from a folder or memory. Throws like `readAdapter` and `heldContent`. */
export async function contentOf(source: AdapterSource, signal?: AbortSignal): Promise<AdapterContent> {
  return typeof source === 'string' ? readAdapter(source, signal) : heldContent(source);
}

/** Writes an adapter's folder atomically, replacing an existing one; aborted, it stays as it was. */
export async function writeAdapter(
  folder: string,
  content: AdapterContent,
  signal?: AbortSignal,
): Promise<void> {
  await writeFolderAtomic(folder, async (temporary) => {
    for (const [file, pieces] of filesInPieces(content))
      await writeFileAtomic(
        join(temporary, file),
        typeof pieces === 'string' ? pieces : heeded(pieces, signal),
      );
  });
}

function* heeded<Piece>(pieces: Iterable<Piece>, signal?: AbortSignal): Iterable<Piece> {
  for (const piece of pieces) {
    signal?.throwIfAborted();
    yield piece;
  }
}

async function readParts(
  folder: string,
  names: ReadonlySet<string>,
  partNames: readonly string[],
  signal?: AbortSignal,
): Promise<PartsContent> {
  const parts: { name: string; content: SingleContent }[] = [];
  for (const name of partNames) {
    if (!names.has(name))
      throw new FileError(folder, name, say`promptune.json names this part, but its folder is missing`);
    const part = join(folder, name);
    parts.push({
      name,
      content: await readSingle(part, await listFolder(part, say`an adapter folder`), signal),
    });
  }
  return { form: 'parts', where: folder, parts };
}

async function readSingle(
  folder: string,
  names: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<SingleContent> {
  if (!names.has(configName))
    throw new FileError(folder, configName, say`the file is missing, so this is not an adapter folder`);
  const config = await readJsonObject(join(folder, configName));
  const weights = (name: string, pickled: string, remedy: string) => {
    if (names.has(name)) return readAllFloat32(join(folder, name), signal);
    const problem = names.has(pickled)
      ? say`the tensors are in PyTorch's pickle format, which is not supported because loading it can
        run code; ${remedy}`
      : say`the file is missing, so the adapter has no tensors`;
    throw new FileError(folder, name, problem);
  };
  if (isAdapterHub(names, config)) {
    const remedy = say`save it again with save_adapter(..., use_safetensors=True) of the adapters library`;
    const tensors = await weights('adapter.safetensors', 'pytorch_adapter.bin', remedy);
    return parseAdapterHub(folder, config, tensors);
  }
  const remedy = say`save it again in PEFT with safe_serialization=True`;
  const tensors = await weights('adapter_model.safetensors', 'adapter_model.bin', remedy);
  const trainable = names.has(trainableName)
    ? await readAllFloat32(join(folder, trainableName), signal)
    : undefined;
  return parsePeft(folder, config, { tensors, trainable });
}
