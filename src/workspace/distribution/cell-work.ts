/** @file The cells of a comparison as works: their keys, their files, and how one is done. */
import { basename, join } from 'node:path';
import { contentDigests, pathsIn } from '../../comparison/cell-contents.js';
import { type Cell, type CellContents, type CellResult, predictionsName } from '../../comparison/cells.js';
import { readFiles } from '../../distribution/folder-store.js';
import type { PortableFiles, ResultFiles, Work } from '../../distribution/work.js';
import { workKey } from '../../distribution/work-key.js';
import { isDatasetName } from '../../formats/dataset-name.js';
import { fileDigest } from '../../formats/digest.js';
import { writeFileAtomic } from '../../formats/files.js';
import { fromPretrained } from '../../pretrained.js';
import { eventFilePrefix } from '../../runs/tensorboard.js';
import { planTraining } from '../../training/plan.js';
import { listedFiles } from './portable-files.js';

export interface CellInput {
  readonly cell: Cell;
  readonly offline?: boolean;
  /** SHA-256 that the model's weights must have, on machines with models of their own. */
  readonly weights?: string;
}

/** Reads the contents of cells, each model and each file once. */
export async function readContents(
  model: string,
  options: { revision?: string; offline?: boolean; signal?: AbortSignal },
): Promise<(cell: Cell) => Promise<CellContents>> {
  const pretrained = await fromPretrained(model, options);
  const digests = contentDigests({ ...pretrained, signal: options.signal });
  return ({ settings }) => digests(settings);
}

/** The work of a cell. Its key has the number of threads in the class. */
export function cellWork(
  cell: Cell,
  contents: CellContents,
  { machineClass, offline, files }: { machineClass: string; offline?: boolean; files?: PortableFiles[] },
): Work {
  const { run, test: _test, model: _model, reading, ...scoring } = cell.settings;
  const settings = {
    ...scoring,
    reading: withoutPlaces(reading),
    run: run && withoutPlaces({ ...run, methodOptions: withoutPaths(run.methodOptions) }),
  };
  const input: CellInput = { cell, offline, ...(files && { weights: contents.weights }) };
  return {
    key: workKey({ kind: 'cell', machineClass, contents, settings }),
    kind: 'cell',
    label: cell.id,
    input,
    ...(files && { files }),
    cost: costOf(cell),
  };
}

/** Settings that say where something is, or that the class of the machine has. */
const places = ['data', 'revision', 'threads', 'device', 'tensorboard'];

function withoutPlaces(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(settings).filter(
    ([name, value]) => !places.includes(name) && !(name === 'validation' && typeof value !== 'number'),
  );
  return Object.fromEntries(entries);
}

/** A method's options without paths, whose contents count. */
function withoutPaths(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const copy = structuredClone(options) as Record<string, unknown>;
  for (const { at } of pathsIn(options)) {
    const holder = at.slice(0, -1).reduce((part, name) => part[name] as Record<string, unknown>, copy);
    delete holder[at.at(-1)!];
  }
  return copy;
}

/** Examples that are trained on, which is what most of a cell's time goes into. */
function costOf({ size, settings: { run } }: Cell): number {
  if (!run) return 1;
  const { batchSize, gradientAccumulationSteps } = run;
  const examples = size === 'all' ? 1e6 : size;
  return (
    planTraining(run, { examples, hasValidation: false }).totalSteps * batchSize * gradientAccumulationSteps
  );
}

/** The files that a cell reads, for machines that do not have them; not models, nor data sets of the Hub. */
export async function cellFiles({ settings: { run, test } }: Cell): Promise<PortableFiles[]> {
  const found: PortableFiles[] = [];
  const add = async (path: unknown, ...at: (string | number)[]) => {
    if (typeof path !== 'string' || isDatasetName(path)) return;
    const files = [{ name: basename(path), sha256: await fileDigest(path) }];
    found.push({ at: ['cell', 'settings', ...at], isFolder: false, files });
  };
  await add(test, 'test');
  for (const name of ['data', 'validation'] as const) {
    const given = run?.[name];
    if (!Array.isArray(given)) await add(given, 'run', name);
    else for (const [i, path] of given.entries()) await add(path, 'run', name, i);
  }
  for (const { at, path } of pathsIn(run?.methodOptions)) {
    const place = ['cell', 'settings', 'run', 'methodOptions', ...at];
    found.push(await listedFiles(place, path));
  }
  return found;
}

/** The files of a finished cell's folder that are its result. */
export async function resultOfCell(folder: string): Promise<ResultFiles> {
  const all = await readFiles(folder);
  const wanted = (name: string) =>
    ['result.json', 'measured.json', predictionsName, 'run/config.yaml', 'run/metrics.jsonl'].includes(
      name,
    ) ||
    name.startsWith('run/adapter/') ||
    name.startsWith(`run/${eventFilePrefix}`);
  return new Map([...all].filter(([name]) => wanted(name)));
}

/** Puts a cell's result into its folder, where it then looks as if it had been computed there. */
export async function writeCellFolder(folder: string, files: ResultFiles): Promise<CellResult> {
  const resultLast = [...files].sort(([a], [b]) => Number(a === 'result.json') - Number(b === 'result.json'));
  for (const [name, bytes] of resultLast) await writeFileAtomic(join(folder, ...name.split('/')), bytes);
  return cellResult(files);
}

export function cellResult(files: ResultFiles): CellResult {
  const json = (name: string) => JSON.parse(new TextDecoder().decode(files.get(name)));
  return { ...json('measured.json'), ...json('result.json') };
}
