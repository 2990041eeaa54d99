/** @file Options of model, adapters and device that commands share, and loading what they name. */
import { type Command, Option } from 'commander';
import type { ModelDtype, Pretrained } from '../../index.js';
import type { Device } from '../../runtime/index.js';
import { type AdapterChoice, openForAdapters, trainRequestSchema } from '../../workspace/index.js';
import { jobProgress } from '../terminal/job-progress.js';
import { wholeNumber } from './arguments.js';
import { flagsOf } from './schema-flags.js';

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

/** Each call creates new options, since commands keep state in them. */
export function modelOptions() {
  const [model, revision] = flagsOf(trainRequestSchema, { only: ['model', 'revision'] });
  const offline = new Option('--offline', 'use only local files; also HF_HUB_OFFLINE=1 (default: download)');
  return { model: model!, revision: revision!, offline };
}

/** For commands that do not change the model's weights. */
export const dtypeOption = () => flagsOf(trainRequestSchema, { only: ['dtype'] })[0]!;

export const deviceOptions = () => flagsOf(trainRequestSchema, { only: ['device', 'threads'] });

/** Adds options in order under a heading. */
export function addOptions(command: Command, heading: string, options: Iterable<Option>): Command {
  for (const option of options) command.addOption(option.helpGroup(heading));
  return command;
}

/**
 * Loads the model that the options name, or that of their adapters, or the embedded one. Shows a download's progress,
 * and warns if the model is not the adapter's.
 */
export async function openModel(
  { model, revision, offline, dtype, adapter }: ModelFlags & { adapter?: string | readonly string[] },
  signal: AbortSignal,
): Promise<Pretrained> {
  const progress = jobProgress();
  try {
    const adapters = adapter === undefined ? [] : [adapter].flat();
    const { note, ...pretrained } = await openForAdapters(model, adapters, {
      revision,
      offline,
      dtype,
      signal,
      onProgress: progress.download,
    });
    if (note !== undefined) console.error(note);
    return pretrained;
  } finally {
    progress.clear();
  }
}

export interface AdapterFlags {
  /** Several are combined. */
  adapter?: string[];
  task?: number;
}

export const adapterOptions = () => [
  new Option(
    '--adapter <folder>',
    'trained adapter, such as runs/cats; several are combined in the given order (default: the model alone)',
  ).argParser<string[]>((written, earlier) => [...(earlier ?? []), written]),
  new Option('--task <n>', 'task to use, for an adapter with several tasks (default: 0)').argParser(
    wholeNumber,
  ),
];

export const adapterChoice = ({ adapter, task }: AdapterFlags): AdapterChoice => ({
  adapters: adapter,
  task,
});
