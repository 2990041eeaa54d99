/** @file Pieces of what a command computes: who does them, with which model, and what their keys depend on. */
import { sha256 } from '#platform';
import type { Store } from '../../distribution/store.js';
import type { Engine, PortableFiles } from '../../distribution/work.js';
import { filesOf } from '../../formats/adapter-files.js';
import { readAdapter } from '../../formats/adapter-folder.js';
import { weightsDigest } from '../../formats/digest.js';
import { jsonText, sortKeys } from '../../formats/json.js';
import type { Pretrained } from '../../open-pretrained.js';
import { tokenizerDigest } from '../../runs/run-inputs.js';
import { findAdapter } from '../find-adapter.js';
import { machineClass } from './machine-class.js';
import type { PieceModel } from './pieces.js';
import { listedFiles } from './portable-files.js';
import type { Pieces } from './remote.js';

export interface PiecesOptions {
  readonly engine: Engine;
  readonly of: PieceModel;
  /** Where results of pieces are kept. Default: nowhere. */
  readonly store?: Store;
  /** The class of those who compute them. Default: that of this machine. */
  readonly machineClass?: string;
  readonly signal?: AbortSignal;
}

/**
 * Opens pieces, whose engine gets ready for them meanwhile. Results in a store are found by the contents of the model
 * and the adapters, wherever they lie.
 */
export async function openPieces(options: PiecesOptions, pretrained: Pretrained): Promise<Pieces> {
  const pieces = await describePieces(options, pretrained);
  pieces.engine.prepare?.(pieces.of);
  return pieces;
}

async function describePieces(
  { engine, of, store, machineClass: named, signal }: PiecesOptions,
  { model, tokenizer }: Pretrained,
): Promise<Pieces> {
  const threads = of.threads ?? engine.threads;
  const weights = await weightsDigest(model.source);
  const { adapters = [], task, ...bare } = of;
  const alone: Pieces = {
    engine,
    // The model alone is that of the adapters as well, where none is named.
    of: {
      ...bare,
      model: of.model ?? model.name,
      ...(threads !== undefined && { threads }),
      ...(engine.isElsewhere && { weights }),
    },
    signal,
  };
  if (!store && !engine.isElsewhere) return withAdapters(alone, adapters, task);
  const shared = { ...alone, store, of: { ...alone.of, threads: threads ?? 1 } };
  const found =
    named ??
    engine.machineClass ??
    (await classInStore(store!, { threads: threads ?? 1, device: of.device }));
  const contents = {
    weights,
    configuration: sha256().update(JSON.stringify(model.source.config, sortKeys)).hex(),
    tokenizer: tokenizerDigest(tokenizer),
    dtype: model.dtype,
  };
  return withAdapters({ ...shared, identity: { machineClass: found, contents } }, adapters, task);
}

/** Pieces of the same model with these adapters instead of those that it has; without any, of the model alone. */
export async function withAdapters(
  { of, files: _, identity, ...pieces }: Pieces,
  adapters: readonly string[],
  task?: number,
): Promise<Pieces> {
  const folders = await Promise.all(adapters.map((folder) => findAdapter(folder)));
  const used = folders.length > 0 ? { adapters: folders, task } : { adapters: undefined, task: undefined };
  const changed: Pieces = { ...pieces, of: { ...of, ...used } };
  if (!identity) return changed;
  const digests: string[] = [];
  for (const folder of folders) {
    const hash = sha256();
    for (const [name, bytes] of filesOf(await readAdapter(folder)))
      hash.update(`${name} ${bytes.length}\n`).update(bytes);
    digests.push(hash.hex());
  }
  const files: PortableFiles[] = [];
  if (pieces.engine.isElsewhere)
    for (const [i, folder] of folders.entries()) files.push(await listedFiles(['of', 'adapters', i], folder));
  const contents = { ...identity.contents, adapters: digests, task: folders.length > 0 ? task : undefined };
  return { ...changed, files, identity: { ...identity, contents } };
}

/** The class of this machine, whose description is put into the store. */
export async function classInStore(
  store: Store,
  options: Parameters<typeof machineClass>[0],
): Promise<string> {
  const found = await machineClass(options);
  await store.create(
    `class/${found.id}`,
    new Map([['class.json', new TextEncoder().encode(jsonText(found))]]),
  );
  return found.id;
}
