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

/** Results in a store are found by the contents of the model and the adapters, wherever they lie. */
export async function openPieces(
  { engine, of, store, machineClass: named, signal }: PiecesOptions,
  { model, tokenizer }: Pretrained,
): Promise<Pieces> {
  const threads = of.threads ?? engine.threads;
  const weights = await weightsDigest(model.source);
  const files: PortableFiles[] = [];
  if (engine.isElsewhere)
    for (const [i, folder] of (of.adapters ?? []).entries())
      files.push(await listedFiles(['of', 'adapters', i], await findAdapter(folder)));
  const own = { ...of, ...(threads !== undefined && { threads }), ...(engine.isElsewhere && { weights }) };
  if (!store && !engine.isElsewhere) return { engine, of: own, signal };
  const found =
    named ??
    engine.machineClass ??
    (await classInStore(store!, { threads: threads ?? 1, device: of.device }));
  const adapters: string[] = [];
  for (const folder of of.adapters ?? []) {
    const hash = sha256();
    for (const [name, bytes] of filesOf(await readAdapter(await findAdapter(folder))))
      hash.update(`${name} ${bytes.length}\n`).update(bytes);
    adapters.push(hash.hex());
  }
  const contents = {
    weights,
    configuration: sha256().update(JSON.stringify(model.source.config, sortKeys)).hex(),
    tokenizer: tokenizerDigest(tokenizer),
    adapters,
    task: of.task,
    dtype: model.dtype,
  };
  return {
    engine,
    of: { ...own, threads: threads ?? 1 },
    files,
    store,
    identity: { machineClass: found, contents },
    signal,
  };
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
