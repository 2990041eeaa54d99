/** @file What commands share: the options that name a model, an adapter and a device, and loading what they name. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { ownHead, withHead } from '../../attach/head.js';
import { embeddedModel } from '../../embedded-model.js';
import { FileError, UsageError } from '../../errors.js';
import { compositionName } from '../../formats/composition.js';
import { removeLeftovers } from '../../formats/files.js';
import {
  type Adapter,
  composeAdapters,
  fromPretrained,
  type LanguageModel,
  loadAdapter,
  type ModelDtype,
  modelDtypes,
  type Pretrained,
} from '../../index.js';
import { nothing } from '../../methods/head-alone.js';
import { type Device, deviceNames } from '../../runtime/index.js';
import { formatBytes } from '../terminal/format.js';
import { progressLine } from '../terminal/progress-line.js';
import { countingNumber, wholeNumber } from './arguments.js';

export interface ModelFlags {
  model?: string;
  revision?: string;
  offline?: boolean;
  dtype?: ModelDtype;
}

export interface DeviceFlags {
  device?: Device;
  threads?: number;
}

/** Each call makes options of its own: a command keeps things in them. */
export const modelOptions = () => ({
  model: new Option(
    '--model <name>',
    `a folder, or a model of the Hugging Face Hub (default: ${embeddedModel}, which comes with promptune)`,
  ),
  revision: new Option('--revision <name>', "the model's branch, tag or commit on the Hub (default: main)"),
  offline: new Option(
    '--offline',
    'use only what is on this machine; also HF_HUB_OFFLINE=1 (default: download)',
  ),
});

/** For commands that use a model as it is and change none of its weights. */
export const dtypeOption = () =>
  new Option(
    '--dtype <name>',
    `in how many bits the model's matrices are kept: ${modelDtypes.join(', ')} (default: auto, as they are stored)`,
  ).choices(modelDtypes);

export const deviceOptions = () => ({
  device: new Option('--device <name>', `where to compute: ${deviceNames.join(', ')} (default: cpu)`).choices(
    deviceNames,
  ),
  threads: new Option('--threads <n>', 'threads to compute with (default: one a core)').argParser(
    countingNumber,
  ),
});

/** Adds options in order under a heading. */
export function addOptions(command: Command, heading: string, options: Iterable<Option>): Command {
  for (const option of options) command.addOption(option.helpGroup(heading));
  return command;
}

/** Loads the model that the options name, or the embedded one; shows a download's progress. */
export async function openModel(
  { model, revision, offline, dtype }: ModelFlags,
  signal: AbortSignal,
): Promise<Pretrained> {
  const line = progressLine();
  try {
    return await fromPretrained(model, {
      revision,
      offline,
      dtype,
      signal,
      onProgress: ({ file, loadedBytes, totalBytes }) =>
        line.show(`${file}: ${formatBytes(loadedBytes)} of ${formatBytes(totalBytes)}`),
    });
  } finally {
    line.clear();
  }
}

export interface AdapterFlags {
  /** Several are used together. */
  adapter?: string[];
  task?: number;
}

export const adapterOptions = () => [
  new Option(
    '--adapter <folder>',
    'what was learned, such as runs/cats; several are used together, in the order given (default: the model alone)',
  ).argParser<string[]>((written, earlier) => [...(earlier ?? []), written]),
  new Option('--task <n>', 'of an adapter for several tasks, which one (default: 0)').argParser(wholeNumber),
];

export async function loadAdapterIfGiven(
  { adapter: folders = [], task }: AdapterFlags,
  model: LanguageModel,
): Promise<Adapter | undefined> {
  const adapters: Adapter[] = [];
  for (const folder of folders) adapters.push(await loadAdapter(await adapterFolder(folder), model));
  const adapter = adapters.length === 0 ? undefined : composeAdapters(adapters);
  if (adapter?.tasks) return adapter.tasks.select(task ?? 0);
  if (task !== undefined) throw new UsageError('--task: there is no adapter of several tasks to choose from');
  return adapter;
}

/** An adapter with a head: the one that was given, or, without any, that of a model that was fine-tuned as a whole. */
export async function withHeadIfAny(
  adapter: Adapter | undefined,
  model: LanguageModel,
): Promise<Adapter | undefined> {
  if (adapter) return adapter.head && adapter;
  const head = await ownHead(model);
  return head && withHead(nothing(), head);
}

/** Where a command writes what it makes. Throws a UsageError where that is not said, or there is something already. */
export async function newFolder(output: string | undefined): Promise<string> {
  if (output === undefined) throw new UsageError('no folder for the new adapter is given; add --output');
  const exists = await stat(output).catch(() => undefined);
  if (exists) throw new UsageError(`--output: ${output} is there already; give a folder that is not`);
  return output;
}

/**
 * The folder of an adapter, which is also found where that of its run is given.
 * @param remedy what to do where it is a whole model
 */
export async function adapterFolder(
  folder: string,
  remedy = 'give it as --model, without --adapter',
): Promise<string> {
  const has = (...path: string[]) =>
    stat(join(folder, ...path)).then(
      () => true,
      () => false,
    );
  const isAdapter = async (...path: string[]) =>
    (await has(...path, 'adapter_config.json')) || (await has(...path, compositionName));
  if (await isAdapter()) return folder;
  await removeLeftovers(join(folder, 'adapter')); // where a run was killed, it may have been moved aside
  if (await isAdapter('adapter')) return join(folder, 'adapter');
  for (const inner of ['', 'adapter']) {
    if (!(await has(inner, 'config.json'))) continue;
    const problem = 'this is a whole model and not an adapter';
    throw new FileError(join(folder, inner), undefined, `${problem}; ${remedy}`);
  }
  return folder;
}
