/** @file What several commands share: the options that name a model and an adapter, and reading values from the command line. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type CausalLM, fromPretrained, type Pretrained } from '../index.js';
import type { Adapter } from '../methods/method.js';
import { loadAdapter } from '../methods/registry.js';
import { type Device, deviceNames } from '../runtime/index.js';

export function wholeNumber(text: string): number {
  if (!/^-?\d+$/.test(text)) throw new InvalidArgumentError('expected a whole number.');
  return Number(text);
}

export function decimalNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw new InvalidArgumentError('expected a number.');
  return value;
}

/** For options that may be given several times. */
export function collect(value: string, earlier: string[] | undefined): string[] {
  return [...(earlier ?? []), value];
}

export interface ModelFlags {
  model?: string;
  revision?: string;
  offline?: boolean;
  device?: Device;
  threads?: number;
}

/** Adds the options by which every command finds its model and its device. */
export function withModelOptions(command: Command): Command {
  return command
    .option('--model <name>', 'a folder, or a model of the Hugging Face Hub')
    .option('--revision <name>', "the model's branch, tag or commit on the Hub (default: main)")
    .option('--offline', 'use only what is on this machine (also HF_HUB_OFFLINE=1)')
    .addOption(new Option('--device <name>', 'where to compute (default: cpu)').choices(deviceNames))
    .option('--threads <n>', 'threads to compute with (default: one a core)', wholeNumber);
}

/** Loads the model that the options name; shows a download's progress on stderr. */
export async function loadModel(
  name: string,
  { revision, offline }: ModelFlags,
  signal: AbortSignal,
): Promise<Pretrained> {
  let shown = false;
  const pretrained = await fromPretrained(name, {
    revision,
    offline,
    signal,
    onProgress: ({ file, loadedBytes, totalBytes }) => {
      if (!process.stderr.isTTY) return;
      shown = true;
      const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
      process.stderr.write(`\r\x1b[K${file}: ${megabytes(loadedBytes)} of ${megabytes(totalBytes)}`);
    },
  });
  if (shown) process.stderr.write('\r\x1b[K');
  return pretrained;
}

export async function loadAdapterIfGiven(
  folder: string | undefined,
  model: CausalLM,
): Promise<Adapter | undefined> {
  return folder === undefined ? undefined : loadAdapter(folder, model);
}

/** A signal that the first Ctrl-C aborts. A second one ends the process at once. */
export function interruptSignal(onInterrupt?: () => void): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      onInterrupt?.();
      controller.abort();
    });
  }
  return controller.signal;
}
